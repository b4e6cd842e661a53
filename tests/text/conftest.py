"""Text as hostile as people can type it, and a judge of what a message shows."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from bridge.events import MentionKind
from bridge.text import BREAK, CodeBlock, Emoji, Link, Mentioned, Quote, RichText, Style, Text

TRICKS = (
    *("*", "**", "***", "_", "__", "~~", "|", "||", "`", "``", "```", "\\", "\\\\", "[", "](", ")", "<", ">"),
    *("> ", ">>> ", "# ", "-# ", "- ", "1. ", "\n", " ", "  ", "§k", "§", "&7", "{player}", "%name%"),
    *("<@1>", "<@!2>", "<@&3>", "<#4>", "<t:0:R>", "<:a:5>", "<a:b:6>", "</list:7>", "@everyone", "@here"),
    *(
        "https://a.b/c_d_e",
        "http://x.y/(z)",
        "https://",
        "steam://run/x_y_",
        "[x](javascript:alert)",
        "@e[r=5]",
    ),
    *(
        "\u202e",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\U000f0000",
        "\u2028",
        "\t",
        "\r",
    ),
    *(
        '{"text":"x"}',
        "<script>",
        "&lt;",
        '"',
        "'",
        "a",
        "Mira",
        "_names_",
        "1.2.3.4",
        "::1",
        "é",
        "🇫🇷",
        "¯\\_(ツ)_/¯",
    ),
)

typed = st.lists(st.one_of(st.sampled_from(TRICKS), st.text(max_size=6)), max_size=14).map("".join)
"""What somebody may type."""

_styles = st.builds(
    Style,
    bold=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    strikethrough=st.booleans(),
    spoiler=st.booleans(),
    code=st.booleans(),
    colour=st.none() | st.integers(0, 0xFFFFFF),
)
_urls = st.sampled_from(
    ("https://a.b/c_d", "http://x.y/?q=(1)", "https://e.f/*|`", "javascript:alert(1)", "https://g h")
)
_spans = st.one_of(
    st.builds(Text, typed, _styles),
    st.builds(Link, typed, _urls, _styles, st.booleans()),
    st.builds(Mentioned, st.sampled_from(MentionKind), typed, st.just("1"), _styles),
    st.builds(Emoji, st.sampled_from(("ok", "a_b")), st.sampled_from(("", "12")), st.booleans(), _styles),
    st.builds(CodeBlock, typed, st.sampled_from(("", "py", "x y"))),
    st.just(BREAK),
)
rich_texts = st.lists(
    st.one_of(_spans, st.builds(lambda spans: Quote(RichText.of(*spans)), st.lists(_spans, max_size=3))),
    max_size=6,
).map(lambda spans: RichText.of(*spans))
"""Any value, also ones that no parser would make."""


@pytest.fixture(scope="session")
def typed_texts() -> st.SearchStrategy[str]:
    """Strategy for what somebody may type."""
    return typed


@pytest.fixture(scope="session")
def any_rich() -> st.SearchStrategy[RichText]:
    """Strategy for rich text of every kind."""
    return rich_texts
