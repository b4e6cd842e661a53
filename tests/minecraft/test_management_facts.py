"""Whatever happens on a server and to the connection, the facts end with who really plays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.events import (
    Event,
    ListedPlayer,
    PlayerJoined,
    PlayerLeft,
    ServerId,
    ServerListed,
    ServerMissed,
    ServerStarted,
)
from bridge.journal.records import Journal
from bridge.minecraft.management_facts import NO_GAP, ManagementFacts
from bridge.minecraft.management_wire import ServerState
from tests.minecraft.conftest import MemoryJournal

SERVER = ServerId("survival")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

steps = st.lists(
    st.tuples(
        st.sampled_from(["move", "unseen", "gap", "long gap", "bridge", "server", "log"]),
        st.sampled_from("ABC"),
    ),
    max_size=25,
)


class World:
    """A server, the truth about who plays on it, and a bridge that is told of it."""

    def __init__(self) -> None:
        self.at = NOON
        self.playing: dict[str, ListedPlayer] = {}
        self.journal = MemoryJournal()
        self.followed = False
        self.facts = self.bridge()

    def bridge(self) -> ManagementFacts:
        journal = cast("Journal", self.journal)  # it can do what is asked of it here
        return ManagementFacts(SERVER, journal, now=lambda: self.at, followed=lambda: self.followed)

    async def connect(self) -> None:
        await self.facts.connected(self.at, ServerState(started=True), tuple(self.playing.values()))

    async def take(self, step: str, name: str) -> None:
        self.at += timedelta(seconds=10)
        match step:
            case "move" | "unseen":
                await self._move(name, told=step == "move")
            case "gap" | "long gap":
                self.facts.lost()
                self.at += NO_GAP * (2 if step == "long gap" else 0.5)
                await self.connect()
            case "bridge":
                self.facts = self.bridge()
                await self.connect()
            case "server":
                await self.facts.stopping(self.at)
                self.playing.clear()
                self.at += timedelta(seconds=10)
                await self.facts.started(self.at)
            case "log":  # it is there for a while, and tells everything; then it is not
                self.followed = True
                await self.connect()
                self.followed = False

    async def _move(self, name: str, *, told: bool) -> None:
        if not told:
            self.facts.lost()
        player = ListedPlayer(name=name, uuid=f"uuid-of-{name}")
        if self.playing.pop(name, None) is not None:
            if told:
                await self.facts.left(self.at, player)
        else:
            self.playing[name] = player
            if told:
                await self.facts.joined(self.at, player)
        if not told:
            self.at += timedelta(seconds=1)
            await self.connect()


def replayed(events: list[Event]) -> set[str]:
    """Who plays by the facts alone."""
    playing: set[str] = set()
    for event in events:
        match event:
            case PlayerJoined(player=name):
                assert name not in playing, "a join that was told already"
                playing.add(name)
            case PlayerLeft(player=name):
                assert name in playing, "a leave of somebody who was not there"
                playing.discard(name)
            case ServerListed(players=players):
                playing = {player.name for player in players}
            case ServerStarted() | ServerMissed():
                playing = set()
            case _:
                pass
    return playing


@given(steps)
@settings(max_examples=60)
def test_the_facts_end_with_who_really_plays(happenings: list[tuple[str, str]]) -> None:
    async def live() -> World:
        world = World()
        await world.connect()
        for step, name in happenings:
            await world.take(step, name)
        return world

    world = asyncio.run(live())
    events: list[Event] = [record.event for record in world.journal.records]
    assert replayed(events) == set(world.playing)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert len({record.id for record in world.journal.records}) == len(events)
