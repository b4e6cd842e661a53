"""What staff did: who, what, when, from where, before and after. Entries are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.times import from_ms, to_ms

_COLUMNS: Final = "position, at_ms, who, who_name, action, target, address, was, became"


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did."""

    position: int = 0  # given by the store; grows
    at: datetime
    who: str  # ``member:ID``, ``owner``, ``token:ID``, ``visitor``
    who_name: str
    action: str  # ``<area>.<verb>``, such as ``tokens.created``
    target: str  # what it was done to
    address: str  # of the browser or program; empty for Discord
    was: str | None = None
    became: str | None = None


async def add_audit_entry(tx: AsyncConnection, entry: AuditEntry) -> None:
    """Keep an entry, behind all others."""
    # The position by ourselves: SQLite would give one, PostgreSQL would not, and there is one writer.
    await tx.execute(
        text(f"""
            INSERT INTO audit ({_COLUMNS})
            VALUES ((SELECT coalesce(max(position), 0) + 1 FROM audit),
                :at_ms, :who, :who_name, :action, :target, :address, :was, :became)
        """),  # noqa: S608 - constant
        {
            "at_ms": to_ms(entry.at),
            "who": entry.who,
            "who_name": entry.who_name,
            "action": entry.action,
            "target": entry.target,
            "address": entry.address,
            "was": entry.was,
            "became": entry.became,
        },
    )


async def audit_entries(
    conn: AsyncConnection, *, before: int | None = None, who: str = "", action: str = "", most: int = 100
) -> list[AuditEntry]:
    """Return the newest entries before a position, newest first; *who* and *action* narrow them down."""
    wheres = ["position < :before"] if before is not None else []
    wheres += ["who = :who"] if who else []
    wheres += ["action = :action"] if action else []
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    rows = await conn.execute(
        text(f"SELECT {_COLUMNS} FROM audit {where} ORDER BY position DESC LIMIT :most"),  # noqa: S608 - constants
        {"before": before, "who": who, "action": action, "most": most},
    )
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> AuditEntry:
    position, at_ms, who, who_name, action, target, address, was, became = tuple(row)
    return AuditEntry(
        position=position,
        at=from_ms(at_ms),
        who=who,
        who_name=who_name,
        action=action,
        target=target,
        address=address,
        was=was,
        became=became,
    )
