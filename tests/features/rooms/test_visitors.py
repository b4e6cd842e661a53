"""What visitors may say, and how often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.features.rooms.visitors import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Pace,
    Refused,
    checked,
)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("", "hello", "name"),
        ("   ", "hello", "name"),
        ("\u202e\u200b", "hello", "name"),
        ("x" * (LONGEST_NAME + 1), "hello", "name"),
        ("<Steve>", "hello", "name"),
        ("[Admin] Bob", "hello", "name"),
        ("@everyone", "hello", "name"),
        ("§4Owner", "hello", "name"),
        ("...", "hello", "name"),
        ("Server", "hello", "name-taken"),
        ("CONSOLE", "hello", "name-taken"),
        ("Nora", "", "empty"),
        ("Nora", " \x00\u202e ", "empty"),
        ("Nora", "x" * (LONGEST_TEXT + 1), "text-long"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_reason(name: str, text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(name, text)
    assert refused.value.key == reason


def test_a_line_is_cleaned_and_made_one_line() -> None:
    said = checked(" Nora \x00 de\u202e Brest ", "one\ntwo\r\nthree\t\x07four \u202egnirts\u202c")
    assert (said.name, said.text) == ("Nora de Brest", "one two three four gnirts")


@given(st.text(), st.text())
def test_whatever_is_taken_is_one_printable_line_of_its_length(name: str, text: str) -> None:
    try:
        said = checked(name, text)
    except Refused:
        return
    assert 0 < len(said.name) <= LONGEST_NAME
    assert 0 < len(said.text) <= LONGEST_TEXT
    for typed in (said.name, said.text):
        assert typed == typed.strip()
        assert not any(each in typed for each in "\n\r\t\x00\x1b\u202e\u2066\u200f")


class Clock:
    """A clock that stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_visitor_speaks_once_in_a_while_and_others_meanwhile() -> None:
    clock = Clock()
    pace = Pace(5.0, clock)
    pace.take("one")
    pace.take("two")
    clock.now = 4.9
    with pytest.raises(Refused) as refused:
        pace.take("one")
    assert (refused.value.key, refused.value.values) == ("too-fast", {"seconds": 5})
    clock.now = 5.0
    pace.take("one")


def test_a_crowd_of_visitors_takes_no_more_memory_than_allowed() -> None:
    pace = Pace(5.0, Clock())
    for number in range(10_050):
        pace.take(str(number))
    assert len(pace._last) == 10_000
    with pytest.raises(Refused):
        pace.take("10049")
