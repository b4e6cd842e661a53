"""Players as CSV, for spreadsheets and other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from bridge.statistics.activity import band_of
from bridge.store.statistics.queries import Figures
from bridge.store.times import from_ms

BOM: Final = "\ufeff"
"""What tells some spreadsheets that a file is UTF-8."""
HEADER: Final = (
    "name",
    "uuid",
    "first_seen",
    "last_seen",
    "play_time_s",
    "play_time_30_days_s",
    "sessions",
    "activity_index",
    "activity_band",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def header() -> str:
    """Return the first line."""
    return _lines([HEADER])


def lines(players: Iterable[Figures]) -> str:
    """Return a line for each player; times are UTC."""
    return _lines(
        (
            harmless(each.name),
            harmless(each.uuid or ""),
            _time(each.first_ms),
            _time(each.last_ms),
            each.seconds,
            each.recent_s,
            each.sessions,
            f"{each.activity:.3f}",
            band_of(each.activity),
        )
        for each in players
    )


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula: what begins like one gets an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _time(at_ms: int) -> str:
    return from_ms(at_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lines(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
