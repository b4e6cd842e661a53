"""What statistics tell of one player, and on how much that is based. Shared by features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.statistics.basis import Basis, basis_of
from bridge.statistics.calendar import day_at
from bridge.statistics.periods import Period, PeriodName, period_now
from bridge.statistics.streaks import Streaks, streaks
from bridge.statistics.vanilla import CUSTOM, TICKS_A_SECOND, totals_of
from bridge.store.statistics.accounts import EVERYWHERE, Account, account_named, numbers_of_servers
from bridge.store.statistics.days import Acquaintance, acquaintances
from bridge.store.statistics.players import (
    Figures,
    Rank,
    accounts_ever_named,
    days_played,
    figures_by_server,
    plays_on,
    rank_of,
)
from bridge.store.statistics.presences import observed
from bridge.store.statistics.vanilla import figures_of, play_times
from bridge.store.times import to_ms

GAME_KEYS: Final = (
    "minecraft:mined",
    "minecraft:crafted",
    *(
        CUSTOM + name
        for name in (
            *("mob_kills", "player_kills", "damage_dealt", "damage_taken", "jump", "walk_one_cm"),
            *("sprint_one_cm", "swim_one_cm", "aviate_one_cm", "boat_one_cm", "horse_one_cm"),
            *("fish_caught", "animals_bred", "traded_with_villager", "enchant_item", "sleep_in_bed"),
        )
    ),
)
"""What is shown of the game's own figures, in this order; those that are zero are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GamesCount:
    """How long a player has played by the game's own count, beside ours of the same servers."""

    theirs_s: int
    ours_s: int

    @property
    def difference_s(self) -> int:
        """How much more the game has counted; less than nothing where it is less."""
        return self.theirs_s - self.ours_s

    @property
    def verdict(self) -> str:
        """Whether the game has counted ``more``, ``less`` or, but for what is not saved yet, the ``same``."""
        if abs(self.difference_s) <= max(600, self.ours_s // 100):
            return "same"
        return "more" if self.difference_s > 0 else "less"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerFigures:
    """One player, on one server or on all of them."""

    account: Account
    periods: Mapping[PeriodName, Figures]
    by_server: tuple[tuple[ServerId, Figures], ...]  # ever, the one with most play time first
    streaks: Streaks
    known: Acquaintance | None  # first and last seen, until now if they are on; None: never
    on: tuple[tuple[ServerId, int], ...]  # where they play now, and since when in milliseconds
    rank: Rank | None  # by play time ever; None: unranked
    basis: Basis  # of all time
    game: GamesCount | None  # None: its files are not read
    counts: Mapping[str, int]  # what else it has counted, of GAME_KEYS, on all servers together

    @property
    def ever(self) -> Figures:
        """What they did in all."""
        return self.periods[PeriodName.ALL]


async def player_figures(parts: Parts, settings: BridgeSettings, account: Account) -> PlayerFigures:
    """Return everything that statistics tell of a player, of all servers.

    Raises:
        StoreError: The database cannot be read.
    """
    now_ms, zone = to_ms(parts.now()), zone_of(settings)
    periods = {name: period_now(name, now_ms=now_ms, zone=zone) for name in PeriodName}
    ever = periods[PeriodName.ALL]
    async with parts.store.reading() as conn:
        found = {
            name: await figures_by_server(conn, account.number, period) for name, period in periods.items()
        }
        ids = {number: server for server, number in (await numbers_of_servers(conn)).items()}
        known = (await acquaintances(conn, EVERYWHERE, [account.number])).get(account.number)
        on = await plays_on(conn, account.number)
        by_server = found[PeriodName.ALL]
        return PlayerFigures(
            account=account,
            periods={name: each.get(EVERYWHERE, Figures()) for name, each in found.items()},
            by_server=tuple(
                (ids[number], figures)
                for number, figures in sorted(by_server.items(), key=lambda item: -item[1].seconds)
                if number in ids
            ),
            streaks=streaks(await days_played(conn, account.number), day_at(now_ms, zone)),
            known=known._replace(last_ms=now_ms) if known is not None and on else known,
            on=tuple((ids[each.server], each.since_ms) for each in on if each.server in ids),
            rank=await rank_of(conn, account.number, ever, without=await unranked(conn, settings)),
            basis=await basis(conn, settings, ever, now_ms=now_ms),
            counts=await _game_counts(conn, account),
            game=await _games_count(
                conn, account, {ids[n]: each for n, each in by_server.items() if n in ids}
            ),
        )


async def find_player(
    conn: AsyncConnection, settings: BridgeSettings, name: str, *, everybody: bool = False
) -> Account | None:
    """Return the player of a name; None for an unknown one, and for a hidden one without *everybody*."""
    account = await account_named(conn, name)
    if account is None or everybody:
        return account
    return None if account.number in await hidden(conn, settings) else account


async def hidden(conn: AsyncConnection, settings: BridgeSettings) -> frozenset[int]:
    """Return the players who must never be named, under whatever name they play now."""
    return await accounts_ever_named(conn, settings.privacy.hidden_players)


async def unranked(conn: AsyncConnection, settings: BridgeSettings) -> frozenset[int]:
    """Return the players who are in no ranking: hidden ones, and those who want to be left out."""
    privacy = settings.privacy
    return await accounts_ever_named(conn, privacy.hidden_players | privacy.unranked_players)


async def basis(
    conn: AsyncConnection,
    settings: BridgeSettings,
    period: Period,
    server: ServerId | None = None,
    *,
    now_ms: int,
) -> Basis:
    """Return how much of a period was observed on a server, or on all from which anything is known.

    Servers that have left the settings are not observed any more, and are left out.
    """
    numbers = await numbers_of_servers(conn)
    asked: Collection[str] = settings.servers if server is None else (server,)
    seen = [await observed(conn, numbers[ServerId(each)]) for each in asked if each in numbers]
    return basis_of(filter(None, seen), begins_ms=period.begins_ms, ends_ms=now_ms)


def zone_of(settings: BridgeSettings) -> ZoneInfo:
    """Return the time zone whose midnight counts."""
    return ZoneInfo(settings.community.time_zone)


async def _games_count(
    conn: AsyncConnection, account: Account, ours: Mapping[ServerId, Figures]
) -> GamesCount | None:
    times = await play_times(conn, account.uuid) if account.uuid is not None else []
    if not times:
        return None
    return GamesCount(
        theirs_s=sum(each.ticks for each in times) // TICKS_A_SECOND,
        ours_s=sum(ours[each.server].seconds for each in times if each.server in ours),
    )


async def _game_counts(conn: AsyncConnection, account: Account) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for each in await figures_of(conn, account.uuid) if account.uuid is not None else []:
        sums.update(each.figures)
        sums.update(totals_of(each.figures))
    return {key: sums[key] for key in GAME_KEYS if sums[key]}
