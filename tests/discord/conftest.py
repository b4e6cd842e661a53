"""A pretend guild, a real journal, and links between them that do not wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bridge.config.settings import DiscordSettings
from bridge.discord import DiscordLink, SlashCommand, Timing
from bridge.discord.intake import utc_now
from bridge.events import ChannelId, ChatEdited, ChatRemoved, ChatSaid
from bridge.journal import Journal, ReaderName, Record, Start
from bridge.journal.sqlite import SqliteJournal
from bridge.simulator.discord import Channel, Member, RateLimits, SimDiscord
from bridge.store import Store
from bridge.store.schema import Migrate

TIMING = Timing(request_s=0.5, connect_s=5.0, guild_s=0.02, defer_s=0.05)


class Pauses:
    """A sleep that takes no time and remembers for how long it was asked; while not ``free`` it waits."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self, wait_s: float) -> None:
        self.asked.append(wait_s)
        await asyncio.sleep(0)
        await self.free.wait()


@dataclass
class Scene:
    """A pretend guild with one channel in a room, a member, and a journal."""

    sim: SimDiscord
    channel: Channel
    member: Member
    journal: SqliteJournal
    pauses: Pauses = field(default_factory=Pauses)
    commands: tuple[SlashCommand, ...] = ()

    @property
    def id(self) -> ChannelId:
        """The channel as the bridge names it."""
        return ChannelId(self.channel.id)

    def settings(self, **changes: object) -> DiscordSettings:
        """The settings that point the bridge at the pretend guild."""
        given: dict[str, object] = {
            "token": self.sim.token,
            "guild": self.sim.guild_id,
            "channels": {"chat": self.channel.id},
            "api_url": self.sim.api_url,
            "gateway_url": self.sim.gateway_url,
        }
        return DiscordSettings.model_validate(given | changes)

    def link(
        self,
        *,
        journal: Journal | None = None,
        now: Callable[[], datetime] = utc_now,
        timing: Timing = TIMING,
        **changes: object,
    ) -> DiscordLink:
        """A link that has not begun; *changes* are settings."""
        link = DiscordLink(
            self.settings(**changes),
            journal or self.journal,
            channels=frozenset({self.id}),
            timing=timing,
            now=now,
            sleep=self.pauses,
        )
        for command in self.commands:
            link.add_command(command)
        return link

    @asynccontextmanager
    async def linked(
        self,
        *,
        journal: Journal | None = None,
        now: Callable[[], datetime] = utc_now,
        timing: Timing = TIMING,
        **changes: object,
    ) -> AsyncIterator[DiscordLink]:
        """A running link that reads the channel; it ends with the block."""
        link = self.link(journal=journal, now=now, timing=timing, **changes)
        async with self.running(link):
            before = self.looked
            await asyncio.wait_for(link.ready.wait(), 5)
            await self.sim.wait_for(lambda: self.looked > before)
            yield link

    @asynccontextmanager
    async def running(self, link: DiscordLink) -> AsyncIterator[DiscordLink]:
        """A running link; it ends with the block, and its failure is the test's."""
        task = asyncio.create_task(link.run())
        try:
            yield link
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled():
            task.result()

    @property
    def looked(self) -> int:
        """How often the channel's history was asked for and given."""
        return len(self.requests("GET", "/messages", status=200))

    def requests(self, method: str, path_end: str, *, status: int | None = None) -> list[str]:
        """The paths of the requests so far that end like this and were answered like this."""
        return [
            one.path
            for one in self.sim.requests
            if one.method == method
            and one.path.endswith(path_end)
            and (status is None or one.status == status)
        ]

    async def until(self, true: Callable[[], object]) -> None:
        """Return when *true* is; asked in every turn of the loop."""
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110 - the link's state has no event
                await asyncio.sleep(0)

    async def records(self, count: int) -> list[Record]:
        """The journal's records, once there are *count*; more fail the test."""
        found: list[Record] = []
        reader = await self.journal.reader(ReaderName("test"), KINDS, start=Start.BEGINNING)
        async with asyncio.timeout(5):
            async for batch in reader.batches():
                found.extend(batch.records)
                if len(found) >= count:
                    break
        assert len(found) == count, [record.event for record in found]
        return found

    async def said(self, count: int) -> list[str]:
        """What was said, changed or removed, once there are *count* records."""
        return [_shown(record) for record in await self.records(count)]


KINDS = (ChatSaid, ChatEdited, ChatRemoved)


def _shown(record: Record) -> str:
    match record.event:
        case ChatSaid(text=text):
            return text
        case ChatEdited(text=text):
            return f"edited: {text}"
        case other:
            return other.kind


@pytest.fixture
async def journal(tmp_path: Path, migrate: Migrate) -> AsyncIterator[SqliteJournal]:
    """A journal on disk."""
    async with await Store.open(tmp_path / "bridge.db", migrate=migrate) as store:
        journal = SqliteJournal(store)
        yield journal
        await journal.close()


@pytest.fixture
async def scene(journal: SqliteJournal) -> AsyncIterator[Scene]:
    """A pretend guild; what the link asks for and the guild does not know fails the test.

    It lets a bot identify as often as it likes: once in five seconds, the library would wait.
    """
    async with SimDiscord(rates=RateLimits(identify=None)) as sim:
        yield Scene(sim, sim.add_channel("chat"), sim.add_member("Mira"), journal)
