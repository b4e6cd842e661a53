from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.store import (
    Store,
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreTooNew,
    migrate_here,
)
from bridge.store.counters import bump, counters

SLOW = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT max(i) FROM n"
)


async def count_of(store: Store, name: str) -> int:
    async with store.reading() as conn:
        return (await counters(conn)).get(name, 0)


async def test_a_transaction_is_there_after_reopening(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "new" / "data", migrate=migrate_here)
    async with store, store.transaction() as tx:
        await bump(tx, "visits", 2)
    async with await Store.open(tmp_path / "new" / "data", migrate=migrate_here) as store:
        assert await count_of(store, "visits") == 2


async def test_a_file_can_be_named_instead_of_a_folder(tmp_path: Path) -> None:
    async with await Store.open(tmp_path / "own.db", migrate=migrate_here) as store:
        assert store.path == tmp_path / "own.db"
    assert (tmp_path / "own.db").is_file()


async def test_an_error_rolls_everything_back(store: Store) -> None:
    async def write() -> None:
        async with store.transaction() as tx:
            await bump(tx, "visits")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write()
    assert await count_of(store, "visits") == 0
    async with store.transaction() as tx:
        assert await bump(tx, "visits") == 1


@pytest.mark.parametrize("problem", [TimeoutError("slow"), ConnectionResetError("gone")], ids=repr)
async def test_an_error_of_somebody_else_passes_as_it_is(store: Store, problem: OSError) -> None:
    async def write() -> None:
        async with store.transaction(), store.reading():
            raise problem

    with pytest.raises(type(problem)) as raised:
        await write()
    assert raised.value is problem


async def test_a_wrong_statement_is_our_error_and_rolls_back(store: Store) -> None:
    async def write() -> None:
        async with store.transaction() as tx:
            await bump(tx, "visits")
            await tx.execute(text("DELETE FROM nowhere"))

    with pytest.raises(StoreError, match="no such table"):
        await write()
    assert await count_of(store, "visits") == 0


async def test_writers_take_turns_in_the_order_of_asking(store: Store) -> None:
    order = []

    async def write(number: int) -> None:
        async with store.transaction() as tx:
            await bump(tx, "visits")
            order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(write(number))
    assert order == list(range(20))
    assert await count_of(store, "visits") == 20


async def test_a_transaction_inside_a_transaction_fails_instead_of_waiting_for_itself(store: Store) -> None:
    async def nest() -> None:
        async with store.transaction() as tx:
            await bump(tx, "visits")
            async with store.transaction():
                pass

    async with asyncio.timeout(5):
        with pytest.raises(StoreError, match="pass tx on"):
            await nest()
        async with store.transaction() as tx:
            assert await bump(tx, "visits") == 1


async def test_the_database_is_set_to_survive_the_process(store: Store) -> None:
    async with store.transaction() as tx:
        found = [
            (await tx.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    assert found == ["wal", 1, 1, 2]


async def test_a_reader_does_not_wait_for_the_writer_and_sees_the_state_before(store: Store) -> None:
    async with store.transaction() as tx:
        await bump(tx, "visits")
        async with asyncio.timeout(5):
            assert await count_of(store, "visits") == 0
    assert await count_of(store, "visits") == 1


async def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    async with store.reading() as conn:
        assert await counters(conn) == {}
        async with store.transaction() as tx:
            await bump(tx, "visits")
        assert await counters(conn) == {}


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="readonly"):
        async with store.reading() as conn:
            await bump(conn, "visits")


async def test_twenty_readers_at_once(store: Store) -> None:
    async with store.transaction() as tx:
        await bump(tx, "visits", 7)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(count_of(store, "visits")) for _ in range(20)]
    assert {task.result() for task in asked} == {7}


async def test_a_cancelled_transaction_leaves_nothing_and_holds_nobody_up(store: Store) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with store.transaction() as tx:
            await bump(tx, "visits")
            begun.set()
            await tx.execute(SLOW)
            await bump(tx, "visits")

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(2), store.transaction() as tx:
        assert await bump(tx, "visits") == 1


