"""How charts say numbers and times in the reader's language."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bridge.charts.value import Value
from bridge.locales import Catalogue

NOTHING: Final = "\u2013"
_SPACE: Final = "\u00a0"  # keeps a figure and its unit on one line
_MARKS: Final = {"en": ".", "fr": ","}


class Words:
    """Numbers, days and times as readers of one language write them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._months = catalogue.plain("charts.months").split()
        self.weekdays = catalogue.plain("charts.weekdays").split()

    def say(self, key: str, /, **values: str | int) -> str:
        """Return a sentence of the charts' section as plain text."""
        return self._catalogue.plain(f"charts.{key}", **values)

    def number(self, value: Value, digits: int | None = None) -> str:
        """Return a figure, by itself with three digits that count; a dash for what is not known."""
        if value is None:
            return NOTHING
        whole, _, rest = f"{abs(value):.{_digits(value) if digits is None else digits}f}".partition(".")
        rest = rest.rstrip("0") if digits is None else rest
        said = self._catalogue.number(int(whole)) + (_MARKS[self._catalogue.language] + rest if rest else "")
        return f"\u2212{said}" if value < 0 and said.strip("0.,") else said

    def amount(self, value: Value, unit: str) -> str:
        """Return a figure with its unit."""
        said = self.number(value)
        return said if value is None or not unit else said + _SPACE + unit

    def measured(self, label: str, unit: str) -> str:
        """Return the name of an axis with its unit."""
        return self.say("measured", label=label, unit=unit) if unit else label

    def time(self, at: datetime) -> str:
        """Return a time of day."""
        return f"{at:%H:%M}"

    def day(self, at: datetime) -> str:
        """Return a day without its year."""
        return self.say("day", day=str(at.day), month=self.month(at))

    def date(self, at: datetime) -> str:
        """Return a day with its year."""
        return self.say("date", day=str(at.day), month=self.month(at), year=str(at.year))

    def month(self, at: datetime) -> str:
        """Return a month's short name."""
        return self._months[at.month - 1]

    def moment(self, at: datetime) -> str:
        """Return a day and a time."""
        return f"{self.date(at)}, {self.time(at)}"

    def span(self, begins: float, ends: float, zone: ZoneInfo) -> str:
        """Return from which day to which; the end is the first moment that no longer belongs to it."""
        first, last = (
            datetime.fromtimestamp(begins, zone),
            datetime.fromtimestamp(max(begins, ends - 1), zone),
        )
        if first.date() == last.date():
            return self.date(first)
        return self.say("span", first=self.date(first), last=self.date(last))


def zone_name(zone: ZoneInfo) -> str:
    """Return a time zone as people read it."""
    return zone.key.replace("_", " ")


def _digits(value: float) -> int:
    """Return how many digits after the mark say something."""
    if value == round(value) or abs(value) >= 100:
        return 0
    return 1 if abs(value) >= 10 else 2
