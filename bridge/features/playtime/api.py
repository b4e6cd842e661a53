"""Players' figures and leaderboards for programs, each with what it is based on."""

from __future__ import annotations

import asyncio
import importlib
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from bridge.config.access import Permission
from bridge.config.settings import BridgeSettings, PlayerField
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.playtime.public import compared, has_leaderboard, public_fields
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.statistics.vanilla import Unit
from bridge.website import Site
from bridge.website.api import ApiCall, ApiRefused, Endpoint, Nothing
from bridge.website.identity import Identity

_ANSWERED: Final = "bridge.features.playtime.api_answers"


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the time was observed that figures are about."""

    percent: Annotated[int, msgspec.Meta(description="Rounded down: 100 only where nothing is missing.")]
    since: Annotated[datetime | None, msgspec.Meta(description="From when on; null before anything was.")]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a player did in a time; null where it is private."""

    seconds: Annotated[int | None, msgspec.Meta(description="Of play.")]
    sessions: Annotated[int | None, msgspec.Meta(description="That began, without relogs.")]
    deaths: int | None
    advancements: int | None
    said: Annotated[int | None, msgspec.Meta(description="Lines of chat; only with players.read.")]


class GameFigure(msgspec.Struct, frozen=True, kw_only=True):
    """What the game itself has counted of one thing, on all servers together."""

    key: Annotated[str, msgspec.Meta(description="A group and a thing, or a whole group.")]
    value: float
    unit: Unit


class ServerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a player did on one server, ever."""

    server: str
    counts: Counts


class PlayerStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of a player on all servers together; null where it is private or not known."""

    name: str
    uuid: Annotated[str | None, msgspec.Meta(description="Of the account; only with players.read.")]
    day: Annotated[Counts, msgspec.Meta(description="Today, by the community's clock.")]
    week: Annotated[Counts, msgspec.Meta(description="Since Monday.")]
    month: Annotated[Counts, msgspec.Meta(description="Since the first of the month.")]
    all: Annotated[Counts, msgspec.Meta(description="Ever.")]
    servers: Annotated[tuple[ServerCounts, ...] | None, msgspec.Meta(description="Ever, by server.")]
    streak: Annotated[int | None, msgspec.Meta(description="Days in a row with play, until now.")]
    longest_streak: int | None
    place: Annotated[int | None, msgspec.Meta(description="By play time ever; null for the unranked.")]
    ranked: Annotated[int | None, msgspec.Meta(description="How many players have a place.")]
    first_seen: datetime | None
    last_seen: datetime | None
    game_seconds: Annotated[int | None, msgspec.Meta(description="Play time by the game's own count.")]
    game: Annotated[
        tuple[GameFigure, ...] | None, msgspec.Meta(description="The game's main figures, without zeros.")
    ]
    observed: Observed


class BoardPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One place; players who did the same share it."""

    place: int
    name: str
    uuid: Annotated[str | None, msgspec.Meta(description="Of the account; only with players.read.")]
    value: Annotated[int, msgspec.Meta(description="Seconds of play, or how many.")]


class Leaderboard(msgspec.Struct, frozen=True, kw_only=True):
    """Who did most, the first one first, without those who are hidden or want to be left out."""

    by: By
    period: PeriodName
    server: Annotated[str | None, msgspec.Meta(description="Null: all of them together.")]
    places: tuple[BoardPlace, ...]
    observed: Observed


class BoardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which leaderboard."""

    by: Annotated[By, msgspec.Meta(description="What is compared.")] = By.SECONDS
    period: Annotated[PeriodName, msgspec.Meta(description="The one that goes on now.")] = PeriodName.ALL
    server: Annotated[str, msgspec.Meta(max_length=64, description="Only on this server.")] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most.")] = 25


class StatisticsPath(msgspec.Struct, frozen=True):
    """Which player."""

    name: Annotated[str, msgspec.Meta(max_length=64, description="The name, in capitals or not.")]


_OBSERVED: Final = Observed(percent=94, since=datetime(2026, 1, 5, 10, 0, tzinfo=UTC))
_COUNTS: Final = Counts(seconds=5400, sessions=2, deaths=1, advancements=0, said=None)
_PLAYER: Final = PlayerStatistics(
    name="Nora",
    uuid=None,
    day=_COUNTS,
    week=_COUNTS,
    month=_COUNTS,
    all=_COUNTS,
    servers=(ServerCounts(server="survival", counts=_COUNTS),),
    streak=3,
    longest_streak=12,
    place=4,
    ranked=230,
    first_seen=None,
    last_seen=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
    game_seconds=None,
    game=(GameFigure(key="minecraft:custom/minecraft:walk_one_cm", value=2500.0, unit=Unit.METRES),),
    observed=_OBSERVED,
)
_BOARD: Final = Leaderboard(
    by=By.SECONDS,
    period=PeriodName.WEEK,
    server=None,
    places=(BoardPlace(place=1, name="Nora", uuid=None, value=5400),),
    observed=_OBSERVED,
)


class PlaytimeApi:
    """The endpoints about players' figures."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._settings = parts, parts.settings
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/players/{name}/statistics",
                handler=self.player,
                summary="What is counted of one player.",
                details="Private fields are null without the permission `players.read`.",
                tag="Players",
                example=_PLAYER,
                values=StatisticsPath,
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/leaderboard",
                handler=self.leaderboard,
                summary="Who did most in a time.",
                details="Without the permission `players.read` only where there is a public leaderboard.",
                tag="Players",
                example=_BOARD,
                query=BoardQuery,
                problems=(HTTPStatus.NOT_FOUND,),
            )
        )

    def configure(self, settings: BridgeSettings) -> None:
        """Tell what the settings now make public."""
        self._settings = settings

    async def player(self, call: ApiCall[Nothing, Nothing, StatisticsPath]) -> PlayerStatistics:
        """Return what is counted of a player.

        Raises:
            ApiRefused: 404: nobody has seen them, or the caller may not.
        """
        everybody = call.identity.may(Permission.PLAYERS_READ)
        fields = frozenset(PlayerField) if everybody else public_fields(self._settings)
        if not fields:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "Players are not public here.")
        await asyncio.to_thread(importlib.import_module, _ANSWERED)
        from bridge.features.playtime.api_answers import player_answer  # noqa: PLC0415 - at the first request

        found = await player_answer(
            self._parts, self._settings, call.values.name, fields, everybody=everybody
        )
        if found is None:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no player of that name.")
        return found

    async def leaderboard(self, call: ApiCall[BoardQuery, Nothing, Nothing]) -> Leaderboard:
        """Return a leaderboard.

        Raises:
            ApiRefused: 404: it is not public, or there is no such server.
        """
        query = call.query
        self._check(query, call.identity)
        await asyncio.to_thread(importlib.import_module, _ANSWERED)
        from bridge.features.playtime.api_answers import board_answer  # noqa: PLC0415 - at the first request

        return await board_answer(
            self._parts, self._settings, query, named=call.identity.may(Permission.PLAYERS_READ)
        )

    def _check(self, query: BoardQuery, identity: Identity) -> None:
        may = identity.may(Permission.PLAYERS_READ)
        if not may and not (has_leaderboard(self._settings) and query.by in compared(self._settings)):
            raise ApiRefused(HTTPStatus.NOT_FOUND, "This leaderboard is not public here.")
        if query.server is not None and ServerId(query.server) not in self._parts.servers:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no server of that id.")
