"""A pretend game server and what tests need around it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.config.settings import RconSettings
from bridge.events import ChatSaid, Event, ServerId
from bridge.journal.records import (
    Draft,
    JournalError,
    Reader,
    ReaderName,
    Record,
    RecordId,
    SourceName,
    Start,
)
from bridge.minecraft.rcon import RconLink
from bridge.simulator.game import SimGame

SURVIVAL = ServerId("survival")


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A vanilla server that runs."""
    game = SimGame(tmp_path / "game", clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
def until() -> Until:
    """Return a function that lets the loop run until a condition holds, at most five seconds."""

    async def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5.0
        for _ in itertools.count():
            if condition():
                return
            assert time.monotonic() < deadline, "it did not come about"
            await asyncio.sleep(0)

    return wait


class MemoryJournal:
    """A journal in memory that can be told to fail, and a bell for each append."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.appends: list[int] = []  # how many drafts came together
        self.failures: list[JournalError] = []  # raised one by one, first to last
        self.read_failures: list[JournalError] = []
        self._known: set[RecordId] = set()
        self._changed = asyncio.Condition()

    async def append(self, *drafts: Draft) -> None:
        if self.failures:
            raise self.failures.pop(0)
        async with self._changed:
            self.appends.append(len(drafts))
            for draft in drafts:
                if draft.id not in self._known:
                    self._known.add(draft.id)
                    fields = {name: getattr(draft, name) for name in draft.__struct_fields__}
                    position, now = len(self.records) + 1, datetime.now(UTC)
                    self.records.append(Record(position=position, recorded_at=now, **fields))
            self._changed.notify_all()

    async def last(self, source: SourceName) -> Record | None:
        if self.read_failures:
            raise self.read_failures.pop(0)
        return next((record for record in reversed(self.records) if record.source == source), None)

    async def recent(self, source: SourceName, kinds: tuple[type[Event], ...], *, most: int) -> list[Record]:
        found = [each for each in self.records if each.source == source and isinstance(each.event, kinds)]
        return found[-most:]

    async def reader(self, name: ReaderName, kinds: tuple[type[Event], ...], *, start: Start) -> Reader:
        raise NotImplementedError

    async def expire_samples(self, before: datetime) -> int:
        raise NotImplementedError

    async def expire_chat(self, before: datetime) -> int:
        raise NotImplementedError

    @property
    def said(self) -> list[str]:
        """The texts of all chat, in order."""
        return [each.event.text for each in self.records if isinstance(each.event, ChatSaid)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds after some append, at most five seconds."""
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(condition)


@pytest.fixture
def journal() -> MemoryJournal:
    """A journal that holds nothing."""
    return MemoryJournal()


MakeLink = Callable[..., AbstractAsyncContextManager[RconLink]]


@pytest.fixture
def running_link() -> MakeLink:
    """Return a context manager of a link that is kept connected, with short waits."""

    @contextlib.asynccontextmanager
    async def running(
        port: int,
        *,
        password: str = "simulated",  # noqa: S107 - a pretend server's
        timeout_s: float = 5.0,
        refused_wait_s: float = 0.02,
    ) -> AsyncIterator[RconLink]:
        settings = RconSettings.model_validate(
            {"port": port, "password": password, "timeout": timeout_s},
        )
        link = RconLink(SURVIVAL, settings, refused_wait_s=refused_wait_s, most_wait_s=0.02)
        task = asyncio.create_task(link.run())
        try:
            yield link
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return running
