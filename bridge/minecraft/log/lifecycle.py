"""What the server tells of itself: starting, started, stopping, overloaded."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bridge.events import ServerOverloaded, ServerStarted, ServerStarting, ServerStopping
from bridge.minecraft.log.context import KNOWN, Context, Outcome
from bridge.minecraft.log.roster import RUNNING, STARTING, STOPPING

_STARTING: Final = re.compile(r"Starting minecraft server version (.+)", re.IGNORECASE)
_DONE: Final = re.compile(r"Done \(([^)]{1,40})\)!")
_TOOK: Final = re.compile(r"(\d[\d.,\u066b]*)\s?(ns|ms|s)")
_UNITS_S: Final = {"ns": 1e-9, "ms": 1e-3, "s": 1.0}
_STOPS: Final = frozenset(
    {"Stopping server", "Stopping the server", "Stopping the server..", "CONSOLE: Stopping the server.."}
)
_BEHIND: Final = re.compile(r"Running (\d+) ?ms (?:or (\d+) ticks? )?behind(?:, skipping (\d+) tick)?")


def starting(context: Context, message: str, at: datetime) -> Outcome:
    """``Starting minecraft server version 1.20.1``: nobody is online any more."""
    found = _STARTING.fullmatch(message)
    return begin(context, at, found[1].strip()) if found else None


def begin(context: Context, at: datetime, version: str | None) -> ServerStarting:
    """The server process began."""
    context.roster.clear()
    context.roster.phase = STARTING
    return ServerStarting(at=at, server=context.server, version=version)


def started(context: Context, message: str, at: datetime) -> Outcome:
    """``Done (12.345s)! For help, type "help"``; some machines write a decimal comma, Beta nanoseconds."""
    found = _DONE.match(message)
    if found is None:
        return None
    return ready(context, at, _seconds(found[1]))


def ready(context: Context, at: datetime, took_s: float | None) -> Outcome:
    """The server takes players; a proxy says so twice."""
    if context.proxy and context.roster.phase is RUNNING:
        return KNOWN
    if context.roster.phase is not STARTING:
        context.roster.clear()
    context.roster.phase = RUNNING
    return ServerStarted(at=at, server=context.server, took_s=took_s)


def _seconds(text: str) -> float | None:
    found = _TOOK.fullmatch(text.strip())
    if found is None:
        return None
    number = found[1].replace(",", ".").replace("\u066b", ".")
    whole, dot, fraction = number.rpartition(".")
    try:
        value = float(whole.replace(".", "") + dot + fraction) if dot else float(number)
    except ValueError:  # not a number after all
        return None
    return value * _UNITS_S[found[2]]


def stopping(context: Context, message: str, at: datetime) -> Outcome:
    """``Stopping the server``, ``Stopping server``: two or three lines, one event."""
    return halt(context, at) if message in _STOPS else None


def halt(context: Context, at: datetime) -> Outcome:
    """The server began to stop; known already when another line said so."""
    if context.roster.phase is STOPPING:
        return KNOWN
    context.roster.phase = STOPPING
    return ServerStopping(at=at, server=context.server)


def overloaded(context: Context, message: str, at: datetime) -> Outcome:
    """``Can't keep up! Is the server overloaded? Running 2034ms or 40 ticks behind``, in both wordings."""
    if not message.startswith("Can't keep up!"):
        return None
    found = _BEHIND.search(message)
    ticks = (found[2] or found[3]) if found else None
    return ServerOverloaded(
        at=at,
        server=context.server,
        behind_ms=int(found[1]) if found else None,
        behind_ticks=int(ticks) if ticks else None,
    )
