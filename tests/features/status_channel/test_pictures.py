"""The picture of who was on, and what stands in for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge import charts
from bridge.events import ServerId
from bridge.features.status_channel.pictures import EVERY_S, Drawn, Painter
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.samples import MinuteState, Sample, add_samples
from tests.features.status_channel.conftest import NOON, NOON_S, survival

PARIS = ZoneInfo("Europe/Paris")
EN = Catalogue.load("en")
DAY_S = 86_400.0


@pytest.fixture
async def store(tmp_path: Path, migrate: Migrate) -> AsyncIterator[Store]:
    """A database that knows how many were on in the last hours."""
    async with await Store.open(tmp_path / "data", migrate=migrate) as store:
        async with store.transaction() as tx:
            number = await number_of_server(tx, ServerId("survival"))
            minutes = range(NOON_S // 60 - 300, NOON_S // 60)
            samples = [Sample(minute, MinuteState.UP, online=minute % 9) for minute in minutes]
            await add_samples(tx, number, samples, zone=PARIS)
        yield store


async def draw(painter: Painter, *, now: datetime = NOON, title: str = "Survival") -> Drawn:
    return await painter.drawn([survival(title=title)], EN, zone=PARIS, now=now)


async def test_a_picture_is_made_anew_every_ten_minutes(store: Store) -> None:
    painter = Painter(store, DAY_S)
    first = await draw(painter)
    assert first.picture is not None
    assert first.picture.content.startswith(b"\x89PNG")
    assert await draw(painter, now=NOON + timedelta(seconds=EVERY_S - 1)) is first
    second = await draw(painter, now=NOON + timedelta(seconds=EVERY_S))
    assert second.key != first.key


async def test_after_a_restart_the_same_picture_has_the_same_key(store: Store) -> None:
    first, second = await draw(Painter(store, DAY_S)), await draw(Painter(store, DAY_S))
    assert first.key == second.key
    assert (await draw(Painter(store, DAY_S), title="The old world")).key != first.key


async def test_where_nothing_is_known_or_wanted_there_is_none(store: Store) -> None:
    assert await draw(Painter(store, 0.0)) == Drawn()
    elsewhere = replace(survival(), id=ServerId("creative"))
    drawn = await Painter(store, DAY_S).drawn([elsewhere], EN, zone=PARIS, now=NOON)
    assert (drawn.picture, drawn.spark) == (None, "")


async def test_without_what_draws_a_line_of_blocks_stands_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise charts.NoPictures("the package is not installed")

    monkeypatch.setattr(charts, "to_png", refuse)
    drawn = await draw(Painter(store, DAY_S))
    assert drawn.picture is None
    assert set(drawn.spark) <= set("▁▂▃▄▅▆▇█·")
    assert drawn.spark


async def test_several_servers_are_several_lines(store: Store) -> None:
    scenes = [survival(title="Survival"), survival(title="The same again")]
    drawn = await Painter(store, 3600.0).drawn(scenes, EN, zone=PARIS, now=NOON)
    assert drawn.picture is not None
