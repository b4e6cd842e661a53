"""Tells the site how a server is and who plays on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bridge.features.nameless.api import NamelessApi, ServerReport
from bridge.features.servers import State, names_online, state_of
from bridge.minecraft import GameServer, ServerStatus
from bridge.store import Store
from bridge.store.players import player, uuid_of


class Reporter:
    """Reports one server.

    Only what is known is told: nothing before the status port was asked, and once that nobody is there when
    it does not answer.
    """

    def __init__(
        self,
        api: NamelessApi,
        server: GameServer,
        store: Store,
        *,
        site_id: int,
        every_s: float,
        groups: Sequence[str],
        is_hidden: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._api, self._server, self._store = api, server, store
        self._site_id, self._every_s, self._groups = site_id, every_s, groups
        self._is_hidden, self._now = is_hidden, now
        self._told_down = False

    async def once(self) -> None:
        """Report the server, if there is something to tell; the first time, once it was asked.

        Raises:
            NamelessError: The site did not take it.
        """
        if self._server.status is None:
            return
        await self._server.status.checked()  # at the start: not a whole interval later
        latest = self._server.status.latest
        state = state_of(self._server, now=self._now())
        if state is State.UP:
            await self._report(latest, await self._players(names_online(self._server, latest) or ()))
            self._told_down = False
        elif state is State.DOWN and not self._told_down:
            await self._report(latest, {})
            self._told_down = True

    async def _report(self, status: ServerStatus | None, players: dict[str, str]) -> None:
        await self._api.report(
            ServerReport(
                server=self._site_id,
                players=players,
                maximum=status.maximum if status is not None else 0,
                motd=status.motd if status is not None else "",
                interval_s=round(self._every_s),
                groups=self._groups,
            )
        )

    async def _players(self, names: Iterable[str]) -> dict[str, str]:
        """Return the players to name, by UUID without dashes; without those whose UUID no log has told."""
        found: dict[str, str] = {}
        async with self._store.reading() as conn:
            for name in sorted(names):
                if self._is_hidden(name):
                    continue
                known = await player(conn, self._server.id, name)
                uuid = known.uuid if known is not None else None
                uuid = uuid or await uuid_of(conn, name)
                if uuid is not None:
                    found[uuid.replace("-", "")] = name
        return found
