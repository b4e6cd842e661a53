"""A page for each player: what the settings make public of them, and nothing else."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from bridge.config.access import Permission
from bridge.config.settings import BridgeSettings, PlayerField
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.servers import players_on
from bridge.features.telling import Teller
from bridge.store.players import Player, players_named
from bridge.website import Briefly, Request, Site, StreamResponse
from bridge.website.identity import identity_of

if TYPE_CHECKING:
    from bridge.features.player_figures import PlayerFigures
    from bridge.features.players.shown import ShownFigures

LONGEST_NAME: Final = 40  # characters, with what Floodgate puts before
_FIGURES: Final = frozenset(
    {
        PlayerField.PLAYTIME,
        PlayerField.SESSIONS,
        PlayerField.STREAK,
        PlayerField.DEATHS,
        PlayerField.ADVANCEMENTS,
        PlayerField.STATISTICS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerView:
    """What a player's page shows; None where it is private or not known."""

    name: str
    online: tuple[tuple[ServerId, str], ...] | None = None  # where they play now, by id and title
    servers: tuple[tuple[ServerId, str], ...] | None = None  # that have seen them
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class PlayerPages:
    """Serves the pages of players, where the settings allow any."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self.kept: Briefly[PlayerView | None] = Briefly()
        self.counted: Briefly[PlayerFigures | None] = Briefly()
        self.configure(parts.settings)
        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/players/{name}", self.page)

    def configure(self, settings: BridgeSettings) -> None:
        """Show of players what the settings now make public."""
        self._settings = settings
        self._teller = Teller(settings, self._parts.catalogue)
        website = settings.website
        self._fields = website.player_fields if website.show_players else frozenset[PlayerField]()
        self._site.link_players(linked=bool(self._fields))

    async def page(self, request: Request) -> StreamResponse:
        """Show a player; hidden and unknown ones look alike."""
        name = request.match_info["name"]
        if not self._fields or len(name) > LONGEST_NAME or self._teller.is_hidden(name):
            self._site.refuse(HTTPStatus.NOT_FOUND)
        view = await self.kept.get(name, lambda: self._view(name))
        if view is None or self._teller.is_hidden(view.name):
            self._site.refuse(HTTPStatus.NOT_FOUND)
        if view.name != name:
            query = f"?{request.query_string}" if request.query_string else ""
            return self._site.see(f"/players/{quote(view.name)}{query}")
        figures = await self._figures(request, view.name) if self._fields & _FIGURES else None
        return self._site.render(
            "player.html",
            request=request,
            view=view,
            figures=figures,
            everything=identity_of(request).may(Permission.PLAYERS_READ),
        )

    async def _figures(self, request: Request, name: str) -> ShownFigures | None:
        """Return what may be shown of what is counted of a player; None before anything is."""
        # Read at the first request, in a thread: most communities show no figures.
        await asyncio.to_thread(importlib.import_module, "bridge.features.players.shown")
        from bridge.features.players.shown import read_figures, shown_figures  # noqa: PLC0415 - same

        found = await self.counted.get(name, lambda: read_figures(self._parts, self._settings, name))
        if found is None:
            return None
        catalogue = self._site.catalogue(self._site.language(request))
        return shown_figures(found, self._fields, self._settings, catalogue)

    async def _view(self, name: str) -> PlayerView | None:
        """Return what may be shown of a player; None if nobody knows them."""
        async with self._parts.store.reading() as conn:
            known = await players_named(conn, name)
        playing = self._playing(name)
        if not known and not playing:
            return None
        spellings = [*playing.values(), *(each.name for each in known)]
        spelled = name if name in spellings else spellings[0]
        return self._public(spelled, list(playing), [each for each in known if each.name == spelled])

    def _playing(self, name: str) -> dict[ServerId, str]:
        """Return the servers on which somebody of that name plays now, and how each spells it."""
        found: dict[ServerId, str] = {}
        for server in self._parts.servers.values():
            for each in players_on(server, now=self._parts.now()) or ():
                if each.casefold() == name.casefold():
                    found[server.id] = each
        return found

    def _public(self, name: str, playing: Sequence[ServerId], known: Sequence[Player]) -> PlayerView:
        fields = self._fields
        seen_by = [each.server for each in known] or list(playing)
        first = min((each.first_seen for each in known), default=None)
        last = max((each.last_seen for each in known), default=None)
        return PlayerView(
            name=name,
            online=self._titled(playing) if PlayerField.ONLINE in fields else None,
            servers=self._titled(seen_by) if PlayerField.SERVERS in fields else None,
            first_seen=first if PlayerField.FIRST_SEEN in fields else None,
            last_seen=last if PlayerField.LAST_SEEN in fields else None,
        )

    def _titled(self, servers: Sequence[ServerId]) -> tuple[tuple[ServerId, str], ...]:
        """Return servers with their titles, without those that are no longer in the settings."""
        here = [server for server in self._parts.servers if server in servers]
        return tuple((server, self._teller.server_title(server)) for server in here)
