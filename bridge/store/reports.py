"""Which reports went where, and which are under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.rows import only
from bridge.store.times import from_ms, from_ms_or_none, to_ms, to_ms_or_none


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """One report on its way to one destination."""

    report: str  # the name of its week or month
    destination: str  # ``discord``, or ``mail:`` with an address behind it
    mark: str = ""  # by what a message is known again
    nonce: str = ""  # with which it was sent
    first_at: datetime  # when it was tried first
    begun_at: datetime  # and last
    sent_at: datetime | None = None  # None: it may have arrived or not


async def sending(conn: AsyncConnection, report: str, destination: str) -> Sending | None:
    """Return how a report stands with a destination; None if it was never begun."""
    rows = await conn.execute(
        text("""
            SELECT report, destination, mark, nonce, first_at_ms, begun_at_ms, sent_at_ms
            FROM reports_sent WHERE report = :report AND destination = :destination
        """),
        {"report": report, "destination": destination},
    )
    return only(rows, _sending)


async def save_sending(tx: AsyncConnection, each: Sending) -> None:
    """Store how a report stands with a destination, in the place of what was there."""
    await tx.execute(
        text("""
            INSERT INTO reports_sent
                (report, destination, mark, nonce, first_at_ms, begun_at_ms, sent_at_ms)
            VALUES (:report, :destination, :mark, :nonce, :first_at_ms, :begun_at_ms, :sent_at_ms)
            ON CONFLICT (report, destination) DO UPDATE SET
                mark = excluded.mark, nonce = excluded.nonce, begun_at_ms = excluded.begun_at_ms,
                sent_at_ms = excluded.sent_at_ms
        """),
        {
            "report": each.report,
            "destination": each.destination,
            "mark": each.mark,
            "nonce": each.nonce,
            "first_at_ms": to_ms(each.first_at),
            "begun_at_ms": to_ms(each.begun_at),
            "sent_at_ms": to_ms_or_none(each.sent_at),
        },
    )


async def forget_sending(tx: AsyncConnection, report: str, destination: str) -> None:
    """Note that nothing of a report is under way to a destination."""
    await tx.execute(
        text("DELETE FROM reports_sent WHERE report = :report AND destination = :destination"),
        {"report": report, "destination": destination},
    )


def _sending(row: Row[Any]) -> Sending:
    report, destination, mark, nonce, first_at_ms, begun_at_ms, sent_at_ms = tuple(row)
    return Sending(
        report=report,
        destination=destination,
        mark=mark,
        nonce=nonce,
        first_at=from_ms(first_at_ms),
        begun_at=from_ms(begun_at_ms),
        sent_at=from_ms_or_none(sent_at_ms),
    )
