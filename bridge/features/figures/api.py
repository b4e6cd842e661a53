"""The figures of a week or a month for programs, each part with its coverage."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.figures.report_data import Best, Measured, PartData, ReportData, Up
from bridge.store.times import to_ms
from bridge.website import Site
from bridge.website.api import ApiCall, ApiRefused, Endpoint, Nothing

_READ: Final = "bridge.features.figures.reports"


class FiguresQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which figures."""

    period: (
        Annotated[
            str,
            msgspec.Meta(max_length=16, description="A week or a month, such as 2026-W45 or 2026-11."),
        ]
        | None
    ) = None
    server: Annotated[str, msgspec.Meta(max_length=64, description="Only of this server.")] | None = None


_EXAMPLE: Final = ReportData(
    period="2026-W45",
    begins=datetime(2026, 11, 1, 23, 0, tzinfo=UTC),
    ends=datetime(2026, 11, 8, 23, 0, tzinfo=UTC),
    time_zone="Europe/Paris",
    complete=True,
    parts=(
        PartData(
            server="survival",
            coverage=0.94,
            coverage_before=1.0,
            figures=(Measured(name="players", value=34, before=30, usual=28.5),),
            peak_at=datetime(2026, 11, 7, 20, 30, tzinfo=UTC),
            newcomers_judged=12,
            newcomers_kept=5,
            top=(Best(place=1, name="Nora", seconds=54_000),),
            uptime=(Up(server="survival", share=0.994, coverage=0.98, outages=2, outage_seconds=3480),),
        ),
    ),
)


class FiguresApi:
    """The endpoint of figures."""

    def __init__(self, parts: Parts, site: Site, settings: Callable[[], BridgeSettings]) -> None:
        self._parts, self._settings = parts, settings
        self._zone = ZoneInfo(parts.settings.community.time_zone)
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/figures",
                handler=self.figures,
                summary="The figures of a week or a month.",
                details="Without a period those of the last whole week; of all servers together and each.",
                tag="Servers",
                example=_EXAMPLE,
                query=FiguresQuery,
                problems=(HTTPStatus.NOT_FOUND,),
            )
        )

    async def figures(self, call: ApiCall[FiguresQuery, Nothing, Nothing]) -> ReportData:
        """Return the figures of a week or a month.

        Raises:
            ApiRefused: 404: there is no such period, or it has not begun, or no such server.
        """
        await asyncio.to_thread(importlib.import_module, _READ)
        from bridge.features.figures.reports import data_of, last_week, report_of, reported  # noqa: PLC0415 - as late

        now_ms, server = to_ms(self._parts.now()), call.query.server
        if server is not None and ServerId(server) not in self._parts.servers:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no server of that id.")
        try:
            name = call.query.period
            period = (
                last_week(self._zone, now_ms=now_ms)
                if name is None
                else reported(name, self._zone, now_ms=now_ms)
            )
        except ValueError as exc:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no such week or month that has begun.") from exc
        async with self._parts.store.reading() as conn:
            wanted = None if server is None else ServerId(server)
            return data_of(await report_of(conn, self._settings(), period, wanted, now_ms=now_ms))
