"""The staff's page of uptime: how each server is and was, what went wrong, and what is planned."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.uptime.maintenance import Maintenance
from bridge.features.uptime.views import PERIODS, recent_incidents, server_uptimes
from bridge.locales import Catalogue
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.samples import fitting, percent, series
from bridge.store.times import to_ms
from bridge.website import Request, Site, StreamResponse

if TYPE_CHECKING:
    from bridge.website.charts import Figure

_SHOWN: Final = timedelta(days=7)


class UptimePages:
    """Serves the page."""

    def __init__(self, parts: Parts, site: Site, maintenance: Callable[[], Maintenance]) -> None:
        self._parts, self._site, self._maintenance = parts, site, maintenance
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff/uptime", "staff.nav.uptime", self.page, place=15)

    async def page(self, request: Request) -> StreamResponse:
        """Show all servers; with ``?server=``, one of them with its last week."""
        parts, now = self._parts, self._parts.now()
        chosen = request.query.get("server")
        if chosen is not None and chosen not in parts.servers:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        named = list(parts.servers) if chosen is None else [ServerId(chosen)]
        catalogue = self._site.catalogue(self._site.language(request))
        views = [view for view in await server_uptimes(parts, now) if view.id in named]
        return self._site.render(
            "staff-uptime.html",
            request=request,
            views=views,
            periods=PERIODS,
            percent=percent,
            incidents=await recent_incidents(parts, named),
            titles={id_: server.title for id_, server in parts.servers.items()},
            windows=self._maintenance().next(now),
            chosen=chosen,
            figures=[] if chosen is None else await self._figures(ServerId(chosen), now, catalogue),
            now=now,
            lasted=lambda began, ended: catalogue.duration(((ended or now) - began).total_seconds()),
        )

    async def _figures(self, server: ServerId, now: datetime, catalogue: Catalogue) -> list[Figure]:
        begins_ms, ends_ms = to_ms(now - _SHOWN), to_ms(now)
        bucket = fitting(begins_ms, ends_ms)
        async with self._parts.store.reading() as conn:
            number = (await numbers_of_servers(conn)).get(server, -1)
            points = await series(conn, number, bucket, begins_ms=begins_ms, ends_ms=ends_ms, zone=self._zone)
        if not points:
            return []
        # Read when somebody first looks at a chart: they take memory that few bridges need.
        drawings = await asyncio.to_thread(importlib.import_module, "bridge.features.uptime.drawings")
        return list(drawings.drawn(points, catalogue, zone=self._zone, gap_s=bucket * 90))
