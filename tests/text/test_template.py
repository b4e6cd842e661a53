"""Sentences with placeholders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import Link, RichText, Style, Text, parse_markdown, placeholders, template, text


def test_values_are_data() -> None:
    """What a value holds is never markdown, a placeholder, or a colour."""
    filled = template("**{player}**: {text}", {"player": "_M_", "text": "**x** {player} &7 <@1>"})
    assert filled == text("_M_", bold=True) + ": **x** {player} &7 <@1>"


def test_rich_values_keep_their_looks_inside_the_sentences() -> None:
    """A value's own style and the sentence's add up."""
    filled = template("*{text}*", {"text": parse_markdown("a **b**")})
    assert filled == RichText((Text("a ", Style(italic=True)), Text("b", Style(italic=True, bold=True))))


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("%displayname% joined", "Mira joined"),
        ("{username}, %playercount%/%playermax%", "Mira, 3/20"),
        ("{nobody} %nothing%", "{nobody} {nothing}"),
        ("100% of 5% sure", "100% of 5% sure"),
        ("R&D &amp; &zz", "R&D &amp; &zz"),
    ],
)
def test_names_of_other_tools_and_unknown_ones(pattern: str, shown: str) -> None:
    """Old formats can be pasted; what nothing fills is visible."""
    assert template(pattern, {"player": "Mira", "online": 3, "max": 20}).plain == shown


def test_links_of_a_sentence_are_trusted_only_to_the_web() -> None:
    """A label hides an address only if it is one."""
    assert template("[{n}]({u})", {"n": "f", "u": "https://a.b"}).spans == (
        Link("f", "https://a.b", trusted=True),
    )
    for address in ("", "javascript:x", "https://a b", "file:///etc"):
        assert template("[{n}]({u})", {"n": "f", "u": address}).spans == (Text("f"),)


def test_colours_last_until_the_next() -> None:
    """Colours are for the game; values take the colour they stand in."""
    filled = template("&7[{a}]&r {b} &#102030c", {"a": "x", "b": "y"})
    assert filled.spans == (
        Text("[x]", Style(colour=0xAAAAAA)),
        Text(" y "),
        Text("c", Style(colour=0x102030)),
    )


def test_placeholders_are_named() -> None:
    """The settings can say which names a sentence asks for."""
    assert placeholders("{a} %b-c% {D} {a}") == {"a", "b-c"}


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_pattern_and_any_value(data: st.DataObject, typed_texts: st.SearchStrategy[str]) -> None:
    """A sentence from the settings never fails, and a value shows whole where it is asked for."""
    pattern, value = data.draw(typed_texts), data.draw(typed_texts)
    template(pattern, {"player": value})
    shown = template("<{player}>", {"player": RichText.of(Text(value))}).plain
    assert shown == f"<{value}>"
