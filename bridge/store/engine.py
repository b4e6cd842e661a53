"""The database: one writer, readers that do not wait for it, and our own errors."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self, TypeVar, cast

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.store.driver import BEGIN_WRITING, DirectConnection, direct_connection
from bridge.store.errors import StoreClosed, StoreError, StoreFull, store_errors, to_store_error
from bridge.store.lock import ProcessLock
from bridge.store.schema import Migrate, bring_up_to_date, migrate_in_child

log = structlog.get_logger(__name__)

T = TypeVar("T")

FILE_NAME: Final = "passerelle.db"
"""The database's name in the folder of the setting ``data``."""

# At least as many as readers wake at one fact: to open one for each takes a thread and, measured, 2 ms.
_READ_CONNECTIONS: Final = 6  # kept once open, each with a thread
_MORE_READ_CONNECTIONS: Final = 2  # while all of those are in use
_SQLITE_NAMES: Final = frozenset({".db", ".sqlite", ".sqlite3"})
# How long a thread of ours waits for Python's lock while the loop works. By default it is 5 ms, several times
# a statement: measured, a long log is read a tenth slower then.
_LOCK_WAIT_S: Final = 0.001
_BUSY_MS: Final = 5000  # only other programs, such as a backup, can make us wait

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # In WAL mode NORMAL survives the death of the process at any moment; a power cut may take the last
    # commits with it, never the order or the database. FULL would wait for the disk at every chat line.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    # Chat that retention blanks must be gone from the file too; FAST costs no further writes.
    "PRAGMA secure_delete = FAST",
    "PRAGMA journal_size_limit = 16777216",
)


