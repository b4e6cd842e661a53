"""Gathers what the report of a period tells: of all servers together and of each of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.figures.cards import NUMBERS
from bridge.features.figures.gathering import Figures, Where, figures_of, newcomers_of, where
from bridge.features.figures.periods import Period
from bridge.features.figures.report_data import Best, Measured, PartData, ReportData, Up
from bridge.features.player_figures import unranked
from bridge.statistics.calendar import Span, day_at, day_begins
from bridge.statistics.periods import Period as Ranked
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.statistics.retention import WINDOW_DAYS, Kept, kept_of
from bridge.store.statistics.figures import HourRow, days_of_newcomers, hours_between
from bridge.store.statistics.players import Place, top
from bridge.store.statistics.reports import Deeds, Outages, deeds, outages, uptime_of_days
from bridge.store.statistics.samples import MINUTE_MS, Uptime

USUAL: Final = 4
"""So many periods before make up what is usual."""
MOST_PLACES: Final = 5
_NOBODY: Final = -1  # the number of no server


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUp:
    """How one server was."""

    server: ServerId
    uptime: Uptime
    outages: Outages


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What happened on one server, or on all of them."""

    server: ServerId | None  # None: all
    found: tuple[Figures, ...]  # of the four periods before, the oldest first, and of that of the report
    deeds: tuple[Deeds, ...]  # of the same
    kept: Kept  # of those who first came 60 to 30 days before the end
    top: tuple[Place, ...]
    ups: tuple[ServerUp, ...]

    @property
    def now(self) -> Figures:
        """The figures of the report's own period."""
        return self.found[-1]

    @property
    def before(self) -> Figures:
        """Those of the period before."""
        return self.found[-2]

    @property
    def comparable(self) -> bool:
        """Whether anything was observed of the period before, and the period is over."""
        return self.now.complete and bool(self.before.coverage)

    def value(self, name: str, at: int = -1) -> float:
        """Return a figure of one of the periods."""
        found = self.deeds if name in Deeds._fields else self.found
        value: float | None = getattr(found[at], name)
        return value or 0

    def value_before(self, name: str) -> float | None:
        """Return a figure of the period before; None where it says nothing."""
        return self.value(name, -2) if self.comparable else None

    def usual(self, name: str) -> float | None:
        """Return the mean of a figure over those of the periods before that were observed; None without."""
        if not self.now.complete:
            return None
        known = [self.value(name, at) for at, each in enumerate(self.found[:-1]) if each.coverage]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A week or a month."""

    period: Period
    parts: tuple[Part, ...]  # all servers together first; of one server, only that
    hours: tuple[HourRow, ...]  # of the first part


ALL_NUMBERS: Final = (*NUMBERS, *Deeds._fields)
"""The figures of a report, in this order."""


def reported(name: str, zone: ZoneInfo, *, now_ms: int) -> Period:
    """Return the week or month of a name.

    Raises:
        ValueError: There is none of that name, or it has not begun yet.
    """
    try:
        period = Period.named(name, zone)
        begun = 0 <= period.begins_ms <= now_ms
    except OverflowError as exc:
        raise ValueError(f"{name!r} is before the year 1") from exc
    if period.span is Span.DAY or not begun:
        raise ValueError(f"of {name!r} there is no report")
    return period


def last_week(zone: ZoneInfo, *, now_ms: int) -> Period:
    """Return the last week that is over."""
    return Period.at(Span.WEEK, now_ms, zone).before


async def report_of(
    conn: AsyncConnection,
    settings: BridgeSettings,
    period: Period,
    server: ServerId | None = None,
    *,
    now_ms: int,
) -> Report:
    """Return the report of a period: of one server, or of all of them together and each."""
    servers = [ServerId(name) for name in settings.servers] if server is None else [server]
    wanted: list[ServerId | None] = list(servers)
    if len(servers) > 1:
        wanted.insert(0, None)
    without = await unranked(conn, settings)
    places = [await _where(conn, each) for each in wanted]
    parts = [
        await _part(
            conn,
            place,
            period,
            servers=servers if place.server is None else [place.server],
            without=without,
            now_ms=now_ms,
        )
        for place in places
    ]
    hours = await hours_between(
        conn, places[0].number, begins_ms=period.begins_ms, ends_ms=min(period.ends_ms, now_ms)
    )
    return Report(period=period, parts=tuple(parts), hours=tuple(hours))


async def _where(conn: AsyncConnection, server: ServerId | None) -> Where:
    found = await where(conn, server)
    return found if found is not None else Where(server=server, number=_NOBODY, observed=())


async def _part(
    conn: AsyncConnection,
    place: Where,
    period: Period,
    *,
    servers: Sequence[ServerId],
    without: Collection[int],
    now_ms: int,
) -> Part:
    periods = [period]
    while len(periods) <= USUAL:
        periods.insert(0, periods[0].before)
    ranked = Ranked(PeriodName.ALL, period.span, period.start, period.begins_ms)
    return Part(
        server=place.server,
        found=tuple(await figures_of(conn, place, periods, now_ms=now_ms)),
        deeds=tuple([await deeds(conn, each.span, place.number, start=each.start) for each in periods]),
        kept=await _kept(conn, place, period, now_ms),
        top=tuple(await top(conn, By.SECONDS, ranked, place.number, without=without, most=MOST_PLACES)),
        ups=tuple([await _up(conn, each, period, now_ms) for each in servers]),
    )


async def _kept(conn: AsyncConnection, place: Where, period: Period, now_ms: int) -> Kept:
    """Return what has become of the newest newcomers of whom that can be said at the end of the period."""
    today = min(period.days.stop, day_at(now_ms, period.zone))
    oldest, youngest = (day_begins(today - days * WINDOW_DAYS, period.zone) for days in (2, 1))
    rows = await days_of_newcomers(conn, place.number, begins_ms=oldest, ends_ms=youngest)
    return kept_of(newcomers_of(rows, period.zone), today=today)


async def _up(conn: AsyncConnection, server: ServerId, period: Period, now_ms: int) -> ServerUp:
    ends_ms = max(min(period.ends_ms, now_ms), period.begins_ms)
    place = await _where(conn, server)
    minutes = (ends_ms - period.begins_ms) // MINUTE_MS
    return ServerUp(
        server=server,
        uptime=await uptime_of_days(conn, place.number, period.days, minutes=minutes),
        outages=await outages(conn, server, begins_ms=period.begins_ms, ends_ms=ends_ms),
    )


def data_of(report: Report) -> ReportData:
    """Return a report for programs. Pure."""
    period = report.period
    return ReportData(
        period=period.name,
        begins=_moment(period.begins_ms),
        ends=_moment(period.ends_ms),
        time_zone=period.zone.key,
        complete=report.parts[0].now.complete,
        parts=tuple(map(_data_of_part, report.parts)),
    )


def _data_of_part(part: Part) -> PartData:
    return PartData(
        server=part.server,
        coverage=part.now.coverage,
        coverage_before=part.before.coverage,
        figures=tuple(
            Measured(
                name=name, value=part.value(name), before=part.value_before(name), usual=part.usual(name)
            )
            for name in ALL_NUMBERS
        ),
        peak_at=None if part.now.peak_at_ms is None else _moment(part.now.peak_at_ms),
        newcomers_judged=part.kept.kept + part.kept.lost,
        newcomers_kept=part.kept.kept,
        top=tuple(Best(place=each.place, name=each.name, seconds=each.value) for each in part.top),
        uptime=tuple(
            Up(
                server=up.server,
                share=up.uptime.share,
                coverage=up.uptime.coverage,
                outages=up.outages.times,
                outage_seconds=up.outages.seconds,
            )
            for up in part.ups
        ),
    )


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
