"""Brings reports to one destination when they are due: each once, late rather than never, old ones not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bridge.features.board import Condition, Report
from bridge.features.figures.periods import Period
from bridge.features.figures.schedule import Schedule

log = structlog.get_logger(__name__)

LATE: Final = timedelta(days=3)
"""A report that is later than this is not sent any more: it can be read on the website."""
_LOOK_S: Final = 3600.0  # so often at least, as the clock may be set


class NotSent(Exception):
    """A report could not be sent now.

    Attributes:
        again_s: How long to wait before it is tried again.
        advice: The key of a sentence that says what to do; empty where nothing helps but waiting.
    """

    def __init__(self, problem: str, *, again_s: float, advice: str = "") -> None:
        super().__init__(problem)
        self.again_s, self.advice = again_s, advice


class Destination(Protocol):
    """Where reports go."""

    @property
    def name(self) -> str:
        """How it is called in the database and in the log."""

    async def send(self, period: Period) -> bool:
        """Send the report of a period unless it was sent; return whether it was sent just now.

        Raises:
            NotSent: It could not be.
        """


class Courier:
    """Brings the reports of one schedule to one destination."""

    def __init__(
        self,
        name: str,
        schedule: Schedule,
        destination: Destination,
        *,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._schedule, self._destination = schedule, destination
        self._now, self._pause = now, pause
        self._good_at: datetime | None = None
        self._trouble: NotSent | None = None
        self._name = f"reports:{name}"
        self._log = log.bind(source=self._name)

    async def run(self) -> None:
        """Bring each report when it is due, until cancelled."""
        while True:
            wait_s = await self._once()
            until_due_s = (self._schedule.next_due(self._now()) - self._now()).total_seconds()
            await self._pause(max(min(wait_s, until_due_s, _LOOK_S), 1.0))

    async def _once(self) -> float:
        """Bring the last report if it has not come too late; return how long to wait if it failed."""
        now = self._now()
        period = self._schedule.latest(now)
        if now - self._schedule.due(period) > LATE:
            return _LOOK_S
        try:
            sent = await self._destination.send(period)
        except NotSent as exc:
            if self._trouble is None or str(self._trouble) != str(exc):
                self._log.warning(
                    "a report cannot be sent; trying again by itself", report=period.name, problem=str(exc)
                )
            self._trouble = exc
            return exc.again_s
        self._trouble = None
        if sent:
            self._good_at = self._now()
            self._log.info("sent a report", report=period.name)
        return _LOOK_S

    def report(self, title: str) -> Report:
        """Return how it is, for staff."""
        if self._trouble is not None:
            return Report(
                name=self._name,
                title=title,
                condition=Condition.TROUBLE,
                since=self._good_at,
                problem=str(self._trouble),
                advice=self._trouble.advice,
            )
        condition = Condition.WAITING if self._good_at is None else Condition.WELL
        return Report(name=self._name, title=title, condition=condition, since=self._good_at)