class Store:
    """The bridge's database on disk. Made by :meth:`open`; also an async context manager that closes it."""

    def __init__(self, path: Path, lock: ProcessLock, writer: AsyncConnection, readers: AsyncEngine) -> None:
        self._path = path
        self._lock = lock
        self._writer = writer
        self._readers = readers
        self._turn = asyncio.Lock()  # hands the writer out in the order of asking
        self._whose_turn: asyncio.Task[object] | None = None
        self._full = False  # and people have been told
        self._reading = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._closed = False

    @classmethod
    async def open(cls, place: Path, *, migrate: Migrate = migrate_in_child) -> Self:
        """Open the database, making the folder and the tables as needed.

        Args:
            place: The folder of the database, or its file (``….db``).
            migrate: How to run migrations, if any are due.

        Raises:
            StoreBusy: Another process uses it.
            StoreTooNew: A newer Passerelle has written it.
            StoreCorrupt: It is damaged or no database.
            StoreError: Anything else that keeps it from being opened.
        """
        sys.setswitchinterval(_LOCK_WAIT_S)
        path = database_file(place)
        lock = ProcessLock(path.with_name(path.name + ".lock"))
        writers, readers = await asyncio.to_thread(_prepare, path, lock, migrate)
        try:
            with store_errors(path):
                writer = await writers.connect()
        except BaseException:  # whatever it was, the next start must find the lock free
            lock.let_go()
            raise
        return cls(path, lock, writer, readers)

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a write transaction; commits at the end, rolls back on any error.

        There is one writer: transactions follow each other in the order of asking. Inside the block nothing
        may wait for another write transaction.

        Raises:
            StoreClosed: The store is closed.
            StoreFull: No room on the disk; nothing was kept.
            StoreError: Anything else that kept it from being written; nothing was kept.
        """
        async with self._my_turn():
            try:
                with store_errors(self._path):
                    transaction = await self._writer.begin()
                    yield self._writer
                    await transaction.commit()
            except BaseException:  # a cancellation too must leave no transaction open
                with store_errors(self._path):
                    await self._writer.rollback()
                raise

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* in a write transaction of its own, all of it in the writer's thread; return its result.

        One trip to the thread instead of one a statement: the loop goes on meanwhile. A cancellation takes
        effect when the transaction is over.

        Raises:
            StoreClosed: The store is closed.
            StoreFull: No room on the disk; nothing was kept.
            StoreError: Anything else that kept it from being written; nothing was kept.
        """
        async with self._my_turn():
            with store_errors(self._path):
                connection = (await self._writer.get_raw_connection()).driver_connection
                return await cast("DirectConnection", connection).transact(work)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        self._check_open()
        if self._whose_turn is asyncio.current_task():
            raise StoreError(
                f"{self._path}: a transaction inside a transaction would wait for itself; pass tx on"
            )
        async with self._turn:
            self._check_open()
            self._whose_turn = asyncio.current_task()
            try:
                yield
            except StoreFull as exc:
                self._tell_full(exc)
                raise
            else:
                self._tell_room()
            finally:
                self._whose_turn = None

    def _tell_full(self, problem: StoreFull) -> None:
        """Tell once, for all that write."""
        if not self._full:
            self._full = True
            log.error("what happens cannot be kept and waits", disk_full=True, problem=str(problem))

    def _tell_room(self) -> None:
        if self._full:
            self._full = False
            log.info("there is room on the disk again")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database and waits for nobody; it cannot write.

        Keep the block short: while it lasts, SQLite cannot shrink its write-ahead file.

        Raises:
            StoreClosed: The store is closed.
            StoreError: It could not be read.
        """
        self._check_open()
        self._reading += 1
        self._unused.clear()
        try:
            with store_errors(self._path):
                async with self._readers.connect() as connection:
                    try:
                        yield connection
                    finally:
                        await connection.rollback()
        finally:
            self._reading -= 1
            if not self._reading:
                self._unused.set()

    async def close(self) -> None:
        """Let what is under way end, then close; may be called twice, later uses raise StoreClosed."""
        if self._closed:
            return
        self._closed = True
        async with self._turn:
            await self._unused.wait()
            await self._writer.close()
            await self._writer.engine.dispose()
            await self._readers.dispose()
            self._lock.let_go()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._path}: the store is closed")


def database_file(place: Path) -> Path:
    """Return the database's file, for its folder or the file itself; the website's key lies beside it."""
    return place if place.suffix in _SQLITE_NAMES else place / FILE_NAME


def _prepare(path: Path, lock: ProcessLock, migrate: Migrate) -> tuple[AsyncEngine, AsyncEngine]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.take()
    except OSError as exc:
        raise to_store_error(exc, path) from exc
    try:
        bring_up_to_date(path, migrate)
    except BaseException:  # as above
        lock.let_go()
        raise
    writers = _engine(path, BEGIN_WRITING, size=1, more=0)
    readers = _engine(path, "BEGIN", size=_READ_CONNECTIONS, more=_MORE_READ_CONNECTIONS)
    event.listen(readers.sync_engine, "connect", _refuse_writes)
    return writers, readers


def _engine(path: Path, begin: str, *, size: int, more: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        # No transactions of the driver's own: the statement below is the real one.
        connect_args={
            "async_creator_fn": direct_connection,
            "isolation_level": None,
            "timeout": _BUSY_MS / 1000,
            "check_same_thread": False,
        },
        pool_size=size,
        max_overflow=more,
        pool_use_lifo=True,  # a quiet bridge uses one connection again and again
        pool_reset_on_return=None,  # every block ends its transaction itself
        pool_timeout=60.0,
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "handle_error", _keep_connection)

    def begin_for_real(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "begin", begin_for_real)
    return engine


def _keep_connection(context: ExceptionContext) -> None:
    # SQLAlchemy would throw it away after a cancellation; ours has finished its statement by then.
    context.is_disconnect = False


def _set_pragmas(connection: DBAPIConnection, _record: object) -> None:
    for pragma in _PRAGMAS:
        _run_on(connection, pragma)


def _refuse_writes(connection: DBAPIConnection, _record: object) -> None:
    _run_on(connection, "PRAGMA query_only = ON")


def _run_on(connection: DBAPIConnection, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()
