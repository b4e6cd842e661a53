"""The feature itself: reads, derives, then acts."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.permissions import Rule, Who
from bridge.config.settings import BridgeSettings
from bridge.events import PlayerJoined
from bridge.features.contract import Parts
from bridge.features.telling import Teller
from bridge.journal import ReaderName, Record, Start
from bridge.locales import Catalogue
from bridge.minecraft import CommandRefused, Priority, RconError
from bridge.minecraft.commands import Target, Tellraw
from bridge.text import to_component
from passerelle_welcome.commands import newcomers_command
from passerelle_welcome.logic import worth_greeting
from passerelle_welcome.pages import NewcomerPages
from passerelle_welcome.store import make_table, note_player
from passerelle_welcome.words import say

log = structlog.get_logger(__name__)


class Welcome:
    """Knows whom each server has seen, and welcomes those it has not."""

    name = "welcome"  # in the log, and of its reader: never changed, or it would read everything again

    def __init__(self, parts: Parts) -> None:
        """Register commands and pages; nothing is opened or read yet. What the settings leave out is None."""
        self._parts = parts
        self._teller = Teller(parts.settings, parts.catalogue)
        if parts.discord is not None:
            parts.rules.add("/newcomers", Rule(Who.EVERYONE, "tells what the page tells"))
            parts.discord.add_command(newcomers_command(parts, lambda: self._teller))
        if parts.site is not None:
            parts.rules.add(
                "GET /newcomers.json", Rule(Who.EVERYONE, "names only where the owner shows names")
            )
            NewcomerPages(parts, parts.site, lambda: self._teller)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Go on with changed settings."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Need nothing before the first fact arrives.

        A reader that starts at the end is made here, so that it misses nothing; ours starts at the beginning.
        """

    async def run(self) -> None:
        """Read and greet until cancelled. After an error the bridge begins this again; the others go on."""
        async with self._parts.store.transaction() as tx:
            await make_table(tx)
        # From the beginning: who was here before the feature was installed is no newcomer.
        reader = await self._parts.journal.reader(
            ReaderName(self.name), (PlayerJoined,), start=Start.BEGINNING
        )
        async for batch in reader.batches():
            async with self._parts.store.transaction() as tx:
                newcomers = [record for record in batch.records if await _is_new(tx, record)]
                # In the same transaction: whatever stops the bridge, each join is counted once.
                await reader.advance(tx, batch.through)
            # After it: a crash here loses a greeting, and never says it twice.
            await self._greet(newcomers)

    async def _greet(self, newcomers: Sequence[Record]) -> None:
        for record in newcomers:
            event = record.event
            if not isinstance(event, PlayerJoined) or not worth_greeting(record, self._parts.now()):
                continue
            server = self._parts.servers.get(event.server)
            if server is None or server.rcon is None:
                continue
            settings = self._teller.settings
            title = self._teller.server_title(event.server)
            text = say(settings.community.language, "greeting", player=event.player, server=title)
            # To the player alone, so that those under hidden-players may be greeted too.
            greeting = Tellraw(Target(event.player), to_component(text))
            try:
                await server.rcon.command(greeting, priority=Priority.HOUSEKEEPING)
            except (CommandRefused, RconError) as exc:
                log.info("a newcomer was not greeted", server=event.server, problem=str(exc))


async def _is_new(tx: AsyncConnection, record: Record) -> bool:
    """Note the player of a record; tell whether this was their first time."""
    event = record.event
    return isinstance(event, PlayerJoined) and await note_player(tx, event)
