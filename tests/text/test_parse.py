"""Discord's markdown as Discord shows it, and the game's lines as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.events import Mention, MentionKind
from bridge.text import (
    BREAK,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    MomentForm,
    Quote,
    RichText,
    Span,
    Style,
    Text,
    parse_game,
    parse_markdown,
)

BOLD, ITALIC = Style(bold=True), Style(italic=True)
URL = "https://a.example/x_y"
SUBTLE = Style(colour=0xAAAAAA)

MARKDOWN: list[tuple[str, list[Span]]] = [
    ("plain", [Text("plain")]),
    ("*a* _b_ **c**", [Text("a", ITALIC), Text(" "), Text("b", ITALIC), Text(" "), Text("c", BOLD)]),
    ("***a***", [Text("a", Style(bold=True, italic=True))]),
    ("__a__ ~~b~~", [Text("a", Style(underline=True)), Text(" "), Text("b", Style(strikethrough=True))]),
    ("||a **b**||", [Text("a ", Style(spoiler=True)), Text("b", Style(spoiler=True, bold=True))]),
    ("snake_case_name", [Text("snake_case_name")]),
    ("5 * 3 * 2", [Text("5 * 3 * 2")]),
    ("**open", [Text("**open")]),
    ("`a*b*` ``c`d``", [Text("a*b*", Style(code=True)), Text(" "), Text("c`d", Style(code=True))]),
    (r"\*a\* \_ \a", [Text(r"*a* _ \a")]),
    ("```py\nx = 1\n```", [CodeBlock("x = 1", "py")]),
    ("a\n```b```\nc", [Text("a"), CodeBlock("b"), Text("c")]),
    ("``````", [Text("``````")]),
    (URL, [Link(URL, URL)]),
    (f"({URL}).", [Text("("), Link(URL, URL), Text(").")]),
    (f"<{URL}>", [Link(URL, URL)]),
    (f"[a *b*]({URL} 'title')", [Link("a b", URL)]),
    (f"[a](<{URL}>)", [Link("a", URL)]),
    ("[a](javascript:x)", [Text("[a](javascript:x)")]),
    (
        f"[https://b.example]({URL})",  # a label that is an address would hide another
        [Text("["), Link(f"https://b.example]({URL})", f"https://b.example]({URL})")],
    ),
    (
        "<@1> <@!2>",
        [Mentioned(MentionKind.USER, "Mira", "1"), Text(" "), Mentioned(MentionKind.USER, "unknown", "2")],
    ),
    (
        "<@&3> <#4>",
        [Mentioned(MentionKind.ROLE, "crew", "3"), Text(" "), Mentioned(MentionKind.CHANNEL, "unknown", "4")],
    ),
    ("<:tada:5><a:dance:6>", [Emoji("tada", "5"), Emoji("dance", "6", animated=True)]),
    ("</list:7>", [Text("/list", Style(code=True))]),
    ("<t:0:R>", [Moment(datetime(1970, 1, 1, tzinfo=UTC), MomentForm.RELATIVE)]),
    ("<t:99999999999999>", [Text("<t:99999999999999>")]),
    ("<t:9999999999999>", [Text("<t:9999999999999>")]),
    ("@everyone", [Text("@everyone")]),
    ("> a\n> b\nc", [Quote(RichText.of("a\nb")), Text("c")]),
    (">>> a\nb", [Quote(RichText.of("a\nb"))]),
    (">a", [Text(">a")]),
    ("# Title\nx", [Text("Title", BOLD), BREAK, Text("x")]),
    ("#no", [Text("#no")]),
    ("-# small", [Text("small", SUBTLE)]),
    ("- a\n  2. b", [Text("• a"), BREAK, Text("  2. b")]),
    ("¯\\_(ツ)_/¯", [Text("¯\\_(ツ)_/¯")]),
]


@pytest.mark.parametrize(("markup", "spans"), MARKDOWN)
def test_markdown_is_read_as_discord_shows_it(markup: str, spans: list[Span]) -> None:
    """Each kind of Discord's markup, and what only looks like it."""
    names = [
        Mention(kind=MentionKind.USER, id="1", name="Mira"),
        Mention(kind=MentionKind.ROLE, id="3", name="crew"),
    ]
    assert list(parse_markdown(markup, names).spans) == spans


GAME: list[tuple[str, list[Span]]] = [
    ("**hi** <@1> `x` _y_", [Text("**hi** <@1> `x` _y_")]),
    ("§kmagic§r §x§1§2§3§4§5§6end§", [Text("magic end")]),
    ("a\x00b\x1b[31m\u202ec\u2066d", [Text("ab[31mcd")]),
    ("z\u200be\u200dr\u200d\u200do", [Text("ze\u200dr\u200do")]),
    ("\u200d\u200chi\u200d", [Text("hi")]),
    ("👩\u200d🚀 🏴\U000e0067\U000e0062\U000e007f", [Text("👩\u200d🚀 🏴\U000e0067\U000e0062\U000e007f")]),
    ("a\U000e0041b\ud83dc", [Text("abc")]),
    (f"see {URL}, ok", [Text("see "), Link(URL, URL), Text(", ok")]),
    ("ftp://x javascript:y", [Text("ftp://x javascript:y")]),
    ("🎉" * 256, [Text("🎉" * 256)]),
]


@pytest.mark.parametrize(("line", "spans"), GAME)
def test_game_lines_are_literal(line: str, spans: list[Span]) -> None:
    """Only colour codes and what is invisible goes; only addresses mean something."""
    assert list(parse_game(line).spans) == spans


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_reading_again_changes_nothing(data: st.DataObject, typed_texts: st.SearchStrategy[str]) -> None:
    """What a parser took out stays out: its plain text is its own plain text."""
    once = parse_game(data.draw(typed_texts))
    assert parse_game(once.plain) == once
    assert not any(ord(character) < 32 and character != "\n" for character in once.plain)
    assert "§" not in once.plain


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_markdown_never_fails(markup: str) -> None:
    """Any text is a message."""
    assert isinstance(parse_markdown(markup).plain, str)
