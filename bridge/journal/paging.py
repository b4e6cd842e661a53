"""Pages of the journal, for programs that read along: always along an index, never further than they must."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.journal.records import Page, RawRecord
from bridge.store.times import from_ms

LOOK_AT: Final = 2000
"""Records of the sources that one page looks at for the kinds that are wanted."""
_COLUMNS: Final = "position, id, source, recorded_at_ms, late, kind, body"
_WITHIN: Final = "position > :after AND position <= :through"


async def read_page(
    conn: AsyncConnection, kinds: Sequence[str], *, sources: Sequence[str], after: int, most: int, head: int
) -> Page:
    """Return up to *most* records after a position, of these kinds and sources; of all where none is named.

    Args:
        conn: A connection that can read.
        kinds: As stored.
        sources: Names of sources.
        after: The position before the first that may be returned.
        most: How many at most.
        head: The last position that is surely committed.
    """
    through = head
    if kinds and sources:
        through = await _edge(conn, sources, after=after, head=head)
    rows = await conn.execute(
        text(_select(len(kinds), len(sources))),
        {f"kind{number}": kind for number, kind in enumerate(kinds)}
        | {f"source{number}": source for number, source in enumerate(sources)}
        | {"after": after, "through": through, "most": most},
    )
    records = tuple(_raw(row) for row in rows)
    if len(records) == most:
        through = records[-1].position
    return Page(records=records, through=max(through, after), more=through < head)


def _select(kinds: int, sources: int) -> str:
    """Return the statement for so many kinds and sources: one walk along an index each, merged in order."""
    wanted = ", ".join(f":kind{number}" for number in range(kinds))
    if sources:
        walks = [f"source = :source{number} AND {_WITHIN}" for number in range(sources)]
    else:
        walks = [f"kind = :kind{number} AND {_WITHIN}" for number in range(kinds)] or [_WITHIN]
    if kinds and sources:
        # The limit keeps SQLite on the index of the sources: that of a kind would lead through other servers.
        merged = " UNION ALL ".join(
            f"SELECT * FROM (SELECT {_COLUMNS} FROM records WHERE {walk} ORDER BY position LIMIT {LOOK_AT}) "  # noqa: S608 - our own names
            f"AS walk{number} WHERE kind IN ({wanted})"
            for number, walk in enumerate(walks)
        )
    else:
        merged = " UNION ALL ".join(f"SELECT {_COLUMNS} FROM records WHERE {walk}" for walk in walks)  # noqa: S608 - our own names
    return f"{merged} ORDER BY position LIMIT :most"


async def _edge(conn: AsyncConnection, sources: Sequence[str], *, after: int, head: int) -> int:
    """Return the position up to which a page looks: that of so many records of the sources, or the head."""
    walks = " UNION ALL ".join(
        f"SELECT position FROM records WHERE source = :source{number} AND {_WITHIN}"  # noqa: S608 - our own names
        for number in range(len(sources))
    )
    found = await conn.execute(
        text(f"{walks} ORDER BY position LIMIT 1 OFFSET {LOOK_AT - 1}"),
        {f"source{number}": source for number, source in enumerate(sources)}
        | {"after": after, "through": head},
    )
    edge = found.scalar_one_or_none()
    return head if edge is None else int(edge)


def _raw(row: Row[Any]) -> RawRecord:
    position, record_id, source, recorded_at_ms, late, kind, body = tuple(row)
    return RawRecord(
        position=position,
        id=record_id,
        source=source,
        recorded_at=from_ms(recorded_at_ms),
        late=bool(late),
        kind=kind,
        body=body,
    )
