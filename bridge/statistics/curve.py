"""How many players are on a server at each moment, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from bridge.statistics.lives import Session


class Step(NamedTuple):
    """From a moment on, so many are there."""

    at_ms: int
    players: int


def steps(sessions: Iterable[Session], begins_ms: int, ends_ms: int) -> list[Step]:
    """Return how many are there at first, and each change until the end; open sessions last on."""
    changes: Counter[int] = Counter()
    count = 0
    for session in sessions:
        ended_ms = ends_ms if session.ended_ms is None else session.ended_ms
        if session.began_ms <= begins_ms < ended_ms:
            count += 1
        elif begins_ms < session.began_ms < ends_ms:
            changes[session.began_ms] += 1
        else:
            continue
        if ended_ms < ends_ms:
            changes[ended_ms] -= 1
    found = [Step(begins_ms, count)]
    for at_ms in sorted(changes):
        count += changes[at_ms]
        if count != found[-1].players:
            found.append(Step(at_ms, count))
    return found
