"""Numbers and times as readers of each language write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.charts.words import Words
from bridge.locales import Catalogue

PARIS = ZoneInfo("Europe/Paris")
EN, FR = Words(Catalogue.load("en")), Words(Catalogue.load("fr"))


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1234.4, "1,234", "1\u202f234"),
        (12.5, "12.5", "12,5"),
        (12.04, "12", "12"),
        (0.125, "0.12", "0,12"),
        (-3, "\u22123", "\u22123"),
        (-0.001, "0", "0"),
        (0, "0", "0"),
        (None, "\u2013", "\u2013"),
    ],
)
def test_numbers(value: float | None, english: str, french: str) -> None:
    assert (EN.number(value), FR.number(value)) == (english, french)


def test_digits_that_ticks_need_are_kept() -> None:
    assert EN.number(2, digits=1) == "2.0"
    assert FR.amount(94, "%") == "94\u00a0%"
    assert FR.amount(None, "%") == "\u2013"


def test_times() -> None:
    moment = datetime(2026, 8, 3, 7, 5, tzinfo=PARIS)
    assert (EN.moment(moment), FR.moment(moment)) == ("3 Aug 2026, 07:05", "3 août 2026, 07:05")
    day = datetime(2026, 11, 24, tzinfo=PARIS).timestamp()
    assert EN.span(day, day + 86_400, PARIS) == "24 Nov 2026"
    assert FR.span(day, day + 2 * 86_400, PARIS) == "24 nov. 2026 \u2013 25 nov. 2026"


@pytest.mark.parametrize("words", [EN, FR])
def test_there_are_seven_days_and_twelve_months(words: Words) -> None:
    assert len(words.weekdays) == 7
    assert [words.month(datetime(2026, month, 1, tzinfo=PARIS)) for month in range(1, 13)]
