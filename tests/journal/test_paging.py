"""Pages of the journal: everything once, in order, along an index, whatever is asked for."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bridge.events import AnyEvent, Event, PlayerDied, PlayerJoined, PlayerLeft, ServerId
from bridge.journal import Draft, RawRecord, RecordId, SourceName, SqliteJournal, paging
from bridge.store import Store

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SOURCES = tuple(map(SourceName, ("log:survival", "log:creative", "status:survival")))


def fact(number: int, source: SourceName, event: AnyEvent) -> Draft:
    return Draft(id=RecordId(f"{source}:{number}"), source=source, place=str(number), event=event)


async def filled(journal: SqliteJournal) -> None:
    """Add facts of some kinds from some sources, in no particular order, and pass some over."""
    dice = random.Random(7)  # noqa: S311 - the same facts each time
    drafts = []
    for number in range(60):
        source = dice.choice(SOURCES)
        server = ServerId(source.partition(":")[2])
        events: tuple[AnyEvent, ...] = (
            PlayerJoined(at=AT, server=server, player="Nora"),
            PlayerLeft(at=AT, server=server, player="Nora"),
            PlayerDied(at=AT, server=server, player="Nora", text="fell"),
        )
        drafts.append(fact(number, source, dice.choices(events, (6, 6, 1))[0]))
    await journal.append(*drafts[:30])
    await journal.append(*drafts[20:])  # ten positions stay empty


async def everything(
    journal: SqliteJournal, kinds: tuple[type[Event], ...], sources: tuple[SourceName, ...], most: int
) -> list[RawRecord]:
    """Return the records of all pages that follow each other."""
    found: list[RawRecord] = []
    after, more = 0, True
    while more:
        page = await journal.page(kinds, after=after, most=most, sources=sources)
        assert len(page.records) <= most
        assert page.through > after
        found += page.records
        after, more = page.through, page.more
    return found


@pytest.mark.parametrize("most", [1, 3, 1000])
@pytest.mark.parametrize("kinds", [(), (PlayerDied,), (PlayerJoined, PlayerDied)])
@pytest.mark.parametrize("sources", [(), SOURCES[:1], SOURCES[1:], (SourceName("log:nowhere"),)])
async def test_pages_hold_everything_that_fits_once_and_in_order(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    kinds: tuple[type[Event], ...],
    sources: tuple[SourceName, ...],
) -> None:
    monkeypatch.setattr(paging, "LOOK_AT", 5)
    async with SqliteJournal(store) as journal:
        await filled(journal)
        stored = await journal.records_at(range(1, 200))
        assert len(stored) == 60
        expected = [
            record.position
            for record in stored
            if (not kinds or isinstance(record.event, kinds)) and (not sources or record.source in sources)
        ]
        found = await everything(journal, kinds, sources, most)
    assert [record.position for record in found] == expected


async def test_an_empty_journal_has_an_empty_page(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        page = await journal.page((), after=0, most=10)
        assert (page.records, page.through, page.more) == ((), 0, False)
        beyond = await journal.page((PlayerJoined,), after=2**62, most=10)
        assert (beyond.records, beyond.more) == ((), False)


async def test_who_waits_is_woken_by_the_next_record(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        await filled(journal)
        head = await journal.head()
        assert await journal.grown(head - 1) == head
        waiting = asyncio.create_task(journal.grown(head))
        event = PlayerJoined(at=AT, server=ServerId("survival"), player="Milo")
        await journal.append(fact(99, SOURCES[0], event))
        async with asyncio.timeout(5):
            assert await waiting == head + 1


@pytest.mark.parametrize(("kinds", "sources"), [(0, 0), (1, 0), (13, 0), (0, 2), (5, 2)])
async def test_no_page_looks_at_the_whole_table(store: Store, kinds: int, sources: int) -> None:
    values: dict[str, object] = {f"kind{number}": "chat.said" for number in range(kinds)}
    values |= {f"source{number}": "log:survival" for number in range(sources)}
    async with store.reading() as conn:
        plan = await conn.execute(
            text(f"EXPLAIN QUERY PLAN {paging._select(kinds, sources)}"),
            values | {"after": 1, "through": 9, "most": 5},
        )
        steps = [str(row[3]) for row in plan]
    walks = [step for step in steps if " records" in step]
    assert walks
    assert all(step.startswith("SEARCH records") and "rowid>?" in step for step in walks)
    index = "records_source" if sources else "records_kind"
    assert all(index in step for step in walks) or not (kinds or sources)
