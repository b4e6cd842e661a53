"""Tells from outside what a server does: a planned stop, a crash, a hang, a machine out of reach. Pure.

A small machine for each server. Its log's own words and looks at its port, console and log go in; what
began, turned out to be something else or ended comes out. What is said of a time when the bridge's own
network was down blames no server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from bridge.minecraft import Failure

QUIET: Final = timedelta(seconds=60)
"""A log that told nothing for so long says nothing against a server that hangs or is gone."""
UNANSWERED: Final = 2
"""Commands in a row, a minute apart, that a console must leave unanswered: one can meet a long pause."""
RESTARTS_WITHIN: Final = timedelta(minutes=15)
"""A server that starts so soon after it was stopped was restarted."""
STOPS_WITHIN: Final = timedelta(minutes=10)
"""A server that still answers so long after it began to stop hangs."""
STARTS_WITHIN: Final = timedelta(minutes=10)
"""A server that began to start, and has told nothing for so long, is not starting any more."""


class Cause(StrEnum):
    """Why a server is not there for its players; stored, and worded under ``uptime.cause``."""

    STOP = "stop"
    RESTART = "restart"
    CRASH = "crash"
    HANG = "hang"
    UNREACHABLE = "unreachable"  # its machine does not answer
    LOST = "lost"  # its port does not answer, and nothing tells why


class Phase(StrEnum):
    """What a server does by what is known of it; stored."""

    UNKNOWN = "unknown"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a server is not there for its players."""

    cause: Cause
    began: datetime
    estimated: bool = False  # the beginning is the last sign of life


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a server is, seen from outside at one moment."""

    at: datetime
    answers: bool | None = None  # whether its port answered the last ping; None where there is none
    failure: Failure | None = None  # how the ping failed
    lost: bool = False  # so many pings have failed that it is no accident
    logged: bool = False  # whether its log is read up to its end, so that a stop would have been told
    spoke: datetime | None = None  # when its log last told something
    watchdog: datetime | None = None  # when the game's own watchdog last cried
    console: bool | None = None  # whether its console answers; None where there is none
    unanswered: int = 0  # commands in a row that the console has left unanswered
    network: bool = True  # False: several things fail at once that do not depend on each other


@dataclass(frozen=True, slots=True)
class Began:
    """An outage began."""

    outage: Outage


@dataclass(frozen=True, slots=True)
class Turned:
    """The outage under way has another cause than it seemed."""

    outage: Outage


@dataclass(frozen=True, slots=True)
class Ended:
    """The outage is over."""

    outage: Outage
    at: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """The server that began to stop has done so."""

    at: datetime


Change: TypeAlias = Began | Turned | Ended | Stopped


class Watch:
    """The machine of one server; each method returns what changed by what it was told."""

    def __init__(
        self,
        *,
        phase: Phase = Phase.UNKNOWN,
        outage: Outage | None = None,
        alive: datetime | None = None,
    ) -> None:
        """Go on where an earlier one was."""
        self.phase = phase
        self.outage = outage
        self.alive = alive
        """When it last gave a sign of life."""
        self._ticked: datetime | None = None  # when its console last answered
        self._by_port = True  # what the hang was seen by

    def lives(self, at: datetime) -> None:
        """Somebody had an answer from it."""
        self._lives(at)

    def starting(self, at: datetime, silent_since: datetime | None = None) -> list[Change]:
        """The log tells that the server process began; *silent_since* is its last line before."""
        return list(self._starting(at, silent_since))

    def started(self, at: datetime) -> list[Change]:
        """The log tells that the server is ready for players."""
        return list(self._runs(at))

    def stopping(self, at: datetime, *, crashing: bool = False) -> list[Change]:
        """The log tells that the server stops; *crashing*: because of an error, by its crash report."""
        return list(self._stopping(at, crashing=crashing))

    def look(self, look: Look) -> list[Change]:
        """Somebody looked from outside."""
        return list(self._look(look))

    def _starting(self, at: datetime, silent_since: datetime | None) -> Iterator[Change]:
        if self.outage is None and self.phase in (Phase.RUNNING, Phase.STARTING):
            # Nobody had told it to stop.
            signs = [sign for sign in (silent_since, self.alive) if sign is not None and sign <= at]
            yield self._begins(Outage(Cause.CRASH, max(signs, default=at), estimated=True))
        elif self.outage is not None and self.outage.cause is Cause.STOP:
            yield from self._has_stopped(max(silent_since or self.outage.began, self.outage.began))
            if at - self.outage.began <= RESTARTS_WITHIN:
                yield self._turns(Cause.RESTART)
        else:
            yield from self._has_stopped(silent_since or at)
        self.phase = Phase.STARTING
        self._lives(at)

    def _stopping(self, at: datetime, *, crashing: bool) -> Iterator[Change]:
        if self.outage is None:
            yield self._begins(Outage(Cause.CRASH if crashing else Cause.STOP, at))
        self.phase = Phase.STOPPING
        self._lives(at)

    def _has_stopped(self, at: datetime) -> Iterator[Change]:
        """It is gone; in good order, if it began to stop and nothing says otherwise."""
        crashed = self.outage is not None and self.outage.cause is Cause.CRASH
        if self.phase is Phase.STOPPING and not crashed:
            yield Stopped(at)
        self.phase = Phase.DOWN

    def _look(self, look: Look) -> Iterator[Change]:
        if look.spoke is not None:
            self._lives(look.spoke)
        if look.console:
            self._ticked = look.at
        if look.answers:
            self._lives(look.at)
            yield from self._answers(look)
        elif look.answers is False:
            yield from self._fails(look)
        if self.outage is None and self.phase is Phase.RUNNING and self._hangs(look):
            self._by_port = False
            signs = [sign for sign in (look.spoke, self._ticked) if sign is not None and sign <= look.at]
            yield self._begins(Outage(Cause.HANG, max(signs, default=look.at), estimated=True))

    def _answers(self, look: Look) -> Iterator[Change]:
        """The port answers."""
        outage = self.outage
        if self.phase is Phase.STOPPING:
            if outage is not None and _takes_too_long(look, outage):
                self.phase, self._by_port = Phase.RUNNING, False
                yield self._turns(Cause.HANG)
        elif outage is None or not self._still_hangs(look, outage):
            yield from self._runs(look.at)

    def _fails(self, look: Look) -> Iterator[Change]:
        """The port does not answer."""
        if not look.network:
            # Whatever is the matter with the server, it began no earlier than it could be seen.
            self._lives(look.at)
        elif self.phase is Phase.STOPPING and (look.failure is Failure.REFUSED or look.lost):
            yield from self._has_stopped(look.at)
        elif look.lost and self.outage is None:
            yield from self._is_lost(look)
        elif look.lost and self.outage is not None:
            yield from self._is_still_lost(look, self.outage)

    def _is_lost(self, look: Look) -> Iterator[Change]:
        if self.phase is Phase.STARTING and not self._gave_up_starting(look):
            return
        cause = self._cause_of(look)
        if cause is Cause.CRASH:
            self.phase = Phase.DOWN
        self._by_port = True
        yield self._begins(Outage(cause, self.alive or look.at, estimated=True))

    def _is_still_lost(self, look: Look, outage: Outage) -> Iterator[Change]:
        cause = self._cause_of(look)
        if outage.cause is Cause.LOST and cause in (Cause.CRASH, Cause.HANG):
            yield self._turns(cause)
        if outage.cause is Cause.RESTART and self._gave_up_starting(look):
            yield self._turns(Cause.CRASH)
        if look.failure is Failure.REFUSED and cause is not Cause.LOST:
            self.phase = Phase.DOWN  # a hanging one was killed

    def _cause_of(self, look: Look) -> Cause:
        if look.failure is Failure.UNREACHABLE:
            return Cause.UNREACHABLE
        told = look.logged and self.phase in (Phase.RUNNING, Phase.STARTING) and _quiet(look)
        if look.failure is Failure.REFUSED:
            return Cause.CRASH if told else Cause.LOST
        return Cause.HANG if told or look.unanswered >= UNANSWERED else Cause.LOST

    def _gave_up_starting(self, look: Look) -> bool:
        since = look.spoke or self.alive
        return look.logged and since is not None and look.at - since > STARTS_WITHIN

    def _hangs(self, look: Look) -> bool:
        """Tell whether its console is deaf, or its watchdog cries, while its log is silent."""
        cried = look.watchdog is not None and look.at - look.watchdog < QUIET
        cried = cried and (look.spoke is None or look.watchdog is None or look.watchdog > look.spoke)
        deaf = look.console is False and look.unanswered >= UNANSWERED
        return look.network and (cried or (deaf and _quiet(look)))

    def _still_hangs(self, look: Look, outage: Outage) -> bool:
        """Tell whether a server hangs on, though its port answers: that has a thread of its own."""
        if outage.cause is not Cause.HANG or self.phase is not Phase.RUNNING or look.console:
            return False
        if look.spoke is not None and look.spoke > outage.began:
            return False
        return not self._by_port or look.unanswered > 0

    def _runs(self, at: datetime) -> Iterator[Change]:
        if self.outage is not None:
            yield Ended(self.outage, max(at, self.outage.began))
            self.outage = None
        self.phase = Phase.RUNNING
        self._lives(at)

    def _begins(self, outage: Outage) -> Began:
        self.outage = outage
        return Began(outage)

    def _turns(self, cause: Cause) -> Turned:
        if self.outage is None:
            raise ValueError("there is no outage that could turn into another")
        self.outage = replace(self.outage, cause=cause)
        return Turned(self.outage)

    def _lives(self, at: datetime) -> None:
        self.alive = at if self.alive is None else max(self.alive, at)


def _quiet(look: Look) -> bool:
    return look.spoke is None or look.at - look.spoke >= QUIET


def _takes_too_long(look: Look, outage: Outage) -> bool:
    """Tell whether a server that was stopped should be gone by now."""
    return outage.cause is Cause.STOP and look.at - outage.began > STOPS_WITHIN and _quiet(look)
