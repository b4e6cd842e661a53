"""Which alerts have been told and are not over, and when each last pinged somebody."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import ServerId


class Told(NamedTuple):
    """What was told of one rule for one server."""

    since_ms: int | None  # from when on it holds; None: it is over
    pinged_ms: int | None  # when a role was last pinged for it


async def alerts_told(conn: AsyncConnection) -> dict[tuple[str, ServerId], Told]:
    """Return what was told, by the key of the rule and the server."""
    rows = await conn.execute(text("SELECT rule, server, since_ms, pinged_ms FROM alerts"))
    return {(str(rule), ServerId(server)): Told(since, pinged) for rule, server, since, pinged in rows}


async def keep_alert(tx: AsyncConnection, rule: str, server: ServerId, told: Told) -> None:
    """Remember what was told."""
    await tx.execute(
        text("""
            INSERT INTO alerts (rule, server, since_ms, pinged_ms)
            VALUES (:rule, :server, :since_ms, :pinged_ms)
            ON CONFLICT (rule, server) DO UPDATE SET since_ms = excluded.since_ms,
                pinged_ms = excluded.pinged_ms
        """),
        {"rule": rule, "server": server, **told._asdict()},
    )
