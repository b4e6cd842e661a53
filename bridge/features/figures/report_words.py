"""A report in words: figures with what changed and by how much, and on how much that is based. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bridge.charts import LineChart
from bridge.features.figures.cards import (
    changed,
    coverage_told,
    decimal,
    peak_moment,
    percent,
    period_told,
    shown,
)
from bridge.features.figures.drawings import curve_of_hours
from bridge.features.figures.reports import ALL_NUMBERS, Part, Report, ServerUp
from bridge.locales import Catalogue
from bridge.statistics.calendar import Span
from bridge.store.statistics import samples
from bridge.store.statistics.reports import Deeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure."""

    label: str
    value: str
    change: str  # against the period before; empty where it cannot be told
    usual: str  # the mean of the periods before; empty where there is none
    note: str = ""  # when that was


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One server, or all of them."""

    title: str
    coverage: str
    rows: tuple[Row, ...]
    top: tuple[tuple[int, str], ...]  # the place, and who played how long
    notes: tuple[str, ...]  # sentences: who stayed, how the servers were


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report as people read it, whatever the format."""

    title: str
    about: str  # which days, and by whose clock
    sections: tuple[Section, ...]
    language: str


def told(report: Report, words: Catalogue, *, community: str, title_of: Callable[[str], str]) -> Told:
    """Return a report in words.

    Args:
        report: What it tells.
        words: In which language.
        community: Whose it is.
        title_of: Returns what people call a server.
    """
    period = report.period
    over = "" if report.parts[0].now.complete else f" {words.plain('figures.goes-on')}"
    return Told(
        title=words.plain(f"reports.title.{period.span.name.lower()}", community=community),
        about=words.plain("reports.about", period=period_told(period, words) + over, zone=period.zone.key),
        sections=tuple(_section(part, words, title_of) for part in report.parts),
        language=words.language,
    )


def _section(part: Part, words: Catalogue, title_of: Callable[[str], str]) -> Section:
    title = words.plain("figures.all-servers") if part.server is None else title_of(part.server)
    notes = [_compared(part, words), _kept(part, words), *(_up(up, words, title_of) for up in part.ups)]
    return Section(
        title=title,
        coverage=coverage_told(part.now, words),
        rows=tuple(_row(name, part, words) for name in ALL_NUMBERS),
        top=tuple(
            (each.place, words.plain("reports.played", player=each.name, time=words.duration(each.value)))
            for each in part.top
        ),
        notes=tuple(filter(None, notes)),
    )


def _row(name: str, part: Part, words: Catalogue) -> Row:
    key = "reports" if name in Deeds._fields else "figures"
    usual = part.usual(name)
    moment = peak_moment(part.now) if name == "peak" else None
    return Row(
        label=words.plain(f"{key}.card.{name}.label"),
        value=shown(name, part.value(name), words),
        change=changed(name, part.value(name), part.value_before(name), words),
        usual="" if usual is None else words.plain("reports.usual", value=_mean(name, usual, words)),
        note="" if moment is None else moment_told(moment, words),
    )


def _mean(name: str, value: float, words: Catalogue) -> str:
    """Return a mean, which of counts is seldom whole."""
    return words.duration(value) if name == "seconds" else decimal(value, words)


def moment_told(at: datetime, words: Catalogue) -> str:
    """Return a moment by the clock of its zone."""
    months = words.plain("charts.months").split()
    date = words.plain("charts.date", day=str(at.day), month=months[at.month - 1], year=str(at.year))
    return words.plain("reports.moment", date=date, time=f"{at:%H:%M}")


def _compared(part: Part, words: Catalogue) -> str:
    """Say with what the figures are compared, and how much of that was observed."""
    span = "week" if part.now.period.span is Span.WEEK else "month"
    if not part.now.complete:
        return words.plain("reports.compared.goes-on")
    if not part.comparable or part.before.coverage is None:
        return words.plain(f"reports.compared.{span}-unknown")
    return words.plain(f"reports.compared.{span}", share=percent(part.before.coverage, words))


def _kept(part: Part, words: Catalogue) -> str:
    judged = part.kept.kept + part.kept.lost
    if not judged:
        return ""
    return words.plain("reports.kept", count=judged, kept=words.number(part.kept.kept))


def _up(up: ServerUp, words: Catalogue, title_of: Callable[[str], str]) -> str:
    server = title_of(up.server)
    if up.uptime.share is None:
        return words.plain("reports.up.unknown", server=server)
    told_up = words.plain(
        "reports.up.share",
        server=server,
        share=_exact(up.uptime.share, words),
        observed=percent(up.uptime.coverage, words),
    )
    if not up.outages.times:
        return f"{told_up} {words.plain('reports.up.no-outage')}"
    lasted = words.duration(up.outages.seconds)
    return f"{told_up} {words.plain('reports.up.outages', count=up.outages.times, time=lasted)}"


def _exact(share: float, words: Catalogue) -> str:
    """Return a share with two digits after the point: a tenth of a percent of a week is ten minutes."""
    number = samples.percent(share).replace(".", words.plain("figures.point"))
    return words.plain("figures.percent", percent=number)


def curve_of(report: Report, words: Catalogue) -> LineChart:
    """Return the players at a time over the period of a report."""
    return curve_of_hours(
        report.hours,
        words,
        title=words.plain("figures.curve"),
        zone=report.period.zone,
        note=coverage_told(report.parts[0].now, words),
    )
