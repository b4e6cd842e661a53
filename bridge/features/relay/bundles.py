"""Holds back storms of joins and leaves (restarts, crash loops, relogs) and tells them in one line.

Pure: no I/O; the time comes in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.events import ServerId
from bridge.features.relay.parcels import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A player's coming or going, and the line that tells it when it is told alone."""

    server: ServerId
    player: str
    came: bool
    at: datetime  # by the bridge's clock: a server's own may be hours off
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Movements told together, per player as they ended: who is new here, who is gone, who only passed."""

    server: ServerId
    movements: tuple[Movement, ...]

    @property
    def came(self) -> tuple[str, ...]:
        """The players who were away before and are here now."""
        return tuple(p for p, (first, last) in self._ends().items() if first and last)

    @property
    def went(self) -> tuple[str, ...]:
        """The players who were here before and are away now."""
        return tuple(p for p, (first, last) in self._ends().items() if not first and not last)

    @property
    def passed(self) -> tuple[str, ...]:
        """The players who ended as they began, after coming and going in between."""
        return tuple(p for p, (first, last) in self._ends().items() if first != last)

    def _ends(self) -> dict[str, tuple[bool, bool]]:
        ends: dict[str, tuple[bool, bool]] = {}
        for movement in self.movements:
            first, _ = ends.get(movement.player, (movement.came, movement.came))
            ends[movement.player] = (first, movement.came)
        return ends


class Bundler:
    """Lets single movements pass and holds those of a storm until its window has passed.

    A storm on one server begins with the *after*-th movement within *window*; from then on movements
    are held until *window* after the first held one.
    """

    def __init__(self, *, after: int, window: timedelta) -> None:
        self._after, self._window = after, window
        self._recent: dict[ServerId, deque[datetime]] = {}
        self._held: dict[ServerId, list[Movement]] = {}

    @property
    def held(self) -> tuple[Movement, ...]:
        """The movements that wait to be told together."""
        return tuple(movement for held in self._held.values() for movement in held)

    @property
    def deadline(self) -> datetime | None:
        """When the oldest held movements are to be told; None when nothing is held."""
        return min((held[0].at + self._window for held in self._held.values()), default=None)

    def take(self, movement: Movement) -> list[Movement | Bundle]:
        """Return what may be told now that this movement has happened, in order."""
        at, server = movement.at, movement.server
        told: list[Movement | Bundle] = list(self.release(at))
        recent = self._recent.setdefault(server, deque())
        while recent and recent[0] + self._window <= at:
            recent.popleft()
        recent.append(at)
        if server in self._held or len(recent) >= self._after:
            self._held.setdefault(server, []).append(movement)
        else:
            told.append(movement)
        return told

    def release(self, now: datetime) -> list[Movement | Bundle]:
        """Return the bundles whose window has passed; a single held movement comes back as it was."""
        due = [server for server, held in self._held.items() if held[0].at + self._window <= now]
        told: list[Movement | Bundle] = []
        for server in due:
            held = self._held.pop(server)
            told.append(held[0] if len(held) == 1 else Bundle(server=server, movements=tuple(held)))
        return told
