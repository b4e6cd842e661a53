"""One loop for everything that talks to the outside: run a session, wait, run the next one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)


class SourceLost(Exception):
    """The connection broke or never came about; a later session may well work."""


class SourceRefused(Exception):
    """The other side said no (wrong password, revoked token): somebody has to change something."""


class Hindered(Exception):
    """Something outside stands in the way, such as a full disk; whoever found it has told people."""


class Session(Protocol):
    """Knows how to run one session with the outside and nothing about repeating it."""

    @property
    def name(self) -> str:
        """What it is called in the log: ``rcon:survival``."""

    async def run_session(self, up: Callable[[], None]) -> None:
        """Run until the other side ends it; call *up* once the session works.

        Raises:
            SourceLost: The session broke or could not begin.
            SourceRefused: The other side will not have us as we are.
        """


def backoff(*, first_s: float = 0.5, most_s: float = 60.0, factor: float = 2.0) -> Iterator[float]:
    """Yield waiting times in seconds: growing up to *most_s*, each shortened at random by up to a half.

    The jitter keeps many bridges from knocking on a restarted server at the same moment.
    """
    wait_s = min(first_s, most_s)
    while True:
        yield wait_s * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects nothing
        wait_s = min(wait_s * factor, most_s)


async def keep_running(
    session: Session,
    *,
    delays: Callable[[], Iterator[float]] = backoff,
    refused_wait_s: float | None = None,
    stable_after_s: float = 60.0,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run sessions one after another until cancelled.

    Only a session that was up for *stable_after_s* makes the waiting short again: a server that accepts
    and hangs up at once is not hammered. Going down is a warning, each further failure a debug line,
    coming back an info line.

    Args:
        session: What to run.
        delays: Makes a fresh sequence of waiting times, in seconds.
        refused_wait_s: How long to wait after a refusal; ``None`` lets the refusal end the loop.
        stable_after_s: How long a session has to be up before its end counts as a first failure.
        now: A clock in seconds that never goes back.
        sleep: Waits so many seconds.

    Raises:
        SourceRefused: The other side refused and *refused_wait_s* is ``None``.
    """
    attempt = _Attempt(session.name, now)
    waits = delays()
    while True:
        attempt.began()
        try:
            await session.run_session(attempt.up)
            attempt.failed("the other side closed the connection")
        except SourceLost as exc:
            attempt.failed(str(exc))
        except SourceRefused as exc:
            if refused_wait_s is None:
                raise
            attempt.failed(str(exc))
            await sleep(refused_wait_s)
            continue
        if attempt.lasted_s >= stable_after_s:
            waits = delays()
        await sleep(next(waits))


class _Attempt:
    """What is known of the present session, and which problems people have been told about."""

    def __init__(self, name: str, now: Callable[[], float]) -> None:
        self._log = log.bind(session=name)
        self._now = now
        self._up_since: float | None = None
        self._told: set[str] = set()  # problems told since it last worked
        self.lasted_s = 0.0

    def began(self) -> None:
        """Note that a session begins."""
        self._up_since = None

    def up(self) -> None:
        """Note that the session works."""
        self._up_since = self._now()
        self._log.info("works again" if self._told else "up")
        self._told.clear()

    def failed(self, problem: str) -> None:
        """Note why the session ended and tell it at the level it deserves."""
        self.lasted_s = 0.0 if self._up_since is None else self._now() - self._up_since
        # A new reason is news even while it is down: "wrong password" after "cannot connect".
        if problem in self._told:
            self._log.debug("still down", problem=problem)
            return
        self._log.warning("down; trying again by itself", problem=problem)
        self._told.add(problem)


def end_if_cancelled() -> None:
    """Raise the cancellation of this task that a library has swallowed.

    ``asyncio.wait_for`` of Python 3.11 loses one that comes at the moment of success, and whoever waits for
    the task's end would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def keep_alive(
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    delays: Callable[[], Iterator[float]] = backoff,
    stable_after_s: float = 60.0,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run *run* until it ends by itself or this is cancelled; after an error begin it again.

    For parts of the bridge whose mistakes must not stop the others.
    """
    waits = delays()
    while True:
        began_s = now()
        try:
            await run()
        except Exception as exc:  # noqa: BLE001 - one part's mistake must not stop the others
            if now() - began_s >= stable_after_s:
                waits = delays()
            wait_s = next(waits)
            _tell_failed(name, exc, wait_s)
            await sleep(wait_s)
        else:
            return


def _tell_failed(name: str, problem: Exception, wait_s: float) -> None:
    """Tell of a mistake with its traceback; a hindrance stops many parts and has been told already."""
    told = log.bind(part=name, wait_s=round(wait_s, 1))
    if _is_hindrance(problem):
        told.debug("part waits", problem=str(problem))
    else:
        told.error("part failed; beginning it again", exc_info=problem)


def _is_hindrance(problem: BaseException) -> bool:
    if isinstance(problem, BaseExceptionGroup):
        return all(map(_is_hindrance, problem.exceptions))
    return isinstance(problem, Hindered)
