"""A pretend Minecraft server on real sockets and files, with players who live on it."""

from __future__ import annotations

from .control import Control
from .life import Life
from .process import main
from .rcon import Drop, RconFaults
from .server import SimGame
from .status import StatusFault
from .values import (
    Format,
    GameEvent,
    Line,
    Logged,
    RanCommand,
    Received,
    Roster,
    Run,
    Shown,
    ShownKind,
    SimPlayer,
)

__all__ = [
    "Control",
    "Drop",
    "Format",
    "GameEvent",
    "Life",
    "Line",
    "Logged",
    "RanCommand",
    "RconFaults",
    "Received",
    "Roster",
    "Run",
    "Shown",
    "ShownKind",
    "SimGame",
    "SimPlayer",
    "StatusFault",
    "main",
]
