"""What staff read about asking who is on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from bridge.config.access import Bundle
from bridge.events import ServerId
from bridge.features.board import Condition, Report
from bridge.features.staff import Staff
from bridge.minecraft import GameServer

OpenDesk = Callable[..., AbstractAsyncContextManager[Any]]


async def list_report(desk: Any) -> Report:  # noqa: ANN401 - the desk of this room's conftest
    """Return the report on the list of the only server."""
    (report,) = [each for each in await desk.parts.board.reports() if each.name == "roster:survival"]
    assert isinstance(report, Report)
    return report


async def test_a_list_that_fails_is_told_with_what_to_do(open_desk: OpenDesk) -> None:
    """Without a log it is trouble: nothing else says who is on."""
    async with open_desk(Staff, servers={"survival": {"query": {"port": 1, "timeout": "100ms"}}}) as desk:
        server: GameServer = desk.parts.servers[ServerId("survival")]
        assert server.roster is not None
        assert (await list_report(desk)).condition is Condition.WAITING
        await server.roster.check()
        report = await list_report(desk)
        assert (report.title, report.condition) == ("Survival · list", Condition.TROUBLE)
        assert "port 1" in report.problem or "no answer" in report.problem
        assert report.advice == "vanilla.advice.list"
        await desk.sign_in(Bundle.ADMIN)
        assert "enable-query=true" in await desk.page("/staff/health")
