"""Things that go wrong on purpose, one by one, in the order in which they were asked for."""

from __future__ import annotations

import asyncio
import re
from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """What happens to a request."""

    ERROR = "error"  # answer *status* without handling it
    LIMITED = "limited"  # answer 429 without handling it
    HANG = "hang"  # never answer, never handle
    DROP = "drop"  # close the connection without handling
    DROP_AFTER = "drop-after"  # handle, then close the connection without an answer
    ERROR_AFTER = "error-after"  # handle, then answer *status*
    DELAY = "delay"  # wait *seconds*, then handle


class Fault(msgspec.Struct, kw_only=True):
    """One scripted fault for the next *times* requests that match."""

    kind: FaultKind
    method: str = "*"
    path: str = ""  # a regular expression, searched in the path below ``/api/v10``
    times: int = 1
    status: int = 500
    seconds: float = 1.0  # of the delay, or ``retry_after``
    scope: str = "user"  # of a 429: user, shared or global
    via: bool = True  # without the Via header a 429 looks like a ban of the address

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is meant for a request."""
        return self.times > 0 and self.method in {"*", method} and re.search(self.path, path) is not None


class Faults:
    """The script of faults; every helper adds to its end."""

    def __init__(self) -> None:
        self.script: list[Fault] = []
        self.outage: Fault | None = None
        self._released = asyncio.Event()
        self.refuse_connects = False  # gateway: answer the handshake with 503
        self.ignore_heartbeats = False  # gateway: no acknowledgement
        self.refuse_resume = False  # gateway: INVALID_SESSION instead of RESUMED

    def add(self, fault: Fault) -> None:
        """Add any fault."""
        self.script.append(fault)

    def error(self, status: int = 500, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Answer *status* without handling the request."""
        self.add(Fault(kind=FaultKind.ERROR, status=status, times=times, method=method, path=path))

    def error_after(self, status: int = 502, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Handle the request, then answer *status*: what it asked for has happened."""
        self.add(Fault(kind=FaultKind.ERROR_AFTER, status=status, times=times, method=method, path=path))

    def limited(
        self,
        retry_after_s: float,
        *,
        times: int = 1,
        method: str = "*",
        path: str = "",
        scope: str = "user",
        via: bool = True,
    ) -> None:
        """Answer 429; *scope* is user, shared or global."""
        self.add(
            Fault(
                kind=FaultKind.LIMITED,
                seconds=retry_after_s,
                times=times,
                method=method,
                path=path,
                scope=scope,
                via=via,
            )
        )

    def hang(self, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Never answer; the connection stays open until :meth:`clear` or the end."""
        self.add(Fault(kind=FaultKind.HANG, times=times, method=method, path=path))

    def drop(self, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Close the connection without handling the request."""
        self.add(Fault(kind=FaultKind.DROP, times=times, method=method, path=path))

    def drop_after(self, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Handle the request, then close the connection: the client never learns what happened."""
        self.add(Fault(kind=FaultKind.DROP_AFTER, times=times, method=method, path=path))

    def delay(self, seconds: float, *, times: int = 1, method: str = "*", path: str = "") -> None:
        """Wait before handling the request."""
        self.add(Fault(kind=FaultKind.DELAY, seconds=seconds, times=times, method=method, path=path))

    def start_outage(self, kind: FaultKind = FaultKind.ERROR, *, status: int = 503) -> None:
        """Let every REST request fail in this way until :meth:`end_outage`."""
        self.outage = Fault(kind=kind, status=status)

    def end_outage(self) -> None:
        """Let REST requests through again; those that hang are dropped."""
        self.outage = None
        self._release()

    def clear(self) -> None:
        """Forget the script, end the outage, drop what hangs and let the gateway behave."""
        self.script.clear()
        self.outage = None
        self.refuse_connects = self.ignore_heartbeats = self.refuse_resume = False
        self._release()

    def _release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, counting it."""
        if self.outage is not None:
            return self.outage
        if not self.script:
            return None
        found = next((fault for fault in self.script if fault.matches(method, path)), None)
        if found is not None:
            found.times -= 1
            self.script = [fault for fault in self.script if fault.times > 0]
        return found

    async def hold(self) -> None:
        """Return when hanging requests are let go."""
        await self._released.wait()
