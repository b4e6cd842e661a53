"""Days in a row on which a player has played."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Streaks(NamedTuple):
    """How many days in a row a player has played."""

    now: int  # up to today, or to yesterday as long as today can still come
    longest: int


def streaks(days: Iterable[int], today: int) -> Streaks:
    """Return the streak under way and the longest one.

    Args:
        days: The numbers of the days on which they played, in order; each once.
        today: The number of today.
    """
    longest = run = 0
    last: int | None = None
    for day in days:
        run = run + 1 if last is not None and day == last + 1 else 1
        longest, last = max(longest, run), day
    goes_on = last is not None and last >= today - 1
    return Streaks(now=run if goes_on else 0, longest=longest)
