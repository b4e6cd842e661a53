"""The staff's pages of figures; read when somebody first asks for one, as charts take memory."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.charts import AnyChart, Series, to_columns
from bridge.features.contract import Parts
from bridge.features.figures import drawings
from bridge.features.figures.asked import Asked, read
from bridge.features.figures.cards import (
    Card,
    cards,
    compared,
    coverage_told,
    peak_moment,
    percent,
    period_told,
)
from bridge.features.figures.gathering import Figures, Where, figures_of, newcomers_of, where
from bridge.features.figures.periods import Period
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.statistics.activity import Band, activity_index, band_of
from bridge.statistics.calendar import Span, day_at, day_begins, period_before, period_of
from bridge.statistics.curve import Step, steps
from bridge.statistics.retention import WINDOW_DAYS, Kept, kept_of
from bridge.store.statistics.accounts import EVERYWHERE, numbers_of_servers
from bridge.store.statistics.figures import (
    HourRow,
    Lapsed,
    counted,
    days_between,
    days_of_newcomers,
    hours_between,
    lapsed,
    lengths_between,
    returned,
    weekly_play,
)
from bridge.store.statistics.sessions import stays_between
from bridge.store.times import to_ms
from bridge.website import Request, Response, Site, StreamResponse
from bridge.website.charts import Figure, figure
from bridge.website.keeping import Briefly

_TREND: Final = 13  # periods: a quarter of a year of weeks
_HOURS_OF_WEEK_DAYS: Final = 28  # four whole weeks, so that each hour of the week is there four times
_COHORTS: Final = 12  # months
_COHORT_WEEKS: Final = 12
_WEEKS: Final = 3  # of the activity index
_LAPSED_DAYS: Final = (14, 60)  # so long ago they were last there
_LAPSED_WEEKS: Final = 12  # in which they must have played
_LAPSED_LEAST_S: Final = 5 * 3600
_LAPSED_MOST: Final = 50
_KEPT_S: Final = 60.0
_YEAR_3000_S: Final = 32_503_680_000.0
_EXACT_UP_TO_S: Final = 79_200  # 22 hours: less than any day, as the sessions are asked for
_DAYS_FROM_S: Final = 120 * 86_400  # a longer curve is shown by days


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyalty:
    """Who stays, of one server or all."""

    bands: dict[str, int]
    kept: Kept
    lapsed: tuple[Lapsed, ...]


class FigurePages:
    """Answers for every page under ``/staff/figures``."""

    def __init__(self, parts: Parts, site: Site, teller: Callable[[], Teller]) -> None:
        self._parts, self._site, self._teller = parts, site, teller
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        self._kept: Briefly[Loyalty] = Briefly(for_s=_KEPT_S)

    async def overview(self, request: Request) -> StreamResponse:
        """Show what happened in a period, and what changed since the one before."""
        asked, now_ms, words = self._asked(request), self._now_ms(), self._words(request)
        async with self._parts.store.reading() as conn:
            place = await self._where(conn, asked)
            periods = _last(asked.period, _TREND)
            found = await figures_of(conn, place, periods, now_ms=now_ms)
            hours = await hours_between(
                conn, place.number, begins_ms=asked.period.begins_ms, ends_ms=asked.period.ends_ms
            )
        now, before = found[-1], found[-2]
        based_on = coverage_told(now, words)
        curve = drawings.curve_of_hours(
            hours, words, title=words.plain("figures.curve"), zone=self._zone, note=based_on
        )
        charts = await self._drawn(
            words, [curve, drawings.trend(found, words)], url=f"/staff/figures/curve.json?{asked.query()}"
        )
        return self._page(
            request,
            "figures-overview.html",
            asked,
            cards=cards(now, before, words),
            figures=now,
            coverage=based_on,
            told=period_told(asked.period, words),
            peak_at=peak_moment(now),
            charts=charts if any(each.players for each in found) else [],
        )

    async def players(self, request: Request) -> StreamResponse:
        """Show who is active, who of the newcomers stayed, and who comes no more."""
        asked, now_ms, words = self._asked(request), self._now_ms(), self._words(request)
        async with self._parts.store.reading() as conn:
            place = await self._where(conn, asked)
            loyalty = await self._kept.get(place.number, lambda: self._loyalty(place.number, now_ms))
            month = self._months_ago(now_ms, _COHORTS)
            rows = await returned(conn, place.number, first_month=month)
            today = day_at(now_ms, self._zone)
            months = await counted(conn, Span.MONTH, place.number, first=month, before=today + 1)
        map_ = drawings.cohorts(
            rows,
            {each.start: each.newcomers for each in months},
            words,
            most_weeks=_COHORT_WEEKS,
            week_now=period_of(Span.WEEK, today),
        )
        wanted: list[AnyChart] = [drawings.bands(loyalty.bands, words)]
        charts = await self._drawn(words, wanted if map_ is None else [*wanted, map_])
        share = loyalty.kept.share
        hidden = self._teller()
        return self._page(
            request,
            "figures-players.html",
            asked,
            kept=loyalty.kept,
            share=None if share is None else percent(share, words),
            window=WINDOW_DAYS,
            charts=charts if any(loyalty.bands.values()) else [],
            lapsed=[
                (each.name, _moment(each.last_ms), words.duration(each.seconds))
                for each in loyalty.lapsed
                if not hidden.is_hidden(each.name)
            ],
        )

    async def hours(self, request: Request) -> StreamResponse:
        """Show at which hours of the week people come, how long they stay, and when no staff is there."""
        asked, now_ms, words = self._asked(request), self._now_ms(), self._words(request)
        today = day_at(now_ms, self._zone)
        first = today - _HOURS_OF_WEEK_DAYS
        begins_ms, ends_ms = day_begins(first, self._zone), day_begins(today, self._zone)
        async with self._parts.store.reading() as conn:
            place = await self._where(conn, asked)
            hours = await hours_between(conn, place.number, begins_ms=begins_ms, ends_ms=ends_ms)
            counts = await lengths_between(conn, place.number, first=first, before=today)
        share = place.coverage(begins_ms, ends_ms)
        note = words.plain(
            "figures.hours.note",
            days=_HOURS_OF_WEEK_DAYS,
            share=words.plain("figures.unknown") if share is None else percent(share, words),
        )
        staff = self._parts.settings.statistics.staff_players
        wanted: list[AnyChart] = [
            drawings.punch_card(hours, words, self._zone, note),
            drawings.lengths(counts, words),
        ]
        if staff:
            wanted.append(drawings.uncovered(hours, words, self._zone, note))
        played = sum(hour.played_s for hour in hours)
        staffed = sum(hour.staffed_s for hour in hours)
        return self._page(
            request,
            "figures-hours.html",
            asked,
            charts=await self._drawn(words, wanted) if hours else [],
            staff=bool(staff),
            covered=percent(staffed / played, words) if played else None,
            note=note,
        )

    async def compare(self, request: Request) -> StreamResponse:
        """Show two servers, or two periods, side by side."""
        asked, now_ms, words = self._asked(request), self._now_ms(), self._words(request)
        other = self._asked(request, "other-")
        if "other-period" not in request.query:
            other = Asked(server=other.server, period=asked.period.before)
        both: list[Figures] = []
        curves: list[Sequence[HourRow]] = []
        async with self._parts.store.reading() as conn:
            for each in (asked, other):
                place = await self._where(conn, each)
                both += await figures_of(conn, place, [each.period], now_ms=now_ms)
                begins_ms, ends_ms = each.period.begins_ms, each.period.ends_ms
                curves.append(await hours_between(conn, place.number, begins_ms=begins_ms, ends_ms=ends_ms))
        titles = [self._titled(each, words) for each in (asked, other)]
        chart = drawings.overlaid(curves, titles, asked.period, other.period, words)
        return self._page(
            request,
            "figures-compare.html",
            asked,
            other=other,
            titles=titles,
            rows=compared(both[0], both[1], words),
            coverages=[
                words.plain("figures.unknown") if each.coverage is None else percent(each.coverage, words)
                for each in both
            ],
            charts=[] if chart is None else await self._drawn(words, [chart]),
        )

    def _titled(self, asked: Asked, words: Catalogue) -> str:
        everywhere = words.plain("figures.all-servers")
        where_ = everywhere if asked.server is None else self._teller().server_title(asked.server)
        return f"{where_}, {period_told(asked.period, words)}"

    async def curve(self, request: Request) -> StreamResponse:
        """Answer with the players at a time between two moments, as fine as makes sense."""
        asked, now_s = self._asked(request), self._now_ms() / 1000
        begins = _seconds(request.query.get("from", ""), now_s - 7 * 86_400)
        ends = max(_seconds(request.query.get("to", ""), now_s), begins + 60)
        words = self._words(request)
        async with self._parts.store.reading() as conn:
            place = await self._where(conn, asked)
            times, series = await self._series(conn, place, begins, ends, words)
        return self._site.json(to_columns(times, series))

    async def csv(self, request: Request) -> StreamResponse:
        """Answer with the figures of a period and those before it, as a table for spreadsheets."""
        asked, now_ms, words = self._asked(request), self._now_ms(), self._words(request)
        async with self._parts.store.reading() as conn:
            place = await self._where(conn, asked)
            found = await figures_of(conn, place, _last(asked.period, _TREND), now_ms=now_ms)
        name = f"figures-{asked.server or 'all'}-{asked.period.name}.csv"
        return Response(
            text=_as_csv(found, words),
            content_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    async def _series(
        self, conn: AsyncConnection, place: Where, begins: float, ends: float, words: Catalogue
    ) -> tuple[Sequence[float], tuple[Series, ...]]:
        begins_ms, ends_ms = round(begins * 1000), round(ends * 1000)
        if ends - begins <= _EXACT_UP_TO_S:
            until_ms = min(ends_ms, self._now_ms())
            return drawings.series_of_steps(await _exactly(conn, place, begins_ms, until_ms), until_ms, words)
        if ends - begins > _DAYS_FROM_S:
            first, last = (day_at(moment, self._zone) for moment in (begins_ms, ends_ms))
            days = await days_between(conn, place.number, first=first, before=last + 1)
            return drawings.series_of_days(days, words, self._zone)
        hours = await hours_between(conn, place.number, begins_ms=begins_ms - 3_600_000, ends_ms=ends_ms)
        return drawings.series_of_hours(hours, words)

    async def _loyalty(self, server: int, now_ms: int) -> Loyalty:
        today = day_at(now_ms, self._zone)
        week = period_of(Span.WEEK, today)
        oldest, youngest = (day_begins(today - days * WINDOW_DAYS, self._zone) for days in (3, 0))
        async with self._parts.store.reading() as conn:
            played = await weekly_play(conn, server, before=today + 1, weeks=_WEEKS)
            rows = await days_of_newcomers(conn, server, begins_ms=oldest, ends_ms=youngest)
            gone = await lapsed(
                conn,
                server,
                last_ms=(now_ms - _LAPSED_DAYS[1] * 86_400_000, now_ms - _LAPSED_DAYS[0] * 86_400_000),
                weeks=(week - 7 * _LAPSED_WEEKS, week),
                least_s=_LAPSED_LEAST_S,
                most=_LAPSED_MOST,
            )
        found = Counter(band_of(activity_index(weeks)) for weeks in played.values())
        return Loyalty(
            bands={band.value: found[band] for band in reversed(Band) if band is not Band.INACTIVE},
            kept=kept_of(newcomers_of(rows, self._zone), today=today),
            lapsed=tuple(gone),
        )

    def _months_ago(self, now_ms: int, months: int) -> int:
        month = period_of(Span.MONTH, day_at(now_ms, self._zone))
        for _ in range(months):
            month = period_before(Span.MONTH, month)
        return month

    async def _drawn(self, words: Catalogue, charts: Sequence[AnyChart], *, url: str = "") -> list[Figure]:
        """Draw charts for a page; the first of them can be looked at closer."""
        return await asyncio.to_thread(
            lambda: [figure(chart, words, url=url if not n else "") for n, chart in enumerate(charts)]
        )

    def _page(
        self,
        request: Request,
        template: str,
        asked: Asked,
        **values: Any,  # noqa: ANN401 - Jinja's own
    ) -> StreamResponse:
        words = self._words(request)
        return self._site.render(
            template,
            request=request,
            asked=asked,
            servers=[(id_, self._teller().server_title(id_)) for id_ in self._parts.servers],
            period_told=period_told(asked.period, words),
            later=asked.period.after if asked.period.ends_ms <= self._now_ms() else None,
            **values,
        )

    async def _where(self, conn: AsyncConnection, asked: Asked) -> Where:
        place = await where(conn, asked.server)
        if place is None:  # a server of which nothing is known yet
            return Where(server=asked.server, number=-1, observed=())
        return place

    def _asked(self, request: Request, prefix: str = "") -> Asked:
        query: Mapping[str, str] = {
            name.removeprefix(prefix): value
            for name, value in request.query.items()
            if name.startswith(prefix)
        }
        try:
            return read(query, self._parts.servers.keys(), self._zone, now_ms=self._now_ms())
        except OverflowError:
            self._site.refuse(HTTPStatus.BAD_REQUEST)

    def _words(self, request: Request) -> Catalogue:
        return self._site.catalogue(self._site.language(request))

    def _now_ms(self) -> int:
        return to_ms(self._parts.now())


async def _exactly(conn: AsyncConnection, place: Where, begins_ms: int, ends_ms: int) -> list[Step]:
    """Return the curve of less than a day as the sessions have it."""
    numbers = [place.number]
    if place.number == EVERYWHERE:
        numbers = list((await numbers_of_servers(conn)).values())
    stays = [
        stay
        for number in numbers
        for stay in await stays_between(conn, number, begins_ms=begins_ms, ends_ms=ends_ms)
    ]
    return steps((stay.session for stay in stays), begins_ms, ends_ms)


def _last(period: Period, count: int) -> list[Period]:
    periods = [period]
    while len(periods) < count:
        periods.append(periods[-1].before)
    return periods[::-1]


def _seconds(asked: str, otherwise: float) -> float:
    """Return a moment in seconds since 1970 as an address has it."""
    try:
        return min(max(float(asked), 0.0), _YEAR_3000_S)
    except ValueError:
        return otherwise


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _as_csv(found: Sequence[Figures], words: Catalogue) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    rows = [(each, cards(each, None, words)) for each in found]
    table.writerow(["period", "complete", "coverage", *(card.name for card in rows[0][1])])
    for each, own in rows:
        share = "" if each.coverage is None else f"{each.coverage:.4f}"
        table.writerow([each.period.name, each.complete, share, *(_plain(card) for card in own)])
    return out.getvalue()


def _plain(card: Card) -> str:
    return f"{card.number:.3f}".rstrip("0").rstrip(".")
