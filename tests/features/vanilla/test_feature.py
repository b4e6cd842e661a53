"""The feature on a running desk: read at the start, and how it is for staff."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge.events import ServerId
from bridge.features.board import Condition
from bridge.features.contract import Parts
from bridge.features.vanilla import Vanilla
from bridge.locales import Catalogue
from bridge.simulator.game import SimGame
from bridge.store.statistics.vanilla import figures_of

OpenDesk = Callable[..., AbstractAsyncContextManager[Any]]


async def test_files_are_read_at_the_start_and_told_to_staff(open_desk: OpenDesk, tmp_path: Path) -> None:
    game = SimGame(tmp_path / "game", clock=lambda: datetime.now(UTC))
    game.log.open()
    player = game.join("Mira")
    game.leave("Mira")
    game.log.close()
    built: list[Vanilla] = []

    def build(parts: Parts) -> Vanilla:
        built.append(Vanilla(parts))
        return built[0]

    async with open_desk(build, servers={"survival": {"folder": game.folder}}) as desk:
        await asyncio.wait_for(built[0].scanners[ServerId("survival")].looked.wait(), 10)
        (report,) = await desk.parts.board.reports()
        assert (report.name, report.title) == ("files:survival", "Survival · the game's files")
        assert (report.condition, report.problem) == (Condition.WELL, "")
        async with desk.parts.store.reading() as conn:
            assert len(await figures_of(conn, player.uuid)) == 1


async def test_servers_without_a_folder_have_no_scanner(open_desk: OpenDesk) -> None:
    async with open_desk(Vanilla) as desk:
        feature = Vanilla(desk.parts)
        await feature.prepare()
        feature.reload(desk.parts.settings, Catalogue.load("fr"))
        assert feature.scanners == {}
