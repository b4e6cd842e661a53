"""Who did most in a period, with what that is based on."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.player_figures import basis, hidden, unranked, zone_of
from bridge.statistics.basis import Basis
from bridge.statistics.periods import Period, PeriodName, period_now
from bridge.statistics.rankings import By
from bridge.store.statistics.accounts import EVERYWHERE, numbers_of_servers
from bridge.store.statistics.players import Place, names_beginning, names_seen_last, top
from bridge.store.times import to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A leaderboard."""

    by: By
    period: Period
    server: ServerId | None  # None: all of them
    places: tuple[Place, ...]
    basis: Basis


async def read_board(
    parts: Parts, settings: BridgeSettings, by: By, name: PeriodName, server: ServerId | None, *, most: int
) -> Board:
    """Return who did most in the period of now, without those who are in no ranking.

    Raises:
        StoreError: The database cannot be read.
    """
    now_ms = to_ms(parts.now())
    period = period_now(name, now_ms=now_ms, zone=zone_of(settings))
    async with parts.store.reading() as conn:
        number = EVERYWHERE if server is None else (await numbers_of_servers(conn)).get(server)
        without = await unranked(conn, settings)
        places = [] if number is None else await top(conn, by, period, number, without=without, most=most)
        based_on = await basis(conn, settings, period, server, now_ms=now_ms)
    return Board(by=by, period=period, server=server, places=tuple(places), basis=based_on)


async def suggested_names(parts: Parts, settings: BridgeSettings, typed: str, *, most: int) -> list[str]:
    """Return players whose names begin so; those who played last before anything is typed."""
    async with parts.store.reading() as conn:
        without = await hidden(conn, settings)
        if typed:
            return await names_beginning(conn, typed, without=without, most=most)
        return [name for name, _ in await names_seen_last(conn, without=without, most=most)]
