"""The public leaderboard, and for staff every player with all that is counted of them."""

from __future__ import annotations

import asyncio
import importlib
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.playtime.public import compared, has_leaderboard
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.website import Request, Site, StreamResponse
from bridge.website.positions import read_position

if TYPE_CHECKING:
    from bridge.features.playtime.shown import Shown

_LONGEST_NAME: Final = 64  # characters; any longer one is nobody's
_AT_MOST: Final = 100  # places

Choice = TypeVar("Choice", bound=StrEnum)


class PlaytimePages:
    """Serves the pages; what makes them is read when somebody opens the first one."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self.configure(parts.settings)
        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/leaderboard", self.leaderboard)
        site.add_staff_page("/staff/players", "staff.nav.players", self.players, place=15)
        site.add_get("/staff/players/{name}", self.player)

    def configure(self, settings: BridgeSettings) -> None:
        """Show what the settings now make public."""
        self._settings = settings
        self._site.link_leaderboard(linked=has_leaderboard(settings))

    async def leaderboard(self, request: Request) -> StreamResponse:
        """Show who did most; where that is not public, the page looks as if it were not there."""
        if not has_leaderboard(self._settings):
            self._site.refuse(HTTPStatus.NOT_FOUND)
        by = self._chosen(request, "by", By.SECONDS, compared(self._settings))
        period = self._chosen(request, "period", PeriodName.WEEK, tuple(PeriodName))
        server = self._server(request)
        shown = await self._shown(request)
        board = await shown.board(by, period, server, most=_AT_MOST)
        return self._site.render(
            "leaderboard.html",
            request=request,
            board=board,
            choices=compared(self._settings),
            periods=tuple(PeriodName),
            servers=self._titles(),
        )

    async def players(self, request: Request) -> StreamResponse:
        """Show staff who was here last, or whose name begins as they typed."""
        typed = request.query.get("name", "").strip()[:_LONGEST_NAME]
        shown = await self._shown(request)
        found = await shown.players(typed, most=_AT_MOST)
        return self._site.render("staff-players.html", request=request, typed=typed, players=found)

    async def player(self, request: Request) -> StreamResponse:
        """Show staff everything about a player, under the name they have now."""
        name, asked = request.match_info["name"], request.query.get("before", "")
        before = read_position(asked)
        if len(name) > _LONGEST_NAME:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        if asked and before is None:
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        found = await (await self._shown(request)).player(name, before_ms=before)
        if found is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        if found.name != name:
            return self._site.see(f"/staff/players/{quote(found.name)}")
        return self._site.render("staff-player.html", request=request, player=found)

    def _chosen(self, request: Request, name: str, usual: Choice, known: tuple[Choice, ...]) -> Choice:
        """Return what the address chooses; the page of a choice that is not there is not found."""
        asked = request.query.get(name) or usual
        found = next((each for each in known if each == asked), None)
        if found is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return found

    def _server(self, request: Request) -> ServerId | None:
        asked = ServerId(request.query.get("server", ""))
        if asked and asked not in self._parts.servers:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return asked or None

    def _titles(self) -> tuple[tuple[ServerId, str], ...]:
        return tuple((id_, self._settings.servers[id_].title or id_) for id_ in self._parts.servers)

    async def _shown(self, request: Request) -> Shown:
        await asyncio.to_thread(importlib.import_module, "bridge.features.playtime.shown")
        from bridge.features.playtime.shown import Shown  # noqa: PLC0415 - at the first request

        return Shown(self._parts, self._settings, self._site.catalogue(self._site.language(request)))
