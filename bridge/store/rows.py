"""From rows to values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Row

T = TypeVar("T")


def only(rows: CursorResult[Any], make: Callable[[Row[Any]], T]) -> T | None:
    """Return the one row that was found as *make* reads it; None if there is none."""
    row = rows.one_or_none()
    return None if row is None else make(row)
