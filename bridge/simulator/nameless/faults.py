"""Things that go wrong on purpose, one by one, in the order in which they were asked for."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a request."""

    ERROR = "error"  # an answer 500 in JSON, as the API words an exception
    CRASH = "crash"  # an answer 500 in HTML, as a host words it
    HTML = "html"  # an answer 200 in HTML
    GARBAGE = "garbage"  # JSON that is something else than what was asked for
    HANG = "hang"  # no answer until the fault is cleared
    DROP = "drop"  # the connection is closed
    REDIRECT = "redirect"  # to another host


@dataclass(slots=True, kw_only=True)
class Fault:
    """One scripted fault for the next *times* requests that match; for all when *times* is None."""

    kind: FaultKind
    route: str = ""  # a regular expression, searched in the route
    times: int | None = 1


class Faults:
    """The script of faults."""

    def __init__(self) -> None:
        self._script: list[Fault] = []
        self._released = asyncio.Event()

    def add(self, kind: FaultKind, *, route: str = "", times: int | None = 1) -> None:
        """Let the next *times* requests that match fail in this way; every one when *times* is None."""
        self._script.append(Fault(kind=kind, route=route, times=times))

    def clear(self) -> None:
        """Forget the script and let go what hangs."""
        self._script.clear()
        self._released.set()
        self._released = asyncio.Event()

    def take(self, route: str) -> FaultKind | None:
        """Return the fault that this request meets, counting it."""
        for fault in self._script:
            if re.search(fault.route, route) is None:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._script.remove(fault)
            return fault.kind
        return None

    async def hold(self) -> None:
        """Return when hanging requests are let go."""
        await self._released.wait()
