"""Decides. Pure: no I/O and no clock of its own, so that its tests are one line each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bridge.journal import Record

FRESH: Final = timedelta(minutes=2)  # later than that, a welcome is odd


def worth_greeting(record: Record, now: datetime) -> bool:
    """Tell whether a first join is recent enough for a welcome.

    A feature that is installed today reads the journal from its beginning, and an outage makes facts
    late: both count, and neither is greeted.
    """
    return not record.late and now - record.event.at <= FRESH
