"""What staff see of how everything is: each feature reports on what is its own. Shared by features."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Condition(StrEnum):
    """How something is; the words for it are under ``staff.condition`` in the locales."""

    WELL = "well"
    WAITING = "waiting"  # it works, and has nothing to work on yet
    TROUBLE = "trouble"
    OFF = "off"  # not set up


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How one source is: something outside that the bridge listens to or speaks to."""

    name: str  # as the daemon's log calls it: ``log:survival``
    title: str  # as staff know it: "Survival, log"
    condition: Condition
    since: datetime | None = None  # when it became so, or when it was last heard of
    problem: str = ""  # the last error, in words, without secrets
    advice: str = ""  # the key of a sentence that says what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How far one delivery has come."""

    name: str  # of its reader
    waiting: int = 0  # records
    uncounted: bool = False  # there may be more: so many were enough
    since: datetime | None = None  # how long the oldest of them waits
    problem: str = ""


Reports: TypeAlias = Callable[[], Awaitable[Iterable[Report]]]
Queues: TypeAlias = Callable[[], Awaitable[Iterable[Queue]]]


class Board:
    """Collects what the features report; one report that breaks does not hide the others."""

    def __init__(self) -> None:
        self._reports: list[Reports] = []
        self._queues: list[Queues] = []

    def add_reports(self, reports: Reports) -> None:
        """Ask this, too, how its sources are."""
        self._reports.append(reports)

    def add_queues(self, queues: Queues) -> None:
        """Ask this, too, how far its deliveries are."""
        self._queues.append(queues)

    async def reports(self) -> list[Report]:
        """Return how every source is, those in trouble first."""
        found = [report for each in self._reports for report in await _asked(each)]
        return sorted(found, key=lambda report: report.condition is not Condition.TROUBLE)

    async def queues(self) -> list[Queue]:
        """Return how far every delivery is, those furthest behind first."""
        found = [queue for each in self._queues for queue in await _asked(each)]
        return sorted(found, key=lambda queue: -queue.waiting)


async def _asked(ask: Callable[[], Awaitable[Iterable[T]]]) -> list[T]:
    try:
        return list(await ask())
    except Exception:  # the page shows what the others say
        log.exception("a part could not tell how it is")
        return []
