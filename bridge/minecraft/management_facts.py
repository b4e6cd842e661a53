"""What the Management Protocol tells becomes facts, where the server's log does not tell them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bridge.events import (
    AnyEvent,
    Event,
    ListedPlayer,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerLost,
    ServerMissed,
    ServerRecovered,
    ServerSampled,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from bridge.journal.records import Draft, Journal, JournalError, JournalFull, RecordId, SourceName
from bridge.minecraft.management_wire import ServerState
from bridge.minecraft.twice import Twice
from bridge.supervise import backoff

log = structlog.get_logger(__name__)

NO_GAP: Final = timedelta(seconds=60)
"""So short a gap that leaves everybody in place is none: statistics join stays that are further apart."""

_KINDS: Final = (
    ServerFollowed,
    ServerListed,
    ServerStarting,
    ServerStarted,
    ServerStopping,
    PlayerJoined,
    PlayerLeft,
    ServerMissed,
)
_SIGNS: Final = (ServerSampled, ServerRecovered, ServerLost)  # the bridge lived then
_MOST_REMEMBERED: Final = 5000


def same_player(one: ListedPlayer) -> str:
    """Return what a player is known by: the UUID where there is one, as names change."""
    return one.uuid or one.name.lower()


class ManagementFacts:
    """The source ``management:<server>``: it tells nothing while *followed* says that the log does."""

    def __init__(
        self,
        server: ServerId,
        journal: Journal,
        *,
        now: Callable[[], datetime],
        followed: Callable[[], bool] = lambda: False,
        twice: Twice | None = None,
        late_after_s: float = 120.0,
    ) -> None:
        self.name = SourceName(f"management:{server}")
        self.late_after_s = late_after_s
        self._server = server
        self._journal = journal
        self._now = now
        self._followed = followed
        self._twice = twice if twice is not None else Twice(server)
        self._known: dict[str, ListedPlayer] = {}  # who plays, by what was told
        self._phase: type[Event] | None = None  # the newest of starting, started, stopping
        self._seen: datetime | None = None  # until then nothing was missed
        self._remembered = False

    async def connected(self, at: datetime, state: ServerState, players: Iterable[ListedPlayer]) -> None:
        """Compare how the server is with what was known, after each connection.

        Raises:
            JournalError: It could not be read what was known.
        """
        await self._remember()
        now = {same_player(player): player for player in players}
        if not self._followed():
            await self._append(self._since_then(at, state, now))
        self._known, self._seen = now, at

    async def joined(self, at: datetime, player: ListedPlayer) -> None:
        """A player came."""
        self._known[same_player(player)] = player
        server, name, uuid = self._server, player.name, player.uuid
        events: list[AnyEvent] = [PlayerJoined(at=at, server=server, player=name, uuid=uuid)]
        if uuid is not None:
            events.insert(0, PlayerIdentified(at=at, server=server, player=name, uuid=uuid))
        await self._tell(events)

    async def left(self, at: datetime, player: ListedPlayer) -> None:
        """A player went."""
        self._known.pop(same_player(player), None)
        await self._tell([PlayerLeft(at=at, server=self._server, player=player.name, uuid=player.uuid)])

    async def started(self, at: datetime) -> None:
        """The server is ready; nobody is on it yet."""
        self._known = {}
        await self._tell([ServerStarted(at=at, server=self._server)])
        self._phase = ServerStarted

    async def stopping(self, at: datetime) -> None:
        """The server began to stop."""
        if self._phase is not ServerStopping:
            await self._tell([ServerStopping(at=at, server=self._server)])
        self._phase = ServerStopping

    async def listed(self, at: datetime, players: Iterable[ListedPlayer]) -> None:
        """Somebody is on of whom nobody told, or the other way round."""
        players = tuple(players)
        self._known = {same_player(player): player for player in players}
        await self._tell([ServerListed(at=at, server=self._server, players=players)])

    def lost(self) -> None:
        """The connection ended: what happens from now on is not told."""
        self._seen = self._now() if self._remembered else self._seen

    def _since_then(self, at: datetime, state: ServerState, now: dict[str, ListedPlayer]) -> list[AnyEvent]:
        """Return what is to be told of the time without a connection."""
        events: list[AnyEvent] = []
        server, gone = self._server, self._phase in (ServerStopping, ServerStarting)
        missed = False
        if self._seen is None:
            events.append(ServerFollowed(at=at, server=server))
        elif not gone and (at - self._seen > NO_GAP or now.keys() != self._known.keys()):
            events.append(ServerMissed(at=at, server=server, since=min(self._seen, at)))
            missed = True
        if not state.started and self._phase is not ServerStarting:
            events.append(ServerStarting(at=at, server=server, version=state.version))
            self._phase = ServerStarting
        elif state.started:
            if gone:
                events.append(ServerStarted(at=at, server=server))
            self._phase = ServerStarted
        if missed or self._seen is None or now.keys() != self._known.keys():
            events.append(ServerListed(at=at, server=server, players=tuple(now.values())))
        return events

    async def _remember(self) -> None:
        """Read from the journal who was on when the bridge stopped, and until when it saw."""
        if self._remembered:
            return
        records = await self._journal.recent(self.name, _KINDS, most=_MOST_REMEMBERED)
        for record in records:
            self._replay(record.event)
        if records:
            status = SourceName(f"status:{self._server}")
            signs = await self._journal.recent(status, _SIGNS, most=1)
            self._seen = max(record.event.at for record in (records[-1], *signs))
        await self._twice.recall(self._journal)
        self._remembered = True

    def _replay(self, event: Event) -> None:
        match event:
            case PlayerJoined(player=name, uuid=uuid):
                player = ListedPlayer(name=name, uuid=uuid)
                self._known[same_player(player)] = player
            case PlayerLeft(player=name, uuid=uuid):
                self._known.pop(uuid or name.lower(), None)
            case ServerListed(players=players):
                self._known = {same_player(player): player for player in players}
            case ServerStarting() | ServerStarted() | ServerStopping():
                self._phase = type(event)
                if not isinstance(event, ServerStopping):
                    self._known = {}
            case _:
                pass

    async def _tell(self, events: list[AnyEvent]) -> None:
        if not self._followed():
            await self._append(
                [event for event in events if not self._twice.told_elsewhere(self.name, event)]
            )

    async def _append(self, events: list[AnyEvent]) -> None:
        """Journal facts; where that fails, wait and try again: what the server tells meanwhile waits, too."""
        if not events:
            return
        drafts = [self._draft(event) for event in events]
        waits, failures = backoff(most_s=30.0), 0
        while True:
            try:
                await self._journal.append(*drafts)
            except JournalError as exc:
                failures += 1
                tell = log.error if failures == 1 else log.debug
                full = isinstance(exc, JournalFull)
                tell("facts wait for the journal", source=self.name, disk_full=full, problem=str(exc))
                await asyncio.sleep(next(waits))
            else:
                break
        if failures:
            log.info("the journal takes facts again", source=self.name)
        for event in events:
            self._twice.note(self.name, event)

    def _draft(self, event: AnyEvent) -> Draft:
        at = event.at.isoformat(timespec="microseconds")
        who = getattr(event, "player", "")
        late = (self._now() - event.at).total_seconds() > self.late_after_s
        id_ = RecordId(f"{self.name}:{event.kind}:{who}:{at}")
        return Draft(id=id_, source=self.name, place=at, event=event, late=late)
