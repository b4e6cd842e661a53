"""The value itself: putting together, cutting, lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import BREAK, CodeBlock, Link, Quote, RichText, Style, Text, parse_markdown, text

BOLD = Style(bold=True)


def test_neighbours_of_one_style_become_one_span() -> None:
    """Adding keeps values in one form, so that equal texts are equal values."""
    assert text("a", bold=True) + text("b", bold=True) + "c" == RichText((Text("ab", BOLD), Text("c")))
    assert "x\n" + RichText.of("y") == RichText((Text("x"), BREAK, Text("y")))


def test_join_puts_the_text_between() -> None:
    """Joining works as for strings."""
    assert RichText.of(", ").join(["a", text("b", bold=True), "c"]).plain == "a, b, c"
    assert RichText.of(", ").join([]) == RichText()


def test_truncate_cuts_inside_styles_and_links() -> None:
    """The ellipsis counts; a link that is cut still leads to its whole address."""
    rich = text("bold", bold=True) + Link("https://a.example", "https://a.example")
    assert rich.truncate(3) == text("bo", bold=True) + "…"
    assert rich.truncate(8) == text("bold", bold=True) + Link("htt", "https://a.example") + "…"
    assert rich.truncate(100) is rich
    assert rich.truncate(0) == RichText()


@settings(max_examples=100, deadline=None)
@given(data=st.data(), most=st.integers(0, 40))
def test_truncate_never_exceeds(
    data: st.DataObject, most: int, any_rich: st.SearchStrategy[RichText]
) -> None:
    """The limit holds for every value."""
    rich = data.draw(any_rich)
    assert len(rich) == len(rich.plain)
    assert len(rich.truncate(most)) <= most


def test_lines_give_blocks_lines_of_their_own() -> None:
    """The game gets one line at a time."""
    rich = parse_markdown("a\n> q\n> r\n```\nx\ny```\n\nz")
    assert [line.plain for line in rich.lines()] == ["a", "> q", "> r", "x", "y", "z"]


def test_styled_reaches_into_quotes_and_spares_code() -> None:
    """A style round a value is added to what it holds."""
    rich = RichText.of(Quote(RichText.of("q")), CodeBlock("c"), "t").styled(BOLD)
    assert rich == RichText((Quote(text("q", bold=True)), CodeBlock("c"), Text("t", BOLD)))
