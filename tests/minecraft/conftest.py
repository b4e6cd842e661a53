"""A pretend game server and what tests need around it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bridge.config.settings import RconSettings
from bridge.events import ServerId
from bridge.minecraft.rcon import RconLink
from bridge.simulator.game import SimGame

SURVIVAL = ServerId("survival")


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A vanilla server that runs."""
    game = SimGame(tmp_path / "game")
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
