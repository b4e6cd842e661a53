"""Where each feed stands, and which of its entries are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.rows import only
from bridge.store.times import from_ms_or_none, to_ms, to_ms_or_none


class StoredFeed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a feed stands."""

    name: str
    url: str  # of the settings
    moved: str | None = None  # where permanent redirects have led
    etag: str | None = None  # as the server sent it
    modified: str | None = None  # as the server sent it: the header Last-Modified
    looked_at: datetime | None = None
    read_at: datetime | None = None  # when its entries were last read; never for a new feed
    next_at: datetime | None = None
    failures: int = 0  # since it was last read
    problem: str | None = None  # of the last look, in words
    trouble: str | None = None  # what kind of problem it is


_COLUMNS: Final = (
    "name, url, moved, etag, modified, looked_at_ms, read_at_ms, next_at_ms, failures, problem, trouble"
)
# Each look would else write a row for every entry that is still there.
_SEEN_AGAIN_AFTER: Final = timedelta(days=1)


async def stored_feed(conn: AsyncConnection, name: str) -> StoredFeed | None:
    """Return where a feed stands; None if it was never looked at."""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM feeds WHERE name = :name"),  # noqa: S608 - constant
        {"name": name},
    )
    return only(rows, _feed)


async def save_feed(tx: AsyncConnection, feed: StoredFeed) -> None:
    """Store where a feed stands, in the place of what was there."""
    await tx.execute(
        text(f"""
            INSERT INTO feeds ({_COLUMNS})
            VALUES (:name, :url, :moved, :etag, :modified, :looked_at_ms, :read_at_ms, :next_at_ms,
                    :failures, :problem, :trouble)
            ON CONFLICT (name) DO UPDATE SET
                url = excluded.url, moved = excluded.moved, etag = excluded.etag,
                modified = excluded.modified, looked_at_ms = excluded.looked_at_ms,
                read_at_ms = excluded.read_at_ms, next_at_ms = excluded.next_at_ms,
                failures = excluded.failures, problem = excluded.problem,
                trouble = excluded.trouble
        """),  # noqa: S608 - constant
        _parameters(feed),
    )


async def keep_only_feeds(tx: AsyncConnection, names: Collection[str]) -> None:
    """Forget every feed that is not one of *names*, with its entries."""
    for table, column in (("feeds", "name"), ("feed_entries", "feed")):
        statement = text(f"DELETE FROM {table} WHERE {column} NOT IN :names")  # noqa: S608 - constants
        await tx.execute(
            statement.bindparams(bindparam("names", expanding=True)),
            {"names": list(names)},
        )


async def known_entries(conn: AsyncConnection, feed: str) -> frozenset[str]:
    """Return the ids of all entries of a feed that are known."""
    rows = await conn.execute(text("SELECT entry FROM feed_entries WHERE feed = :feed"), {"feed": feed})
    return frozenset(str(entry) for (entry,) in rows)


async def see_entries(tx: AsyncConnection, feed: str, entries: Iterable[str], at: datetime) -> None:
    """Note that a feed holds these entries; new ones are known from then on."""
    rows = [
        {"feed": feed, "entry": entry, "at_ms": to_ms(at), "old_ms": to_ms(at - _SEEN_AGAIN_AFTER)}
        for entry in entries
    ]
    if not rows:
        return
    await tx.execute(
        text("""
            INSERT INTO feed_entries (feed, entry, seen_at_ms) VALUES (:feed, :entry, :at_ms)
            ON CONFLICT (feed, entry) DO UPDATE SET seen_at_ms = excluded.seen_at_ms
            WHERE feed_entries.seen_at_ms < :old_ms
        """),
        rows,
    )


async def forget_entries(tx: AsyncConnection, feed: str, *, unseen_since: datetime) -> int:
    """Forget the entries that a feed has not held since a time; return how many."""
    done = await tx.execute(
        text("DELETE FROM feed_entries WHERE feed = :feed AND seen_at_ms < :before"),
        {"feed": feed, "before": to_ms(unseen_since)},
    )
    return done.rowcount


def _parameters(feed: StoredFeed) -> dict[str, object]:
    return {
        "name": feed.name,
        "url": feed.url,
        "moved": feed.moved,
        "etag": feed.etag,
        "modified": feed.modified,
        "looked_at_ms": to_ms_or_none(feed.looked_at),
        "read_at_ms": to_ms_or_none(feed.read_at),
        "next_at_ms": to_ms_or_none(feed.next_at),
        "failures": feed.failures,
        "problem": feed.problem,
        "trouble": feed.trouble,
    }


def _feed(row: Row[Any]) -> StoredFeed:
    name, url, moved, etag, modified, *times, failures, problem, trouble = tuple(row)
    looked_at_ms, read_at_ms, next_at_ms = times
    return StoredFeed(
        name=name,
        url=url,
        moved=moved,
        etag=etag,
        modified=modified,
        looked_at=from_ms_or_none(looked_at_ms),
        read_at=from_ms_or_none(read_at_ms),
        next_at=from_ms_or_none(next_at_ms),
        failures=failures,
        problem=problem,
        trouble=trouble,
    )
