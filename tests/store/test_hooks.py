"""What other programs sent and what they were not given, on disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.events import PlayerJoined, ServerId
from bridge.journal import Draft, Record, RecordId, SourceName, SqliteJournal
from bridge.store import Store
from bridge.store.hooks import (
    SetAside,
    drop,
    first_delivery,
    is_recorded,
    next_again,
    put_aside,
    record_at,
    retry,
    set_aside,
    set_aside_counts,
)

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def record(position: int) -> Record:
    event = PlayerJoined(at=AT, server=ServerId("survival"), player="Mira")
    id_ = RecordId(f"log:survival:{position}")
    return Record(
        position=position, id=id_, source=SourceName("log:survival"), place="", event=event, recorded_at=AT
    )


async def put(store: Store, hook: str, position: int, problem: str = "answered 500") -> None:
    async with store.transaction() as tx:
        await put_aside(tx, hook, record(position), problem=problem, tries=3, begun_at=AT, at=AT)


async def test_what_was_put_aside_is_told_in_order_and_page_by_page(store: Store) -> None:
    for hook, position in (("a", 5), ("b", 6), ("a", 7)):
        await put(store, hook, position)
    async with store.reading() as conn:
        assert [(each.hook, each.position) for each in await set_aside(conn)] == [
            ("a", 5),
            ("b", 6),
            ("a", 7),
        ]
        first, second = await set_aside(conn, "a")
        assert await set_aside(conn, "a", after=first.id) == [second]
        assert await set_aside(conn, most=1) == [first]
        assert await set_aside_counts(conn) == {"a": 2, "b": 1}
    assert first == SetAside(
        id=first.id,
        hook="a",
        position=5,
        kind="player.joined",
        problem="answered 500",
        tries=3,
        begun_at=AT,
        set_aside_at=AT,
    )


async def test_what_is_wanted_again_is_found_until_it_fails_again_or_is_dropped(store: Store) -> None:
    for position in (7, 5):
        await put(store, "a", position)
    async with store.transaction() as tx:
        late, early = await set_aside(tx)
        assert await next_again(tx, "a") is None
        assert await retry(tx, late.id) is not None
        assert await retry(tx, early.id) is not None
        assert await retry(tx, 77) is None
        found = await next_again(tx, "a")
        assert found is not None
        assert (found.position, found.again) == (5, True)
        assert await next_again(tx, "b") is None
    await put(store, "a", 5, problem="answered 503")
    async with store.transaction() as tx:
        again = await next_again(tx, "a")
        assert again is not None
        assert again.position == 7
        dropped = await drop(tx, again.id)
        assert dropped is not None
        assert await drop(tx, again.id) is None
        (left,) = await set_aside(tx)
        assert (left.problem, left.tries, left.again) == ("answered 503", 6, False)


async def test_an_id_is_never_given_out_again(store: Store) -> None:
    await put(store, "a", 5)
    async with store.transaction() as tx:
        (first,) = await set_aside(tx)
        assert await drop(tx, first.id) is not None
    await put(store, "a", 6)
    async with store.transaction() as tx:
        assert await drop(tx, first.id) is None
        (second,) = await set_aside(tx)
        assert second.position == 6


async def test_a_signature_belongs_to_the_delivery_that_it_came_with_first(store: Store) -> None:
    until = AT + timedelta(minutes=5)
    async with store.transaction() as tx:
        assert await first_delivery(tx, "shop", "s1", "one", now=AT, until=until) == "one"
        assert await first_delivery(tx, "shop", "s1", "two", now=AT, until=until) == "one"
        assert await first_delivery(tx, "shop", "s1", "one", now=AT, until=until) == "one"
        assert await first_delivery(tx, "blog", "s1", "two", now=AT, until=until) == "two"
        later = until + timedelta(seconds=1)
        assert await first_delivery(tx, "shop", "s1", "two", now=later, until=later) == "two"


async def test_records_are_found_by_id_and_by_position(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        event = PlayerJoined(at=AT, server=ServerId("survival"), player="Mira")
        id_ = RecordId("hook:shop:1")
        await journal.append(Draft(id=id_, source=SourceName("hook:shop"), place="1", event=event))
        async with store.reading() as conn:
            assert await is_recorded(conn, id_)
            assert not await is_recorded(conn, RecordId("hook:shop:2"))
            found = await record_at(conn, await journal.head())
            assert found is not None
            assert (found.id, found.event) == (id_, event)
            assert await record_at(conn, 99) is None
