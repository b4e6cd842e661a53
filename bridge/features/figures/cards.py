"""The figures of a period in words, each beside that of the period before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.features.figures.gathering import Figures
from bridge.features.figures.periods import Period
from bridge.locales import Catalogue
from bridge.statistics.calendar import Span, day_of_number

_MINUS: Final = "\u2212"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure as it is shown."""

    name: str  # its key under ``figures.card``, and its name in tables for programs
    label: str
    meaning: str
    value: str
    change: str  # against the period before; empty where it cannot be told
    number: float  # for programs
    number_before: float | None


def cards(now: Figures, before: Figures | None, words: Catalogue) -> list[Card]:
    """Return the figures of a period; without the one before, or with one that goes on, no change is told."""
    earlier = before if now.complete and before is not None and before.complete else None
    return [_card(name, now, earlier, words) for name in NUMBERS]


NUMBERS: Final = ("players", "newcomers", "returning", "seconds", "starts", "peak", "mean")


def _card(name: str, now: Figures, before: Figures | None, words: Catalogue) -> Card:
    value: float = getattr(now, name) or 0
    was: float | None = None if before is None else getattr(before, name) or 0
    return Card(
        name=name,
        label=words.plain(f"figures.card.{name}.label"),
        meaning=words.plain(f"figures.card.{name}.meaning"),
        value=shown(name, value, words),
        change=changed(name, value, was, words),
        number=value,
        number_before=was,
    )


def shown(name: str, value: float, words: Catalogue) -> str:
    """Return a figure with its unit."""
    if name == "seconds":
        return words.duration(value)
    if name == "mean":
        return decimal(value, words)
    return words.number(round(value))


def decimal(value: float, words: Catalogue) -> str:
    """Return a number with one digit after the point, or comma."""
    return f"{value:.1f}".replace(".", words.plain("figures.point"))


def changed(name: str, value: float, was: float | None, words: Catalogue) -> str:
    """Return by how much a figure differs from that of the period before; empty where it cannot be told."""
    if was is None:
        return ""
    if not was:
        return words.plain("figures.change.from-none") if value else ""
    if not round((value - was) / was * 100):
        key = "figures.change.none" if value == was else "figures.change.about"
        return words.plain(key, before=shown(name, was, words))
    told = _signed((value - was) / was)
    return words.plain("figures.change.by", percent=told, before=shown(name, was, words))


def compared(one: Figures, two: Figures, words: Catalogue) -> list[tuple[str, str, str, str]]:
    """Return each figure's name, its value in two places, and how much more the first is than the second."""
    rows = []
    for name in NUMBERS:
        values = [float(getattr(each, name) or 0) for each in (one, two)]
        change = ""
        if values[1]:
            change = words.plain("figures.percent", percent=_signed((values[0] - values[1]) / values[1]))
        label = words.plain(f"figures.card.{name}.label")
        rows.append((label, shown(name, values[0], words), shown(name, values[1], words), change))
    return rows


def _signed(share: float) -> str:
    """Return a change in whole percent with its sign."""
    whole = round(share * 100)
    return f"{'+' if whole > 0 else _MINUS if whole < 0 else '±'}{abs(whole)}"


def percent(share: float, words: Catalogue) -> str:
    """Return a share in whole percent; what is not all is never called all."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    return words.plain("figures.percent", percent=str(whole))


def coverage_told(figures: Figures, words: Catalogue) -> str:
    """Return what the figures are based on, such as "94 % of the week observed"."""
    share = figures.coverage
    if share is None:
        return words.plain("figures.coverage.none")
    key = f"figures.coverage.{figures.period.span.name.lower()}"
    return words.plain(key, share=percent(share, words))


def period_told(period: Period, words: Catalogue) -> str:
    """Return a period's name for people."""
    first, last = day_of_number(period.days.start), day_of_number(period.days.stop - 1)
    months = words.plain("charts.months").split()
    long_months = words.plain("figures.months").split()
    if period.span is Span.MONTH:
        return f"{long_months[first.month - 1]} {first.year}"
    days = [
        words.plain("charts.date", day=str(day.day), month=months[day.month - 1], year=str(day.year))
        for day in (first, last)
    ]
    if period.span is Span.DAY:
        return days[0]
    _, week, _ = first.isocalendar()
    return words.plain("figures.week", week=str(week), first=days[0], last=days[1])


def peak_moment(figures: Figures) -> datetime | None:
    """Return when most players were there at a time."""
    if figures.peak_at_ms is None:
        return None
    return datetime.fromtimestamp(figures.peak_at_ms / 1000, figures.period.zone)
