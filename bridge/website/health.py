"""Whether the process lives (``/healthz``) and whether its parts are ready (``/readyz``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Health:
    """How a part is: ready, or not and why, in words without secrets."""

    ready: bool
    reason: str = ""


HealthCheck: TypeAlias = Callable[[], Health]


class HealthPages:
    """Answers the two questions a supervisor asks; a game server that is down is no failure of ours."""

    def __init__(self) -> None:
        self._checks: dict[str, HealthCheck] = {}

    def add(self, part: str, check: HealthCheck) -> None:
        """Make readiness depend on *part*."""
        self._checks[part] = check

    def failing(self) -> dict[str, str]:
        """Return the parts that are not ready, each with its reason."""
        found = {part: check() for part, check in self._checks.items()}
        return {part: health.reason for part, health in found.items() if not health.ready}

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer 200 as long as the event loop turns."""
        return web.json_response({"status": "alive"})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 when every part is ready, else 503 with the parts that are not."""
        failing = self.failing()
        status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
        body = json.dumps({"status": "not ready" if failing else "ready", "failing": failing})
        return web.Response(text=body, status=status, content_type="application/json")
