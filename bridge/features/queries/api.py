"""The same queries for programs."""

from __future__ import annotations

import asyncio
import importlib
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from bridge.features.contract import Parts
from bridge.statistics.activity import Band
from bridge.statistics.filters import Query
from bridge.website import Site
from bridge.website.api import ApiCall, Cursor, Endpoint, Nothing, Paged

_DETAILS: Final = (
    "All filters must hold; `not` turns one around. Days are those of the community's time zone. To go on, "
    "send the same body to the address in `next`."
)


class QueryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of the answer."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500, description="How many at most.")] = 100
    cursor: Cursor | None = None


class QueriedPlayer(msgspec.Struct, frozen=True, kw_only=True):
    """A player, with the figures of all servers together."""

    name: str
    uuid: Annotated[str | None, msgspec.Meta(description="null where nobody has told it.")]
    first_seen: datetime
    last_seen: datetime
    play_time_s: Annotated[int, msgspec.Meta(description="In all.")]
    play_time_30_days_s: Annotated[int, msgspec.Meta(description="Today and the 29 days before.")]
    sessions: int
    activity_index: Annotated[float, msgspec.Meta(description="From 0 to 5, of the last three weeks.")]
    activity_band: Band


class QueriedPlayers(Paged, frozen=True, kw_only=True):
    """Whom a query finds."""

    total: Annotated[int, msgspec.Meta(description="How many there are on all pages.")]
    players: tuple[QueriedPlayer, ...]


_EXAMPLE: Final = QueriedPlayer(
    name="Nora",
    uuid="aaaaaaaa-0000-4000-8000-000000000001",
    first_seen=datetime(2026, 3, 1, 19, 0, tzinfo=UTC),
    last_seen=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
    play_time_s=360_000,
    play_time_30_days_s=36_000,
    sessions=120,
    activity_index=3.06,
    activity_band=Band.ACTIVE,
)

QueryCall = ApiCall[QueryPage, Query, Nothing]


class QueryApi:
    """The endpoint; what answers is read at the first question."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts = parts
        site.add_api(
            Endpoint(
                method="POST",
                path="/api/v1/players/query",
                handler=self.query,
                summary="Players who meet some filters.",
                details=_DETAILS,
                tag="Players",
                example=QueriedPlayers(total=1, players=(_EXAMPLE,)),
                query=QueryPage,
                body=Query,
            )
        )

    async def query(self, call: QueryCall) -> QueriedPlayers:
        """Return a page of the players whom a query finds.

        Raises:
            ApiRefused: 422: a cursor of something else.
        """
        module: Any = await asyncio.to_thread(importlib.import_module, "bridge.features.queries.answers")
        answered: QueriedPlayers = await module.answer_call(self._parts, call)
        return answered
