"""Makes the API's answers about players' figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.config.settings import BridgeSettings, PlayerField
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.player_figures import find_player, player_figures
from bridge.features.playtime.api import (
    BoardPlace,
    BoardQuery,
    Counts,
    GameFigure,
    Leaderboard,
    Observed,
    PlayerStatistics,
    ServerCounts,
)
from bridge.features.playtime.boards import read_board
from bridge.statistics.basis import Basis
from bridge.statistics.periods import PeriodName
from bridge.statistics.vanilla import in_unit, unit_of
from bridge.store.statistics.players import Figures
from bridge.store.times import from_ms, from_ms_or_none


async def player_answer(
    parts: Parts, settings: BridgeSettings, name: str, fields: Collection[PlayerField], *, everybody: bool
) -> PlayerStatistics | None:
    """Return what a caller may know of a player; None if there is none for them.

    Raises:
        StoreError: The database cannot be read.
    """
    async with parts.store.reading() as conn:
        account = await find_player(conn, settings, name, everybody=everybody)
    if account is None:
        return None
    found = await player_figures(parts, settings, account)
    known, rank = found.known, found.rank if PlayerField.PLAYTIME in fields else None
    servers = tuple(
        ServerCounts(server=server, counts=_counts(each, fields, said=everybody))
        for server, each in found.by_server
    )
    streaks = found.streaks if PlayerField.STREAK in fields else None
    game = found.game if PlayerField.STATISTICS in fields else None
    return PlayerStatistics(
        name=account.name,
        uuid=account.uuid if everybody else None,
        **{str(name): _counts(found.periods[name], fields, said=everybody) for name in PeriodName},
        servers=servers if PlayerField.SERVERS in fields else None,
        streak=streaks.now if streaks else None,
        longest_streak=streaks.longest if streaks else None,
        place=rank.place if rank else None,
        ranked=rank.of if rank else None,
        first_seen=from_ms(known.first_ms) if known and PlayerField.FIRST_SEEN in fields else None,
        last_seen=from_ms(known.last_ms) if known and PlayerField.LAST_SEEN in fields else None,
        game_seconds=game.theirs_s if game else None,
        game=_game(found.counts) if PlayerField.STATISTICS in fields else None,
        observed=_observed(found.basis),
    )


async def board_answer(
    parts: Parts, settings: BridgeSettings, query: BoardQuery, *, named: bool
) -> Leaderboard:
    """Return a leaderboard.

    Raises:
        StoreError: The database cannot be read.
    """
    server = None if query.server is None else ServerId(query.server)
    board = await read_board(parts, settings, query.by, query.period, server, most=query.limit)
    return Leaderboard(
        by=query.by,
        period=query.period,
        server=query.server,
        places=tuple(
            BoardPlace(place=each.place, name=each.name, uuid=each.uuid if named else None, value=each.value)
            for each in board.places
        ),
        observed=_observed(board.basis),
    )


def _counts(figures: Figures, fields: Collection[PlayerField], *, said: bool) -> Counts:
    return Counts(
        seconds=figures.seconds if PlayerField.PLAYTIME in fields else None,
        sessions=figures.starts if PlayerField.SESSIONS in fields else None,
        deaths=figures.deaths if PlayerField.DEATHS in fields else None,
        advancements=figures.advancements if PlayerField.ADVANCEMENTS in fields else None,
        said=figures.said if said else None,
    )


def _game(counts: Mapping[str, int]) -> tuple[GameFigure, ...]:
    return tuple(
        GameFigure(key=key, value=in_unit(key, value), unit=unit_of(key)) for key, value in counts.items()
    )


def _observed(basis: Basis) -> Observed:
    return Observed(percent=basis.percent, since=from_ms_or_none(basis.since_ms))
