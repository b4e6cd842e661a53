"""Starting and stopping leaves nothing open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from zoneinfo import ZoneInfo

import pytest

from bridge.config.settings import LogSettings
from bridge.events import ServerId
from bridge.journal.records import Journal
from bridge.minecraft.commands import ListPlayers
from bridge.minecraft.log.source import LogSource
from bridge.minecraft.rcon import RconLink
from bridge.simulator.game import SimGame

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only the number counts


async def test_log_sources_close_what_they_open(game: SimGame, journal: Journal) -> None:
    """Also when they are stopped in the middle of opening."""
    settings = LogSettings.model_validate({"path": game.log.latest})
    before: int | None = None
    for number in range(30):
        source = LogSource(ServerId("survival"), settings, journal, zone=ZoneInfo("UTC"))
        task = asyncio.create_task(source.run())
        if number % 2:
            await asyncio.wait_for(source.caught_up.wait(), 5)
        for _ in range(number % 7):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if number == 9:  # by now threads and caches are there
            before = open_files()
    assert before is not None
    assert open_files() <= before


async def test_links_close_what_they_open(
    game: SimGame,
    running_link: Callable[..., AbstractAsyncContextManager[RconLink]],
    until: Callable[[Callable[[], bool]], asyncio.Future[None]],
) -> None:
    before: int | None = None
    for number in range(30):
        async with running_link(game.rcon.port) as link:
            if number % 2:
                await link.command(ListPlayers())
        await until(lambda: not game.rcon.connections)
        before = open_files() if number == 9 else before
    assert before is not None
    assert open_files() <= before
