"""The staff's pages of reports: all of them, and each as one reads or prints it. Read late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.figures.cards import period_told
from bridge.features.figures.gathering import where
from bridge.features.figures.periods import Period
from bridge.features.figures.report_formats import sections_html
from bridge.features.figures.report_words import curve_of, told
from bridge.features.figures.reports import report_of, reported
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.statistics.calendar import Span
from bridge.store.times import to_ms
from bridge.website import Request, Site, StreamResponse
from bridge.website.charts import figure

_MOST_LISTED: Final = {Span.WEEK: 53, Span.MONTH: 36}


class ReportPages:
    """Answers for the pages under ``/staff/reports``."""

    def __init__(self, parts: Parts, site: Site, teller: Callable[[], Teller]) -> None:
        self._parts, self._site, self._teller = parts, site, teller
        self._zone = ZoneInfo(parts.settings.community.time_zone)

    async def listed(self, request: Request) -> StreamResponse:
        """List every whole week and month of which something was observed, the newest first."""
        words, now_ms = self._words(request), to_ms(self._parts.now())
        async with self._parts.store.reading() as conn:
            place = await where(conn, None)
        begun = [each[0][0] for each in (place.observed if place is not None else ()) if each]
        since_ms = min(begun, default=now_ms)
        return self._site.render(
            "staff-reports.html",
            request=request,
            kinds=[
                (
                    words.plain(f"reports.{span.name.lower()}s"),
                    [(each.name, period_told(each, words)) for each in self._whole(span, since_ms, now_ms)],
                )
                for span in (Span.WEEK, Span.MONTH)
            ],
        )

    async def one(self, request: Request) -> StreamResponse:
        """Show the report of a week or a month; with ``?server=``, of one server."""
        words, now_ms = self._words(request), to_ms(self._parts.now())
        period, server = self._period(request, now_ms), request.query.get("server") or None
        if server is not None and server not in self._parts.servers:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        settings = self._teller().settings
        async with self._parts.store.reading() as conn:
            found = await report_of(
                conn, settings, period, None if server is None else ServerId(server), now_ms=now_ms
            )
        read = told(found, words, community=settings.community.name, title_of=self._teller().server_title)
        curve = await asyncio.to_thread(lambda: figure(curve_of(found, words), words))
        return self._site.render(
            "staff-report.html",
            request=request,
            told=read,
            body=sections_html(read.sections, words),
            chart_=curve if found.hours else None,
            before=period.before.name,
            after=period.after.name if period.ends_ms <= now_ms else None,
        )

    def _whole(self, span: Span, since_ms: int, now_ms: int) -> list[Period]:
        """Return the periods that are over, back to the first of which anything was observed."""
        found: list[Period] = []
        period = Period.at(span, now_ms, self._zone).before
        while period.ends_ms > since_ms and len(found) < _MOST_LISTED[span]:
            found.append(period)
            period = period.before
        return found

    def _period(self, request: Request, now_ms: int) -> Period:
        try:
            return reported(request.match_info["period"], self._zone, now_ms=now_ms)
        except ValueError:
            self._site.refuse(HTTPStatus.NOT_FOUND)

    def _words(self, request: Request) -> Catalogue:
        return self._site.catalogue(self._site.language(request))
