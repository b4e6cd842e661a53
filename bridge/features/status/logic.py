"""What all servers together amount to, and who the console says is on one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridge.features.servers import ServerView, State


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the servers are, in one sentence: its key, how many it is about, and the state to show."""

    key: str
    count: int
    state: State


def verdict(views: Sequence[ServerView]) -> Verdict:
    """Return what all servers together amount to."""
    down = sum(each.state is State.DOWN for each in views)
    up = sum(each.state is State.UP for each in views)
    if down:
        return Verdict("status.all-down" if down == len(views) else "status.some-down", down, State.DOWN)
    if up:
        return Verdict("status.all-up", up, State.UP)
    return Verdict("status.unknown", 0, State.UNKNOWN)


def playing(views: Sequence[ServerView]) -> int | None:
    """Return how many play on all servers; None if none of them tells."""
    counts = [each.online for each in views if each.online is not None]
    return sum(counts) if counts else None


_LIST: Final = re.compile(
    r"There are (?P<online>\d+)(?: of a max(?: of)? |/)(?P<maximum>\d+) players online:"
)
_NAME: Final = re.compile(r"[^\s,]{1,24}")


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on a server: by the console, the log or the status port; ``maximum`` only if it is known."""

    online: int
    maximum: int | None
    names: tuple[str, ...]


def read_list(reply: str) -> Roster | None:
    """Return what ``list`` answered, in the wording of any version; None for a plugin's own wording."""
    plain = re.sub(r"§.", "", reply)
    found = _LIST.search(plain)
    if found is None:
        return None
    names = tuple(_NAME.findall(plain[found.end() :]))
    return Roster(int(found["online"]), int(found["maximum"]), names)
