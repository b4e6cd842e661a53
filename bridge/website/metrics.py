"""What dashboards read at ``/metrics``; features add to it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from aiohttp import web

from bridge.website.health import loop_lag_s

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its values as they are now."""

    name: str  # without ``_total``, which the format gives to counters
    help: str
    labels: Sequence[str] = ()
    counts: bool = False  # whether it only grows: a counter, else a gauge
    values: list[tuple[Sequence[str], float]] = field(default_factory=list)  # each with its labels' values

    def add(self, value: float, *labels: str) -> None:
        """Add a value, told apart by these labels."""
        self.values.append((labels, value))


Collect: TypeAlias = Callable[[], Awaitable[Iterable[Metric]]]


class Metrics:
    """Collects metrics when somebody asks for them."""

    def __init__(self) -> None:
        self._collected: list[Collect] = [_lag]

    def add(self, collect: Collect) -> None:
        """Tell what *collect* returns, too."""
        self._collected.append(collect)

    async def page(self, _request: web.Request) -> web.Response:
        """Answer with all metrics in Prometheus' text format."""
        # Imported late, as it takes a megabyte, for bridges that somebody watches; and in a thread, as the
        # library reads files then.
        await asyncio.to_thread(importlib.import_module, "bridge.website.prometheus")
        from bridge.website.prometheus import as_text  # noqa: PLC0415

        metrics = [metric for collect in self._collected for metric in await collect()]
        headers = {"Content-Type": METRICS_TYPE, "Cache-Control": "no-store"}
        return web.Response(body=as_text(metrics), headers=headers)


async def _lag() -> list[Metric]:
    lag = Metric("bridge_loop_lag_seconds", "How late the event loop wakes a task.")
    lag.add(await loop_lag_s())
    return [lag]
