"""How often somebody may do something: a bucket each that fills again with time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MOST_REMEMBERED: Final = 20_000  # people; the one seen least recently is forgotten


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to somebody after one more try."""

    allowed: bool
    limit: int  # tries at once
    remaining: int
    reset_s: int  # until all of them are there again; when refused: until the next one


class Limiter:
    """Lets everybody do something so many times at once, and again as time passes."""

    def __init__(self, most: int, per_s: float, *, now: Callable[[], float] = time.monotonic) -> None:
        """Make a limiter.

        Args:
            most: Tries that may follow each other at once.
            per_s: In how many seconds that many come back.
            now: The clock, in seconds.
        """
        self._most, self._per_s, self._now = most, per_s, now
        self._left: dict[str, tuple[float, float]] = {}  # tries left, and when that was; in order of use

    def take(self, key: str) -> Allowance:
        """Note a try and say whether it is one too many; refused tries cost nothing."""
        left, now = self._filled(key)
        allowed = left >= 1
        left -= allowed
        if len(self._left) >= _MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        self._left[key] = left, now
        missing = (self._most - left) if allowed else 1 - left
        return Allowance(allowed, self._most, math.floor(left), math.ceil(missing * self._per_s / self._most))

    def would_allow(self, key: str) -> bool:
        """Tell whether a try would be allowed now, without noting one."""
        left, now = self._filled(key)
        self._left[key] = left, now
        return left >= 1

    def forgive(self, key: str) -> None:
        """Forget the tries of somebody who has shown to be who they say."""
        self._left.pop(key, None)

    def _filled(self, key: str) -> tuple[float, float]:
        now = self._now()
        left, since = self._left.pop(key, (float(self._most), now))
        return min(self._most, left + (now - since) * self._most / self._per_s), now