async def test_a_cancellation_waits_for_its_statement_and_keeps_the_connection(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with store.transaction() as tx:
            await tx.exec_driver_sql("PRAGMA cache_size = -1234")  # the connection's own
            begun.set()
            await tx.execute(SLOW)

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    async with store.transaction() as tx:
        assert (await tx.exec_driver_sql("PRAGMA cache_size")).scalar_one() == -1234
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_cancelling_at_any_await_never_breaks_the_store(store: Store) -> None:
    """Cancelled after ever more turns of the loop, a transaction is there as a whole or not at all."""

    async def write() -> None:
        async with store.transaction() as tx:
            await bump(tx, "first")
            await bump(tx, "second")

    for turns in range(40):
        task = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with store.reading() as conn:
            found = await counters(conn)
        assert found.get("first", 0) == found.get("second", 0)
    async with store.transaction() as tx:
        await bump(tx, "first")


async def test_a_cancelled_reader_gives_its_connection_back(store: Store) -> None:
    for _ in range(20):
        started = asyncio.Event()

        async def read(started: asyncio.Event = started) -> None:
            async with store.reading() as conn:
                started.set()
                await conn.execute(SLOW)

        task = asyncio.create_task(read())
        await started.wait()
        task.cancel()
        await asyncio.wait([task])
    assert await count_of(store, "visits") == 0


async def test_close_can_be_called_twice_and_later_uses_fail_clearly(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, migrate=migrate_here)
    await store.close()
    await store.close()
    with pytest.raises(StoreClosed, match="closed"):
        async with store.transaction():
            pass
    with pytest.raises(StoreClosed, match="closed"):
        async with store.reading():
            pass


async def test_close_lets_a_running_transaction_end(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, migrate=migrate_here)
    async with store.transaction() as tx:
        closing_task = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        await bump(tx, "visits")
    await closing_task
    async with await Store.open(tmp_path, migrate=migrate_here) as again:
        assert await count_of(again, "visits") == 1


@pytest.fixture
async def other_process(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that has the store of tmp_path open."""
    code = """
import asyncio, pathlib, sys
from bridge.store import Store, migrate_here
async def main():
    async with await Store.open(pathlib.Path(sys.argv[1]), migrate=migrate_here):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_a_second_process_is_refused(other_process: asyncio.subprocess.Process, tmp_path: Path) -> None:
    with pytest.raises(StoreBusy, match=rf"another bridge uses this folder \(process {other_process.pid}\)"):
        await Store.open(tmp_path, migrate=migrate_here)


async def test_a_killed_process_leaves_no_lock(
    other_process: asyncio.subprocess.Process, tmp_path: Path
) -> None:
    other_process.kill()
    await other_process.wait()
    async with await Store.open(tmp_path, migrate=migrate_here):
        pass


async def test_a_second_store_in_this_process_is_refused(store: Store) -> None:
    with pytest.raises(StoreBusy):
        await Store.open(store.path, migrate=migrate_here)


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with await Store.open(tmp_path, migrate=migrate_here) as store:
        path = store.path
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    for _ in range(2):  # the refusal gives the lock back
        with pytest.raises(StoreTooNew, match="9999"):
            await Store.open(tmp_path, migrate=migrate_here)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


async def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "passerelle.db").write_bytes(b"not a database, only some text that is long enough" * 100)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await Store.open(tmp_path, migrate=migrate_here)


async def test_a_folder_that_cannot_be_made_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file"):
        await Store.open(tmp_path / "file" / "data", migrate=migrate_here)


async def test_a_full_disk_is_told_as_such_and_passes(store: Store) -> None:
    """SQLite's own page limit gives the error that a full disk gives."""

    async def fill() -> None:
        async with store.transaction() as tx:
            for number in range(1000):
                await bump(tx, f"{number:0200}")

    async with store.transaction() as tx:
        pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFull, match="free some space"):
        await fill()
    async with store.reading() as conn:
        assert await counters(conn) == {}
    async with store.transaction() as tx:
        await tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
        await bump(tx, "visits")
    assert await count_of(store, "visits") == 1


async def test_fifty_openings_leak_no_file_and_no_thread(tmp_path: Path) -> None:
    async def open_and_close() -> None:
        async with await Store.open(tmp_path, migrate=migrate_here) as store:
            async with store.transaction() as tx:
                await bump(tx, "visits")
            assert await count_of(store, "visits") > 0

    def held() -> tuple[int, int]:
        return len([*Path("/proc/self/fd").iterdir()]), len([*Path("/proc/self/task").iterdir()])

    for _ in range(3):
        await open_and_close()
    await asyncio.gather(*(asyncio.to_thread(int) for _ in range(40)))  # asyncio's own threads are all there
    before = await asyncio.to_thread(held)
    for _ in range(50):
        await open_and_close()
    assert await asyncio.to_thread(held) == before
