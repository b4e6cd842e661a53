"""Samples leave the journal when their time is over and everybody has read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.events import Event, ServerId, ServerSampled, ServerStarted
from bridge.journal import Draft, ReaderName, RecordId, SourceName, SqliteJournal, Start
from bridge.store import Store, migrate_here

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KINDS: tuple[type[Event], ...] = (ServerSampled, ServerStarted)
SURVIVAL = ServerId("survival")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    async with await Store.open(tmp_path, migrate=migrate_here) as store, SqliteJournal(store) as opened:
        yield opened


def draft(number: int, event: ServerSampled | ServerStarted) -> Draft:
    return Draft(id=RecordId(str(number)), source=SourceName("status:survival"), place="", event=event)


def sample(days_ago: float) -> ServerSampled:
    at = NOON - timedelta(days=days_ago)
    return ServerSampled(at=at, server=SURVIVAL, online=1, maximum=20, version="26.3", latency_ms=1.0)


async def left(journal: SqliteJournal) -> list[int]:
    page = await journal.page(KINDS, after=0, most=2000)
    return [int(record.id) for record in page.records]


async def test_only_old_samples_that_all_have_read_go(journal: SqliteJournal) -> None:
    started = ServerStarted(at=NOON - timedelta(days=50), server=SURVIVAL)
    await journal.append(
        draft(1, sample(40)),
        draft(2, started),
        draft(3, sample(39)),
        draft(4, sample(38)),
        draft(5, sample(1)),
    )
    quick = await journal.reader(ReaderName("quick"), KINDS, start=Start.BEGINNING)
    slow = await journal.reader(ReaderName("slow"), KINDS, start=Start.BEGINNING)
    before = NOON - timedelta(days=30)
    assert await journal.expire_samples(before) == 0
    positions: list[int] = []
    async for batch in quick.batches():
        positions += [record.position for record in batch.records]
        break
    async with journal._store.transaction() as tx:
        await quick.advance(tx, positions[-1])
        await slow.advance(tx, positions[2])
    assert await journal.expire_samples(before) == 2
    assert await left(journal) == [2, 4, 5]
    assert await journal.expire_samples(before) == 0


async def test_the_last_record_stays_and_many_go_in_small_bites(journal: SqliteJournal) -> None:
    await journal.append(*(draft(number, sample(40)) for number in range(1, 1203)))
    reader = await journal.reader(ReaderName("one"), KINDS, start=Start.END)
    assert await reader.position() == 1202
    assert await journal.expire_samples(NOON - timedelta(days=30)) == 1201
    assert await left(journal) == [1202]
    await journal.append(draft(2000, sample(0)))
    assert await left(journal) == [1202, 2000]
