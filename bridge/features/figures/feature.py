"""Figures for staff as a feature; its pages are read when somebody first asks for one."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.figures.api import FiguresApi
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.website import Request, Site, StreamResponse

if TYPE_CHECKING:
    from bridge.features.figures.pages import FigurePages
    from bridge.features.figures.report_pages import ReportPages
    from bridge.features.figures.sending import Sender


class Figures:
    """Shows staff what the statistics say."""

    name = "figures"

    def __init__(self, parts: Parts, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._parts = parts
        self._teller = Teller(parts.settings, parts.catalogue)
        self._sender: Sender | None = None
        reports = parts.settings.reports
        if reports.weekly is not None or reports.monthly is not None:
            from bridge.features.figures.sending import Sender  # noqa: PLC0415 - only for whom it is set

            self._sender = Sender(parts, lambda: self._teller, pause=pause)
        if parts.site is not None:
            self._add_pages(parts.site)
            FiguresApi(parts, parts.site, lambda: self._teller.settings)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Keep hidden whom the settings now hide."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Nothing: what is shown is read when it is asked for."""

    async def run(self) -> None:
        """Send reports when they are due, until cancelled."""
        if self._sender is not None:
            await self._sender.run()
        await asyncio.Event().wait()

    def _add_pages(self, site: Site) -> None:
        self._site, self._pages = site, asyncio.Lock()
        self._made: FigurePages | None = None
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff/figures", "staff.nav.figures", self._overview, place=11)
        site.add_staff_page("/staff/figures/players", "staff.nav.figures-players", self._players, place=12)
        site.add_staff_page("/staff/figures/hours", "staff.nav.figures-hours", self._hours, place=13)
        site.add_staff_page("/staff/figures/compare", "staff.nav.figures-compare", self._compare, place=14)
        self._reports_made: ReportPages | None = None
        site.add_staff_page("/staff/reports", "staff.nav.reports", self._reports, place=14)
        site.add_get("/staff/reports/{period}", self._report)
        site.add_get("/staff/figures/curve.json", self._curve)
        site.add_get("/staff/figures/figures.csv", self._csv)

    async def _loaded(self) -> FigurePages:
        """Return the pages; charts and what belongs to them take memory only once somebody looks at one."""
        async with self._pages:
            if self._made is None:
                module = await asyncio.to_thread(importlib.import_module, "bridge.features.figures.pages")
                self._made = module.FigurePages(self._parts, self._site, lambda: self._teller)
            return self._made

    async def _loaded_reports(self) -> ReportPages:
        """Return the pages of reports, read as late."""
        async with self._pages:
            if self._reports_made is None:
                module = await asyncio.to_thread(
                    importlib.import_module, "bridge.features.figures.report_pages"
                )
                self._reports_made = module.ReportPages(self._parts, self._site, lambda: self._teller)
            return self._reports_made

    async def _reports(self, request: Request) -> StreamResponse:
        return await (await self._loaded_reports()).listed(request)

    async def _report(self, request: Request) -> StreamResponse:
        return await (await self._loaded_reports()).one(request)

    async def _overview(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).overview(request)

    async def _players(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).players(request)

    async def _hours(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).hours(request)

    async def _compare(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).compare(request)

    async def _curve(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).curve(request)

    async def _csv(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).csv(request)
