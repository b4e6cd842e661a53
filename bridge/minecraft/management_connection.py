"""One connection over the Management Protocol, used once: answers by number, notifications in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

import aiohttp
import structlog

from bridge.minecraft.management_errors import (
    ManagementError,
    ManagementFailed,
    ManagementTimeout,
    ManagementUnavailable,
    ManagementUnknownOutcome,
    ManagementUnsupported,
)
from bridge.minecraft.management_wire import (
    METHOD_NOT_FOUND,
    Json,
    Notification,
    Reply,
    RpcProblem,
    read_frames,
    request,
)
from bridge.minecraft.websocket import reason_of
from bridge.supervise import SourceLost

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 2000
"""Notifications that may wait; a server with more has to be asked anew who is on it."""
_LAST_NUMBER: Final = 2**31 - 1


class Connection:
    """Speaks with one server until either side ends it; :meth:`read` has to run all the while."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        *,
        name: str,
        now: Callable[[], datetime],
        on_end: Callable[[SourceLost], None],
    ) -> None:
        self._socket = socket
        self._on_end = on_end
        self._now = now
        self._log = log.bind(session=name)
        self._number = 0
        self._calls: dict[int, asyncio.Future[Json]] = {}
        self._waiting: deque[tuple[datetime, Notification]] = deque()
        self._filled = asyncio.Event()
        self._told_garbage = False
        self._why: SourceLost | None = None  # it ended

    async def read(self) -> None:
        """Read what the server sends until the connection ends; whoever waits for an answer is told."""
        why = SourceLost("the link was closed")
        try:
            why = await self._read()
        finally:
            self.end(why)

    def end(self, why: SourceLost) -> None:
        """Take no more from the server; what waits for an answer is told that none comes."""
        if self._why is None:
            self._why = why
            self._on_end(why)
        self._filled.set()
        for call in self._calls.values():
            if not call.done():
                call.set_exception(ManagementUnknownOutcome(f"{why}; the server may have done it"))
                call.exception()  # whoever waits may have gone away
        self._calls.clear()

    async def _read(self) -> SourceLost:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                self._tell_garbage()
                continue
            frames = read_frames(message.data)
            if not frames:
                self._tell_garbage()
            for frame in frames:
                if isinstance(frame, Reply):
                    self._answer(frame)
                elif len(self._waiting) >= MOST_WAITING:
                    return SourceLost("the server tells more than can be taken; asking it anew")
                else:
                    self._waiting.append((self._now(), frame))
                    self._filled.set()
        if (exc := self._socket.exception()) is not None:
            return SourceLost(f"the connection broke: {reason_of(exc)}")
        return SourceLost("the server closed the connection")

    async def notifications(self) -> AsyncIterator[tuple[datetime, Notification]]:
        """Yield what the server tells by itself, in order, and when it was told.

        Raises:
            SourceLost: The connection ended, and everything before that was yielded.
        """
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._why is not None:
                raise SourceLost(str(self._why)) from self._why
            self._filled.clear()
            await self._filled.wait()

    async def call(self, method: str, *params: Json, timeout_s: float) -> Json:
        """Ask the server for something and return its answer.

        Raises:
            ManagementUnavailable: The connection has ended; nothing was sent.
            ManagementUnknownOutcome: The connection ended before the answer.
            ManagementTimeout: No answer in time.
            ManagementUnsupported: The server does not know the method.
            ManagementFailed: The server said no.
            ValueError: The request cannot be sent; nothing was.
        """
        if self._why is not None:
            raise ManagementUnavailable(f"{self._why}; nothing was sent")
        number = self._number = self._number % _LAST_NUMBER + 1
        text = request(number, method, params)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        try:
            async with asyncio.timeout(timeout_s):
                await self._socket.send_str(text)
                return await answer
        except TimeoutError as exc:
            raise ManagementTimeout(f"no answer to {method} within {timeout_s:g} s") from exc
        except (OSError, aiohttp.ClientError) as exc:
            problem = f"the connection broke: {reason_of(exc)}; the server may have done it"
            raise ManagementUnknownOutcome(problem) from exc
        finally:
            self._calls.pop(number, None)

    def _answer(self, reply: Reply) -> None:
        call = self._calls.get(reply.id)
        if call is None or call.done():  # it came too late
            return
        if reply.problem is None:
            call.set_result(reply.result)
        else:
            call.set_exception(_error(reply.problem))

    def _tell_garbage(self) -> None:
        if not self._told_garbage:
            self._told_garbage = True
            self._log.warning(
                "the server sends what is no message of the Management Protocol; passing it over"
            )


def _error(problem: RpcProblem) -> ManagementError:
    kind = ManagementUnsupported if problem.code == METHOD_NOT_FOUND else ManagementFailed
    return kind(problem.code, problem.message)
