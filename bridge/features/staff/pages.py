"""The pages below ``/staff``."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Final

from bridge.config.access import Permission
from bridge.config.shown import shown
from bridge.features.board import Condition
from bridge.features.contract import Parts
from bridge.features.naming import Names
from bridge.features.staff.readers import reader_sentence
from bridge.store.audit import audit_entries
from bridge.website import Request, Site, StreamResponse
from bridge.website.identity import identity_of
from bridge.website.positions import read_position

_MOST_ENTRIES: Final = 100
_LAST_ENTRIES: Final = 8


class StaffPages:
    """Serves the staff's desk."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self.settings = parts.settings
        self._parts, self._site = parts, site
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff", "staff.nav.overview", self.overview, place=0)
        site.add_staff_page("/staff/health", "staff.nav.health", self.health, place=20)
        site.add_staff_page("/staff/deliveries", "staff.nav.deliveries", self.deliveries, place=30)
        site.add_staff_page("/staff/audit", "staff.nav.audit", self.audit, place=50)
        site.add_staff_page("/staff/settings", "staff.nav.settings", self.shown_settings, place=60)

    async def overview(self, request: Request) -> StreamResponse:
        """Show what matters first: what is in trouble, who plays, what was done last."""
        reports = await self._parts.board.reports()
        entries = []
        if identity_of(request).may(Permission.AUDIT_READ):
            async with self._parts.store.reading() as conn:
                entries = await audit_entries(conn, most=_LAST_ENTRIES)
        online = [server.online for server in self._parts.servers.values() if server.online is not None]
        return self._site.render(
            "staff-overview.html",
            request=request,
            reports=reports,
            trouble=sum(report.condition is Condition.TROUBLE for report in reports),
            playing=sum(map(len, online)) if online else None,
            entries=entries,
        )

    async def health(self, request: Request) -> StreamResponse:
        """Show how every source is, with its last error and what to do."""
        reports = await self._parts.board.reports()
        return self._site.render("staff-health.html", request=request, reports=reports)

    async def deliveries(self, request: Request) -> StreamResponse:
        """Show how far every delivery is, and how much of Discord's allowance was used."""
        discord, names = self._parts.discord, Names(self.settings)
        return self._site.render(
            "staff-deliveries.html",
            request=request,
            queues=[
                (queue, reader_sentence(queue.name, names)) for queue in await self._parts.board.queues()
            ],
            usage=discord.usage if discord is not None else None,
        )

    async def audit(self, request: Request) -> StreamResponse:
        """Show who did what, newest first, a page at a time."""
        asked = request.query.get("before", "")
        before = read_position(asked)
        who, action = request.query.get("who", ""), request.query.get("action", "")
        if asked and before is None:
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        async with self._parts.store.reading() as conn:
            entries = await audit_entries(conn, before=before, who=who, action=action, most=_MOST_ENTRIES + 1)
        return self._site.render(
            "staff-audit.html",
            request=request,
            entries=entries[:_MOST_ENTRIES],
            older=entries[_MOST_ENTRIES - 1].position if len(entries) > _MOST_ENTRIES else None,
            who=who,
            action=action,
        )

    async def shown_settings(self, request: Request) -> StreamResponse:
        """Show the settings as the daemon sees them."""
        return self._site.render("staff-settings.html", request=request, settings=shown(self.settings))
