"""The staff's page of uptime, the operations of the API, and metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.config.access import Bundle
from bridge.events import ServerId
from bridge.features.staff import Staff
from bridge.features.uptime import Uptime
from bridge.features.uptime.metrics import uptime_metrics
from bridge.store import Store
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.incidents import Details, Incident, keep_incident
from bridge.store.statistics.samples import MinuteState, Sample, add_samples, minute_of, percent
from bridge.store.times import to_ms
from tests.features.conftest import Desk, OpenDesk

SURVIVAL = ServerId("survival")
UP, DOWN, _ = MinuteState


async def fill(store: Store) -> None:
    """The last 100 minutes: 90 up with three players, then 10 down by a crash."""
    now = datetime.now(UTC)
    last = minute_of(to_ms(now))
    minutes = [Sample(last - 100 + at, UP, 3, 2.5, 19.5, 21.0) for at in range(90)]
    minutes += [Sample(last - 10 + at, DOWN) for at in range(10)]
    details = Details(
        lines=("[12:00:00] [Server thread/ERROR]: <b>boom</b>",),
        report="---- Minecraft Crash Report ----",
        report_name="crash-2026.txt",
        problem="nothing listens on port 25565",
    )
    incident = Incident(
        server=SURVIVAL,
        cause="crash",
        began=now - timedelta(minutes=10),
        estimated=True,
        players=("Mira", "Finn"),
        details=details,
    )
    async with store.transaction() as tx:
        await add_samples(tx, await number_of_server(tx, SURVIVAL), minutes, zone=ZoneInfo("UTC"))
        await keep_incident(tx, incident)


@pytest.fixture
def changes() -> dict[str, object]:
    return {"maintenance": [{"every": "day 04:00", "for": "30m"}]}


async def test_the_page_tells_the_figures_with_their_coverage(
    open_desk: OpenDesk, changes: dict[str, object]
) -> None:
    async with open_desk(Staff, Uptime, **changes) as desk:
        await fill(desk.parts.store)
        assert await desk.status("/staff/uptime") in (302, 303, 401, 403)
        await desk.sign_in(Bundle.MANAGER)
        page = await desk.page("/staff/uptime")
        assert "90 %" in page
        assert "crashed" in page
        assert "Mira, Finn" in page
        assert "&lt;b&gt;boom&lt;/b&gt;" in page
        assert "crash-2026.txt" in page
        assert "04:00" in page or "Survival" in page
        french = await desk.page("/staff/uptime", language="fr")
        assert "Disponibilité" in french
        assert "planté" in french


async def test_one_server_has_charts_of_its_last_week(open_desk: OpenDesk) -> None:
    async with open_desk(Staff, Uptime) as desk:
        await desk.sign_in(Bundle.MANAGER)
        assert "<figure" not in await desk.page("/staff/uptime?server=survival")
        await fill(desk.parts.store)
        page = await desk.page("/staff/uptime?server=survival")
        assert page.count("<figure") == 3
        assert "Ticks a second" in page
        assert await desk.status("/staff/uptime?server=nether") == 404


async def test_helpers_do_not_see_it(open_desk: OpenDesk) -> None:
    async with open_desk(Staff, Uptime) as desk:
        await desk.sign_in(Bundle.HELPER)
        assert await desk.status("/staff/uptime") == 403


async def ask(desk: Desk, path: str, status: int = 200) -> dict[str, Any]:
    async with desk.client.get(path) as answer:
        assert answer.status == status, await answer.text()
        found = await answer.json(content_type=None)
    assert isinstance(found, dict)
    return found


async def test_programs_can_ask_for_it(open_desk: OpenDesk) -> None:
    async with open_desk(Staff, Uptime) as desk:
        await fill(desk.parts.store)
        uptime = await ask(desk, "/api/v1/servers/survival/uptime")
        first = uptime["uptimes"][0]
        assert (first["days"], first["share"], first["up"], first["down"]) == (1, 0.9, 90, 10)
        await ask(desk, "/api/v1/servers/nether/uptime", 404)
        assert await desk.status("/api/v1/servers/survival/incidents") in (401, 403)
        await desk.sign_in(Bundle.MANAGER)
        (incident,) = (await ask(desk, "/api/v1/servers/survival/incidents"))["incidents"]
        assert (incident["cause"], incident["ended"], incident["players"]) == (
            "crash",
            None,
            ["Mira", "Finn"],
        )
        samples = await ask(desk, "/api/v1/servers/survival/samples")
        assert samples["minutes"] == 5
        assert sum(point["up"] for point in samples["points"]) == 90
        later = "2026-11-25T12:00:00Z"
        await ask(desk, f"/api/v1/servers/survival/samples?begins={later}&ends={later}", 422)


async def test_dashboards_read_it(open_desk: OpenDesk) -> None:
    async with open_desk(Staff, Uptime) as desk:
        await fill(desk.parts.store)
        metrics = {metric.name: metric.values for metric in await uptime_metrics(desk.parts)()}
        assert (["survival", "1"], 0.9) in [
            (list(labels), value) for labels, value in metrics["bridge_server_uptime_ratio"]
        ]
        assert metrics["bridge_server_incident_open"] == [(("survival",), True)]


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, ""), (1.0, "100"), (0.99999, "99.99"), (0.9993, "99.93"), (0.5, "50"), (0.0, "0")],
)
def test_a_percentage_never_rounds_up_to_all(share: float | None, shown: str) -> None:
    assert percent(share) == shown
