"""The database as a command reads it: beside the bridge that writes it, or alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bridge.store.driver import DirectConnection, direct_connection
from bridge.store.engine import database_file
from bridge.store.errors import StoreError, StoreTooNew, store_errors
from bridge.store.schema import NEWEST, stored_version

_WAIT_S: Final = 5.0  # only a checkpoint can make a reader wait


class ReadOnlyStore:
    """The bridge's database for reading alone: it takes no lock, runs no migration and makes no file."""

    def __init__(self, path: Path, engine: AsyncEngine) -> None:
        self._path, self._engine = path, engine

    @classmethod
    async def open(cls, place: Path) -> Self:
        """Open a database that is there, whether or not the bridge runs.

        Args:
            place: The folder of the database, or its file (``….db``).

        Raises:
            StoreTooNew: A newer Passerelle has written it.
            StoreCorrupt: It is damaged or no database.
            StoreError: It is missing, older than this Passerelle, or cannot be read.
        """
        path = database_file(place)
        await asyncio.to_thread(_check, path)
        # The file's own name leaves out what the path may have in it that means something in an address.
        uri = f"{path.absolute().as_uri()}?mode=ro"
        engine = create_async_engine(
            "sqlite+aiosqlite://",
            poolclass=NullPool,
            connect_args={"async_creator_fn": partial(_connect, uri)},
        )
        event.listen(engine.sync_engine, "connect", _refuse_writes)
        return cls(path, engine)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database; it cannot write.

        Raises:
            StoreError: It could not be read.
        """
        with store_errors(self._path):
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("BEGIN")
                yield connection
                await connection.exec_driver_sql("ROLLBACK")

    async def close(self) -> None:
        """Let the file go; may be called twice."""
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _check(path: Path) -> None:
    if not path.is_file():
        raise StoreError(f"{path}: there is no database yet; run the bridge once, which makes it")
    version = stored_version(path)
    if version == NEWEST:
        return
    if version is not None and version > NEWEST:
        raise StoreTooNew(
            f"{path}: its tables have version {version}, this Passerelle knows {NEWEST} at most; "
            "use the Passerelle that the bridge runs with"
        )
    raise StoreError(
        f"{path}: its tables have version {version}, this Passerelle reads {NEWEST}; "
        "restart the bridge, which brings them up to date"
    )


def _connect(uri: str, _path: str, **_options: Any) -> DirectConnection:  # noqa: ANN401 - SQLAlchemy's connect_args
    return direct_connection(uri, uri=True, isolation_level=None, timeout=_WAIT_S, check_same_thread=False)


def _refuse_writes(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()
