"""Queries for players as a feature; its pages are read when somebody first asks for one."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.naming import Names
from bridge.features.queries.api import QueryApi
from bridge.locales import Catalogue
from bridge.website import Request, Site, StreamResponse

if TYPE_CHECKING:
    from bridge.features.queries.pages import QueryPages


class Queries:
    """Answers what staff and programs ask about players."""

    name = "queries"

    def __init__(self, parts: Parts) -> None:
        self._parts, self._names = parts, Names(parts.settings)
        if parts.site is not None:
            self._add_pages(parts.site)
            QueryApi(parts, parts.site)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:  # noqa: ARG002 - pages ask the site for words
        """Call servers as the settings now do."""
        self._names = Names(settings)

    async def prepare(self) -> None:
        """Nothing: what is shown is read when it is asked for."""

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    def _add_pages(self, site: Site) -> None:
        self._site, self._pages = site, asyncio.Lock()
        self._made: QueryPages | None = None
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff/queries", "staff.nav.queries", self._page, place=14)
        site.add_get("/staff/queries/players.csv", self._csv)
        site.add_post("/staff/queries", self._save)
        site.add_post("/staff/queries/{number}/rename", self._rename)
        site.add_post("/staff/queries/{number}/delete", self._delete)

    async def _loaded(self) -> QueryPages:
        async with self._pages:
            if self._made is None:
                module = await asyncio.to_thread(importlib.import_module, "bridge.features.queries.pages")
                self._made = module.QueryPages(self._parts, self._site, lambda: self._names)
            return self._made

    async def _page(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).page(request)

    async def _csv(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).csv(request)

    async def _save(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).save(request)

    async def _rename(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).rename(request)

    async def _delete(self, request: Request) -> StreamResponse:
        return await (await self._loaded()).delete(request)
