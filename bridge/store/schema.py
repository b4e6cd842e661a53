"""Brings a database to the tables that this code expects, before the first connection."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from bridge.store.errors import StoreError, StoreTooNew, store_errors

NEWEST: Final = "0012"
"""The number of the newest migration under ``migrations/versions``."""

Migrate = Callable[[Path], None]

_TIMEOUT_S: Final = 3600.0  # rewriting a table of years takes minutes; more than this is a hang


def stored_version(path: Path) -> str | None:
    """Return the number of the last migration that the database has seen; None if it is new.

    Raises:
        StoreCorrupt: The file is not a database.
        StoreError: It cannot be read.
    """
    with store_errors(path), closing(sqlite3.connect(path, timeout=5.0)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return None if row is None else str(row[0])


def bring_up_to_date(path: Path, migrate: Migrate) -> None:
    """Run the migrations that the database has not seen; returns at once when there are none.

    Raises:
        StoreTooNew: The database has seen migrations that this code does not know.
        StoreError: It cannot be read, or a migration failed; the database is as before that migration.
    """
    version = stored_version(path)
    if version == NEWEST:
        return
    if version is not None and version > NEWEST:
        raise StoreTooNew(
            f"{path}: its tables have version {version}, this Passerelle knows {NEWEST} at most; "
            "install the newer Passerelle again, or restore the backup from before the update"
        )
    migrate(path)
    if (reached := stored_version(path)) != NEWEST:
        raise StoreError(f"{path}: the migrations ended at version {reached} instead of {NEWEST}")


def migrate_in_child(path: Path) -> None:
    """Run the migrations in a short-lived process.

    Alembic would stay in memory for as long as the bridge runs: measured, 12 MB of its 90.

    Raises:
        StoreError: A migration failed; the message holds what it said.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the path is an argument of its own
            [sys.executable, "-m", "bridge.store.migrate", str(path)],
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as exc:
        raise StoreError(f"{path}: the migrations did not end within {_TIMEOUT_S:.0f} s") from exc
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise StoreError(f"{path}: the migrations failed: {said[-1] if said else f'exit {done.returncode}'}")


def migrate_here(path: Path) -> None:
    """Run the migrations in this process: quicker, where a few megabytes do not matter.

    Raises:
        StoreError: A migration failed.
    """
    from bridge.store.migrate import upgrade  # noqa: PLC0415 - imports Alembic, which only this needs

    upgrade(path)
