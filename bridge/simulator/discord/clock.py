"""Time and ids: Discord's snowflakes carry the moment they were made."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NewType

Snowflake = NewType("Snowflake", str)

_EPOCH_MS: Final = 1_420_070_400_000  # the first second of 2015, where Discord's ids begin


class Clock:
    """The simulator's two clocks; tests may hand in their own functions.

    *wall* gives the time of day in seconds since 1970 (ids, timestamps); *steady* gives seconds that
    never go back (rate limits, arrival times). The default *steady* is the same for every process of
    the machine, so arrival times can be compared with those taken elsewhere.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wall = wall
        self.steady = steady

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)


class Snowflakes:
    """Makes ids that only grow, from the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> Snowflake:
        """Return a new id, greater than every one before."""
        fresh = (int(self._clock.wall() * 1000) - _EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return Snowflake(str(self._last))


def moment_of(snowflake: Snowflake) -> datetime:
    """Return when an id was made."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _EPOCH_MS) / 1000, UTC)
