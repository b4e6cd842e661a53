"""A pretend Minecraft server on real sockets and files, with players who live on it."""

from __future__ import annotations

from .rcon import Drop, RconFaults
from .server import SimGame
from .status import StatusFault
from .values import GameEvent, Line, Logged, RanCommand, Received, Roster, Run, Shown, ShownKind, SimPlayer

__all__ = [
    "Drop", "GameEvent", "Line", "Logged", "RanCommand", "RconFaults", "Received", "Roster", "Run", "Shown",
    "ShownKind", "SimGame", "SimPlayer", "StatusFault",
]  # fmt: skip
