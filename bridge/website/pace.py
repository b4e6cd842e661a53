"""How often somebody may do something: so many times in every window of time, whenever it begins."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MOST_REMEMBERED: Final = 20_000  # people; the one seen least recently is forgotten


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to somebody after one more try."""

    allowed: bool
    limit: int  # tries in a window
    remaining: int
    reset_s: int  # until all of them are there again; when refused: until the next one


class Limiter:
    """Lets everybody do something so many times in a while: a try comes back once it is as old as that."""

    def __init__(self, most: int, per_s: float, *, now: Callable[[], float] = time.monotonic) -> None:
        """Make a limiter.

        Args:
            most: Tries in any window; they may follow each other at once.
            per_s: How long a window is, in seconds.
            now: The clock, in seconds.
        """
        self._most, self._per_s, self._now = most, per_s, now
        self._tries: dict[str, deque[float]] = {}  # when, of those that count; in order of use

    def take(self, key: str) -> Allowance:
        """Note a try and say whether it is one too many; refused tries cost nothing."""
        now = self._now()
        self._forget(now)
        tries = self._counting(key, now)
        allowed = len(tries) < self._most
        if allowed:
            tries.append(now)
        self._tries[key] = tries
        awaited = tries[-1] if allowed else tries[0]
        return Allowance(allowed, self._most, self._most - len(tries), math.ceil(awaited + self._per_s - now))

    def would_allow(self, key: str) -> bool:
        """Tell whether a try would be allowed now, without noting one."""
        return len(self._counting(key, self._now())) < self._most

    def _counting(self, key: str, now: float) -> deque[float]:
        """Return the tries that still count, and put them behind those of everybody else."""
        tries = self._tries.pop(key, None) or deque()
        while tries and now - tries[0] >= self._per_s:
            tries.popleft()
        if tries:
            self._tries[key] = tries
        return tries

    def _forget(self, now: float) -> None:
        """Drop whose tries count no more, and somebody if there are too many."""
        while self._tries:
            first = next(iter(self._tries))
            if len(self._tries) < _MOST_REMEMBERED and now - self._tries[first][-1] < self._per_s:
                return
            del self._tries[first]
