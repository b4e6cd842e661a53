"""aiosqlite with fewer trips to its thread, and with statements that a cancellation cannot break off.

A trip costs some 60 µs, and SQLAlchemy makes four for one statement: cursor, execute, fetch, close. Here the
statement and its rows are one trip, and what touches no disk is done on the spot.

A cancelled statement would go on in the thread while SQLAlchemy gives the connection up, with the transaction
still open inside. So a cancellation waits for the statement under way, which takes milliseconds.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

import aiosqlite

_T = TypeVar("_T")
_P = ParamSpec("_P")
Rows = list[Any]
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"


class DirectCursor(aiosqlite.Cursor):
    """A cursor whose rows come with the statement, in one trip."""

    def __init__(self, connection: DirectConnection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._direct = connection
        self._rows: Rows = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> DirectCursor:
        """Run one statement and take all its rows."""
        self._rows = await self._direct.run(_run, self._cursor, sql, parameters or ())
        return self

    async def fetchall(self) -> Rows:
        """The rows of the last statement; empty when asked again."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Close without a trip: nothing is under way here, since cancellations wait."""
        self._cursor.close()


class DirectConnection(aiosqlite.Connection):
    """A connection that hands out direct cursors and finishes what it began."""

    def cursor(self) -> DirectCursor:  # type: ignore[override] # SQLAlchemy needs no context manager here
        """Return a cursor, without a trip."""
        return DirectCursor(self, self._conn.cursor())

    async def _execute(self, fn: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await self.run(fn, *args, **kwargs)  # aiosqlite's own methods come this way

    async def run(self, fn: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call *fn* in the connection's thread; a cancellation takes effect when it has returned."""
        if not self._running or not self._connection:
            raise ValueError("Connection closed")  # SQLAlchemy knows these words
        try:
            return await self._submit(partial(fn, *args, **kwargs))
        except asyncio.CancelledError:
            # What follows in the thread's queue runs when the statement is over.
            over = self._submit(_nothing)
            while not over.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([over])
            raise

    async def transact(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run *work* in a transaction of its own, which an error of it takes back."""
        return await self.run(_transact, self._conn, work)

    def _submit(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, work))
        return future


def direct_connection(path: str, **options: Any) -> DirectConnection:  # noqa: ANN401 - SQLAlchemy's connect_args
    """Return a connection that opens when awaited; SQLAlchemy's ``async_creator_fn``."""
    # Cursors are made in the loop's thread and used in the connection's, never in both at once.
    open_it = partial(sqlite3.connect, path, **options)
    connection = DirectConnection(open_it, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a forgotten one must not keep us alive
    return connection


def _transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], _T]) -> _T:
    connection.execute(BEGIN_WRITING)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:  # whatever it was, no transaction stays open
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise
    return result


def _nothing() -> None:
    pass


def _run(cursor: sqlite3.Cursor, sql: str, parameters: Iterable[Any]) -> Rows:
    cursor.execute(sql, parameters)  # type: ignore[arg-type] # a tuple or a list
    return cursor.fetchall() if cursor.description else []
