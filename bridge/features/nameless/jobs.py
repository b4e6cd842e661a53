"""What is done again and again: each on its own, so that what fails does not stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.features.nameless.problems import NamelessError, Problem
from bridge.supervise import SourceLost, SourceRefused, backoff, keep_running

FIRST_WAIT_S: Final = 10.0
MOST_WAIT_S: Final = 600.0
REFUSED_WAIT_S: Final = 300.0  # somebody may be changing the site's settings just now


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job stands.

    Attributes:
        name: ``nameless:server:survival``, ``nameless:groups`` or ``nameless:announcements``.
        worked_at: When it last did what it should; None if never since the start.
        problem: What is in the way; None while it works.
        detail: More about that, technical.
    """

    name: str
    worked_at: datetime | None
    problem: Problem | None = None
    detail: str = ""


class Job:
    """Does one thing regularly; what goes wrong is told once and tried again with growing waits."""

    def __init__(
        self,
        name: str,
        once: Callable[[], Awaitable[None]],
        *,
        every_s: float,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare to call *once*, which raises NamelessError, every *every_s* seconds."""
        self.name = name
        self._once, self._every_s, self._now, self._pause = once, every_s, now, pause
        self._worked_at: datetime | None = None
        self._error: NamelessError | None = None

    @property
    def state(self) -> JobState:
        """How it stands."""
        return JobState(
            name=self.name,
            worked_at=self._worked_at,
            problem=None if self._error is None else self._error.problem,
            detail="" if self._error is None else self._error.detail,
        )

    async def run(self) -> None:
        """Do it until cancelled."""
        await keep_running(self, delays=_delays, refused_wait_s=REFUSED_WAIT_S, sleep=self._pause)

    async def run_session(self, up: Callable[[], None]) -> None:
        """Do it until it fails; see :class:`bridge.supervise.Session`.

        Raises:
            SourceLost: It failed, and may work later.
            SourceRefused: It failed, and somebody has to change something.
        """
        first = True
        while True:
            try:
                await self._once()
            except NamelessError as exc:
                self._error = exc
                raise (SourceLost if exc.passing else SourceRefused)(str(exc)) from exc
            self._error, self._worked_at = None, self._now()
            if first:
                up()
            first = False
            await self._pause(self._every_s)


def _delays() -> Iterator[float]:
    return backoff(first_s=FIRST_WAIT_S, most_s=MOST_WAIT_S)
