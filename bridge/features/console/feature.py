"""The console as a feature: its page, and the loop that tells readers what is added to the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from bridge.config.settings import BridgeSettings
from bridge.features.console.rows import AREAS, Namer, Row, belongs
from bridge.features.contract import Parts
from bridge.locales import Catalogue
from bridge.supervise import keep_alive
from bridge.website import Request, ServerSentEvent, Site, StreamResponse, serve_events
from bridge.website.positions import seen_through

MOST_ROWS: Final = 200
_LOOK_BACK: Final = 1000  # positions; they have gaps, and not every record is shown
_PAGE: Final = 500


class Console:
    """Shows staff everything that happens."""

    name = "console"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pages = None if parts.site is None else ConsolePages(parts, parts.site)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:  # noqa: ARG002 - a feature is given both
        """Name servers, channels and rooms as the settings now do."""
        if self._pages is not None:
            self._pages.namer = Namer(settings)

    async def prepare(self) -> None:
        """Need nothing: the page begins with what is there."""

    async def run(self) -> None:
        """Tell readers what is added until cancelled."""
        if self._pages is None:
            await asyncio.Event().wait()
        else:
            await keep_alive("console", self._pages.run)


class ConsolePages:
    """Serves the page and its stream."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._journal, self._site = parts.journal, site
        self.namer = Namer(parts.settings)
        self._language = str(parts.settings.community.language)
        self._broadcasts = {area: site.broadcast() for area in ("", *AREAS)}
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff/console", "staff.nav.console", self.page, place=10)
        site.add_get("/staff/console/stream", self.stream)

    async def run(self) -> None:
        """Tell everybody who reads along what is added to the journal, until cancelled.

        Raises:
            JournalError: The journal cannot be read.
        """
        through = await self._journal.grown(-1)
        while True:
            head = await self._journal.grown(through)
            read_along = any(broadcast.listeners for broadcast in self._broadcasts.values())
            through = await self._tell(through) if read_along else head

    async def page(self, request: Request) -> StreamResponse:
        """Show the newest rows, of one area if the address names one."""
        area = _area(request)
        rows, through = await self._newest(area)
        return self._site.render(
            "console.html",
            request=request,
            rows=rows[::-1],
            last=through,
            area=area,
            areas=tuple(AREAS),
        )

    async def stream(self, request: Request) -> StreamResponse:
        """Send rows as they come, beginning after the last one that the browser has."""
        area = _area(request)
        seen = seen_through(request)
        with self._broadcasts[area].listen(self._site.address_of(request)) as queue:
            rows, through = await self._newest(area)
            known = through if seen is None else seen
            first = [self._event(row) for row in rows if row.position > known]

            def is_told(event: ServerSentEvent) -> bool:
                """Tell whether an event is among the first rows."""
                return int(event.id or 0) <= through

            return await serve_events(request, queue, first=first, skip=is_told)

    async def _newest(self, area: str) -> tuple[list[Row], int]:
        """Return the newest rows of an area, oldest first, and the position up to which they are all."""
        head = await self._journal.grown(-1)
        rows: list[Row] = []
        through, more = max(head - _LOOK_BACK, 0), True
        while more:
            page = await self._journal.page((), after=through, most=_PAGE)
            rows += [self.namer.row(record) for record in page.records if belongs(record.kind, area)]
            through, more = page.through, page.more
        return rows[-MOST_ROWS:], through

    async def _tell(self, after: int) -> int:
        page = await self._journal.page((), after=after, most=_PAGE)
        for record in page.records:
            event = self._event(self.namer.row(record))
            for area, broadcast in self._broadcasts.items():
                if belongs(record.kind, area):
                    broadcast.send(event)
        return page.through

    def _event(self, row: Row) -> ServerSentEvent:
        html = self._site.part("console-row.html", language=self._language, row=row).strip()
        return ServerSentEvent(name="row", data=html, id=str(row.position))


def _area(request: Request) -> str:
    """Return the area that the address names; all of them if it is none of ours."""
    area = request.query.get("area", "")
    return area if area in AREAS else ""
