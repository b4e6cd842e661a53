"""What can go wrong with the store, by what the caller can do about it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bridge.supervise import Hindered

_PRIMARY: Final = 0xFF  # SQLite's extended codes keep the primary one in the low byte


class StoreError(Exception):
    """The store could not be read or written; nothing of the failed transaction was kept."""


class StoreFull(StoreError, Hindered):
    """No room on the disk: nothing of the transaction was kept; try again when there is room."""


class StoreCorrupt(StoreError):
    """The database file is damaged or not a database."""


class StoreTooNew(StoreError):
    """A newer Passerelle has written the database; this one does not know how to read it."""


class StoreBusy(StoreError):
    """Another process uses the database."""


class StoreClosed(StoreError):
    """The store has been closed."""


def to_store_error(problem: BaseException, path: Path) -> StoreError:
    """Return our error for one of SQLite's, SQLAlchemy's or the system's."""
    cause: BaseException | None = problem.orig if isinstance(problem, DBAPIError) else problem
    code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{path}: no room on the disk, nothing of this change was kept; free some space")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreCorrupt(f"{path}: the database is damaged ({cause}); restore it from a backup")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{path}: another program holds the database ({cause}); close it and try again")
    return StoreError(f"{path}: {cause or problem}")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn database errors of the block into ours; other errors, such as a time-out, pass as they are.

    Raises:
        StoreError: Or one of its kinds, for every database error of the block.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as exc:
        raise to_store_error(exc, path) from exc
