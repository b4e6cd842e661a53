"""Whether the process lives (``/healthz``) and whether its parts are ready (``/readyz``)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

CHECK_LIMIT_S: Final = 3.0
WORST_LAG_S: Final = 1.0  # later than this, lines are late for people too
_NAP_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Health:
    """How a part is: ready, or not and why, in words without secrets."""

    ready: bool
    reason: str = ""


HealthCheck: TypeAlias = Callable[[], Awaitable[Health]]


class HealthPages:
    """Answers the two questions a supervisor asks; a game server that is down is no failure of ours."""

    def __init__(self) -> None:
        self._checks: dict[str, HealthCheck] = {}

    def add(self, part: str, check: HealthCheck) -> None:
        """Make readiness depend on *part*."""
        self._checks[part] = check

    async def failing(self) -> dict[str, str]:
        """Return the parts that are not ready, each with its reason."""
        found = await asyncio.gather(*(_checked(part, check) for part, check in self._checks.items()))
        return {
            part: health.reason for part, health in zip(self._checks, found, strict=True) if not health.ready
        }

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer 200 while the event loop turns as it should, else 503."""
        lag_s = await loop_lag_s()
        alive = lag_s < WORST_LAG_S
        status = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
        return _json({"status": "alive" if alive else "slow", "lag_ms": round(lag_s * 1000, 1)}, status)

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 when every part is ready, else 503 with the parts that are not."""
        failing = await self.failing()
        status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
        return _json({"status": "not ready" if failing else "ready", "failing": failing}, status)


async def loop_lag_s() -> float:
    """Return how much later than asked the event loop wakes a task now, in seconds."""
    loop = asyncio.get_running_loop()
    due = loop.time() + _NAP_S
    await asyncio.sleep(_NAP_S)
    return max(loop.time() - due, 0.0)


async def _checked(part: str, check: HealthCheck) -> Health:
    try:
        async with asyncio.timeout(CHECK_LIMIT_S):
            return await check()
    except TimeoutError:
        return Health(ready=False, reason=f"no answer within {CHECK_LIMIT_S:g} s")
    except Exception as exc:  # one check's mistake must not hide the others
        log.exception("a health check failed", part=part)
        return Health(ready=False, reason=type(exc).__name__)


def _json(value: object, status: HTTPStatus) -> web.Response:
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store"})
