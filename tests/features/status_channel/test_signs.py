"""Names and topics of channels: the newest, within what Discord allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.config.status_channel import PresenceSettings, SignSettings
from bridge.discord.boards import Boards
from bridge.discord.presence import Presence
from bridge.events import ChannelId
from bridge.features.board import Condition
from bridge.features.status_channel.signs import PresenceKeeper, SignKeeper
from bridge.journal import SqliteJournal
from bridge.simulator.discord import (
    Change,
    Channel,
    ChannelChanged,
    Clock,
    Permission,
    RateLimits,
    SimDiscord,
)
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.text import RichText
from tests.discord.conftest import Scene

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Hours:
    """Time that passes as somebody waits; whenever it does, somebody joins the game."""

    passed_s: float = 0.0
    players: int = 0
    ends_s: float = 7200.0
    waits: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        """The bridge's clock."""
        return NOON + timedelta(seconds=self.passed_s)

    async def pause(self, wait_s: float) -> None:
        """Let time pass, until the end."""
        self.waits.append(wait_s)
        self.passed_s += wait_s
        self.players += 1
        if self.passed_s >= self.ends_s:
            self.over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def fill(self, pattern: str, _servers: tuple[str, ...]) -> RichText:
        """Fill in how many are on."""
        return RichText.of(pattern.replace("{online}", str(self.players)))


@dataclass
class Street:
    """A guild with a channel that is a sign."""

    sim: SimDiscord
    channel: Channel
    boards: Boards
    store: Store
    hours: Hours

    def keeper(self, **settings: object) -> SignKeeper:
        """What keeps the sign."""
        return SignKeeper(
            "counter",
            ChannelId(self.channel.id),
            SignSettings.model_validate(settings),
            boards=self.boards,
            store=self.store,
            fill=self.hours.fill,
            now=self.hours.now,
            pause=self.hours.pause,
        )

    @property
    def answers(self) -> list[int | None]:
        """How Discord answered each change."""
        return [one.status for one in self.sim.requests if one.method == "PATCH"]

    async def two_hours(self, keeper: SignKeeper) -> None:
        """Let the sign be kept until time is over."""
        task = asyncio.create_task(keeper.run())
        try:
            async with asyncio.timeout(10):
                await self.hours.over.wait()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def street(tmp_path: Path, migrate: Migrate) -> AsyncIterator[Street]:
    """A guild that keeps Discord's limits by the same clock as the bridge."""
    hours = Hours()
    clock = Clock(wall=lambda: hours.now().timestamp(), steady=lambda: hours.passed_s)
    async with (
        SimDiscord(rates=RateLimits(identify=None), clock=clock) as sim,
        await Store.open(tmp_path / "data", migrate=migrate) as store,
        SqliteJournal(store) as journal,
    ):
        channel = sim.add_channel("counter")
        link = Scene(sim, channel, sim.add_member("Mira"), journal).link()
        yield Street(sim, channel, link.boards(), store, hours)
        await link._rest.close()


@pytest.mark.parametrize("settings", [{"name": "on-{online}", "every": "6m"}, {"topic": "{online} on"}])
async def test_two_changes_in_ten_minutes_are_never_passed(street: Street, settings: dict[str, str]) -> None:
    await street.two_hours(street.keeper(**settings))
    assert set(street.answers) == {200}
    most = 20 if "every" in settings else 12
    assert most - 2 <= len(street.answers) <= most


async def test_a_change_always_shows_the_newest(street: Street) -> None:
    told: list[tuple[str | None, str]] = []

    def listen(change: Change) -> None:
        if isinstance(change, ChannelChanged):
            told.append((change.channel.topic, str(street.hours.players)))

    street.sim.world.hub.listeners.append(listen)
    await street.two_hours(street.keeper(topic="{online}"))
    assert len(told) > 10
    assert all(topic == now for topic, now in told)


async def test_after_a_restart_the_limit_goes_on(street: Street) -> None:
    await street.two_hours(street.keeper(name="on-{online}", every="6m"))
    before = len(street.answers)
    street.hours.over.clear()
    street.hours.ends_s = street.hours.passed_s + 60
    await street.two_hours(street.keeper(name="on-{online}", every="6m"))
    assert len(street.answers) - before <= 1
    assert set(street.answers) == {200}


async def test_what_shows_the_same_is_left_alone(street: Street) -> None:
    await street.two_hours(street.keeper(name="always", topic="the same"))
    assert street.answers == [200]
    channel = street.sim.world.channel(street.channel.id)
    assert (channel.name, channel.topic) == ("always", "the same")


async def test_a_missing_permission_is_tried_again_seldom(street: Street) -> None:
    street.sim.deny(street.channel, Permission.MANAGE_CHANNELS)
    keeper = street.keeper(topic="{online}")
    await street.two_hours(keeper)
    assert street.answers == [403] * 24  # every five minutes
    report = keeper.standing.report("The counter")
    assert report.condition is Condition.TROUBLE
    assert "'Manage Channels'" in report.problem


async def test_the_lines_of_the_presence_take_turns() -> None:
    hours, presence, shown = Hours(ends_s=180), Presence(), list[str | None]()

    async def pause(wait_s: float) -> None:
        shown.append(presence.text)
        await hours.pause(wait_s)

    settings = PresenceSettings.model_validate({"lines": ["{online} on", "hello"]})
    task = asyncio.create_task(PresenceKeeper(settings, presence, hours.fill, pause=pause).run())
    async with asyncio.timeout(5):
        await hours.over.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert shown == ["0 on", "hello", "2 on"]
    assert presence.due.is_set()
