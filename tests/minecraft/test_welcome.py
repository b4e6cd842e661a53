"""A message of the day keeps its colours and looks, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcstatus.motd import Motd

from bridge.minecraft.welcome import guarded, read_welcome
from bridge.text import RichText, Style, Text, clean


def read(motd: Any) -> RichText:  # noqa: ANN401 - a server may send any of three kinds
    return read_welcome(Motd.parse(guarded(motd)).parsed, most=500)


@pytest.mark.parametrize(
    ("motd", "spans"),
    [
        ("Hello", [Text("Hello")]),
        ("\u00a7aGreen \u00a7lbold\u00a7r plain", [
            Text("Green ", Style(colour=0x55FF55)),
            Text("bold", Style(colour=0x55FF55, bold=True)),
            Text(" plain"),
        ]),
        ("\u00a7l\u00a7cred", [Text("red", Style(colour=0xFF5555))]),
        ("\u00a7kodd", [Text("odd")]),
        ({"text": "sky", "color": "#3aa0ff", "italic": True}, [
            Text("sky", Style(colour=0x3AA0FF, italic=True)),
        ]),
        ({"text": "", "extra": [{"text": "a", "color": "gold"}, "b"]}, [
            Text("a", Style(colour=0xFFAA00)), Text("b"),
        ]),
        ("<b>salt & pepper</b>", [Text("<b>salt & pepper</b>")]),
        ("\u202ereversed\x00", [Text("reversed")]),
    ],
)  # fmt: skip
def test_colours_and_looks_are_read(motd: object, spans: list[Text]) -> None:
    assert list(read(motd).spans) == spans


def test_lines_stay_lines_and_too_much_is_cut() -> None:
    assert [line.plain for line in read("one\ntwo").lines()] == ["one", "two"]
    assert len(read("x" * 2000)) == 500


@given(st.text(max_size=80) | st.text(alphabet="\u00a7&0123456789abcdefklmnor xyz\n", max_size=80))
def test_whatever_a_server_says_is_text(motd: str) -> None:
    assert "\u00a7" not in read(motd).plain


_UNCODED = st.text(st.characters(exclude_characters="\u00a7"), max_size=40) | st.text("&|aZ1 ", max_size=20)


@given(_UNCODED, _UNCODED)
def test_only_the_section_sign_makes_codes(one: str, other: str) -> None:
    """``Rock & roll``, ``R&B`` and ``PvP |Fun`` are text, in whichever of the three forms they come."""
    assert read(one).plain == clean(one)
    both = {"text": one, "extra": [other, {"text": other}]}
    assert read(both).plain == "".join(map(clean, (one, other, other)))
    assert read([one, {"text": other}]).plain == "".join(map(clean, (one, other)))
