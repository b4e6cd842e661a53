"""A welcome keeps its colours by classes of ours; nothing in it is markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text import BREAK, Link, RichText, Style, Text
from bridge.website.colours import coloured, nearest


@pytest.mark.parametrize(
    ("colour", "code"), [(0xFFAA00, "6"), (0xFFB010, "6"), (0x3AA0FF, "9"), (0x010101, "0"), (0xFFFFFF, "f")]
)
def test_any_colour_becomes_the_nearest_of_the_game_s(colour: int, code: str) -> None:
    assert nearest(colour) == code


def test_looks_and_lines_are_shown() -> None:
    looks = Style(bold=True, italic=True, underline=True, strikethrough=True, colour=0x55FF55)
    rich = RichText((Text("a", looks), BREAK, Text("b"), Link("c", "javascript:alert(1)")))
    assert coloured(rich) == ('<span class="mc-a"><strong><em><u><s>a</s></u></em></strong></span><br>bc')


@given(st.text(), st.integers(0, 0xFFFFFF) | st.none(), st.booleans())
def test_whatever_a_server_says_stays_text(text: str, colour: int | None, bold: bool) -> None:
    html = coloured(RichText.of(text).styled(Style(colour=colour, bold=bold)))
    colours = {f'<span class="mc-{code}">' for code in "0123456789abcdef"}
    assert set(re.findall(r"<[^>]*>", html)) <= colours | {"<br>", "<strong>", "</strong>", "</span>"}
