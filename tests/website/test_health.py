"""What watchdogs and dashboards ask."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.website import Health, Metric, Site, health

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]


async def test_a_process_whose_loop_turns_is_alive(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site()) as client, client.get("/healthz") as answer:
        told = await answer.json()
        assert (answer.status, told["status"]) == (200, "alive")
        assert 0 <= told["lag_ms"] < 1000


async def test_a_loop_that_is_held_up_is_told(make_site: MakeSite, serve: Serve) -> None:
    """Something blocks the loop while the health page measures."""
    async with serve(make_site()) as client:
        asking = asyncio.create_task(client.get("/healthz"))
        loop = asyncio.get_running_loop()
        monitor = health.loop_lag_s()
        measured = asyncio.create_task(monitor)
        loop.call_later(0.005, time.sleep, 0.05)
        assert await measured > 0.02
        (await asking).close()


async def test_too_late_a_loop_is_not_alive(
    make_site: MakeSite, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "WORST_LAG_S", -1.0)
    async with serve(make_site()) as client, client.get("/healthz") as answer:
        assert answer.status == 503
        assert (await answer.json())["status"] == "slow"


async def test_ready_names_the_parts_that_are_not(
    make_site: MakeSite, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECK_LIMIT_S", 0.05)

    async def good() -> Health:
        return Health(ready=True)

    async def bad() -> Health:
        return Health(ready=False, reason="the token was refused")

    async def hanging() -> Health:
        await asyncio.Event().wait()
        raise AssertionError

    async def broken() -> Health:
        raise ZeroDivisionError

    site = make_site()
    site.add_health("store", good)
    async with serve(site) as client:
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ready", "failing": {}})
        site.add_health("discord", bad)
        site.add_health("journal", hanging)
        site.add_health("moon", broken)
        async with client.get("/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {
                "status": "not ready",
                "failing": {
                    "discord": "the token was refused",
                    "journal": "no answer within 0.05 s",
                    "moon": "ZeroDivisionError",
                },
            }


async def test_metrics_are_in_prometheus_format_and_as_they_are_when_asked(
    make_site: MakeSite, serve: Serve
) -> None:
    site = make_site()
    asked = itertools.count(1)

    async def looks() -> list[Metric]:
        return [Metric("bridge_looks", "Looks.", ["of"], counts=True, values=[(["us"], next(asked))])]

    site.metrics.add(looks)
    async with serve(site) as client, client.get("/metrics") as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = {family.name: family for family in text_string_to_metric_families(await answer.text())}
        looked = families["bridge_looks"].samples[0]
        assert (looked.name, looked.labels, looked.value) == ("bridge_looks_total", {"of": "us"}, 1)
        assert families["bridge_loop_lag_seconds"].samples[0].value >= 0
