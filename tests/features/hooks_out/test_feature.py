"""Hooks to other programs as staff see them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.config.settings import BridgeSettings
from bridge.features.board import Condition
from bridge.features.contract import Parts
from bridge.features.hooks_out import HooksOut
from bridge.journal import Draft, RecordId, SourceName, SqliteJournal
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.hooks import set_aside
from bridge.store.schema import Migrate

if TYPE_CHECKING:
    from tests.features.hooks_out.conftest import Receiver

from tests.features.hooks_out.conftest import SECRET, joined


@asynccontextmanager
async def running(folder: Path, url: str, migrate: Migrate) -> AsyncIterator[tuple[HooksOut, Parts]]:
    settings = BridgeSettings.model_validate(
        {
            "servers": {"survival": {"status": {}}},
            "hooks": {
                "out": {
                    "archive": {
                        "url": url,
                        "secret": SECRET,
                        "kinds": ["player.*"],
                        "allow-private": True,
                        "give-up-after": "1ms",
                    }
                }
            },
        }
    )
    store = await Store.open(folder / "data", migrate=migrate)
    async with store, SqliteJournal(store) as journal:
        parts = Parts(
            settings=settings,
            catalogue=Catalogue.load("en"),
            journal=journal,
            store=store,
        )
        feature = HooksOut(parts)
        await feature.prepare()
        task = asyncio.create_task(feature.run())
        try:
            yield feature, parts
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def happen(parts: Parts, player: str) -> None:
    source = SourceName("log:survival")
    draft = Draft(id=RecordId(f"{source}:{player}"), source=source, place=player, event=joined(player))
    await parts.journal.append(draft)


async def test_how_a_hook_is_and_what_was_set_aside_is_told_retried_and_dropped(
    tmp_path: Path, receiver: Receiver, migrate: Migrate
) -> None:
    async with running(tmp_path, receiver.url, migrate) as (feature, parts):
        (state,) = await feature.states()
        assert (state.name, state.waiting, state.set_aside, state.problem) == ("archive", 0, 0, "")
        (report,) = await parts.board.reports()
        assert (report.name, report.title, report.condition) == (
            "hook:archive",
            "Hook archive",
            Condition.WAITING,
        )

        receiver.answers.append(410)
        await happen(parts, "Mira")
        await happen(parts, "Odo")
        async with asyncio.timeout(10):
            while (state := (await feature.states())[0]).set_aside < 2 or state.waiting:
                pass
        assert state.gone
        (report,) = await parts.board.reports()
        assert report.condition is Condition.TROUBLE
        assert report.problem == "answered 410: it wants nothing any more"
        assert report.advice == "hooks.advice.gone"

        async with parts.store.reading() as conn:
            mira, odo = await set_aside(conn, "archive")
        assert await feature.drop(odo.id) is not None
        assert await feature.drop(odo.id) is None
        assert await feature.retry(odo.id) is None
        assert await feature.retry(mira.id) is not None
        async with asyncio.timeout(10):
            while (state := (await feature.states())[0]).set_aside:
                pass
        assert receiver.players == ["Mira", "Mira"]
        assert (state.gone, state.problem) == (False, "")
        (report,) = await parts.board.reports()
        assert report.condition is Condition.WELL


async def test_what_waits_is_counted(tmp_path: Path, receiver: Receiver, migrate: Migrate) -> None:
    receiver.answers.append(None)
    async with running(tmp_path, receiver.url, migrate) as (feature, parts):
        await happen(parts, "Mira")
        await receiver.wait_for(1)
        await happen(parts, "Odo")
        (state,) = await feature.states()
        assert state.waiting == 2
