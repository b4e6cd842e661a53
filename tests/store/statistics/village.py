"""Players whose sessions and deeds are known, and a plain way to see whether a filter holds for one of them.

What the database does with rows of months and with conditions, this does with lists: it goes through every
session and every day of a player.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bridge.events import ServerId
from bridge.statistics.activity import activity_index, band_of
from bridge.statistics.calendar import day_at, day_begins, day_number
from bridge.statistics.days import Stay, make_day
from bridge.statistics.filters import (
    AccountIs,
    AccountKind,
    ActivityBand,
    ActivityIndex,
    Advancements,
    AnyFilter,
    Counted,
    CountedDays,
    Crashes,
    DayByDay,
    DaysPlayed,
    Deaths,
    FirstSeen,
    FirstServer,
    Hours,
    InPeriod,
    LastSeen,
    LinesSaid,
    NameContains,
    Newcomer,
    OnlineNow,
    Played,
    PlayedOn,
    PlayTime,
    Query,
    SessionLength,
    Sessions,
    UuidIs,
)
from bridge.statistics.lives import Flag, Session
from bridge.store import Store
from bridge.store.statistics.accounts import (
    EVERYWHERE,
    Naming,
    add_account,
    add_naming,
    name_account,
    number_of_server,
)
from bridge.store.statistics.conditions import Frame
from bridge.store.statistics.days import DayToMake, Deeds, add_deeds, keep_acquaintances, keep_day
from bridge.store.statistics.sessions import mark_relogs, replace_sessions

RELOG_MS = 300_000


@dataclass
class Player:
    """One of them, with everything that is known."""

    name: str
    uuid: str | None = None
    earlier: tuple[str, ...] = ()
    number: int = 0
    stays: dict[str, list[Session]] = field(default_factory=dict)  # by server
    deeds: dict[str, list[Deeds]] = field(default_factory=dict)


@dataclass
class DayOf:
    """What a player did on a day, on a server or on all."""

    seconds: int = 0
    starts: int = 0
    said: int = 0
    deaths: int = 0
    advancements: int = 0


@dataclass(repr=False)
class Village:
    """All players, their servers, and when it is now."""

    zone: ZoneInfo
    now_ms: int
    servers: dict[str, int] = field(default_factory=dict)
    players: list[Player] = field(default_factory=list)
    days: dict[tuple[int, int, int], DayOf] = field(default_factory=dict)  # by server, account, day
    relogs: set[tuple[int, int, int]] = field(default_factory=set)  # server, account, begin

    @property
    def frame(self) -> Frame:
        """What queries are asked in."""
        return Frame(self.zone, day_at(self.now_ms, self.zone), self.servers)

    async def move_in(self, store: Store, servers: Sequence[str], players: Iterable[Player]) -> None:
        """Keep everything in the store, as the bridge would, and read the days back."""
        self.players = list(players)
        async with store.transaction() as tx:
            for server in servers:
                self.servers[server] = await number_of_server(tx, ServerId(server))
            for player in self.players:
                first, *later = (*player.earlier, player.name)
                player.number = await add_account(tx, first, player.uuid, 0)
                await add_naming(tx, first.lower(), Naming(0, player.number))
                for at_ms, name in enumerate(later, 1):
                    await name_account(tx, player.number, name, at_ms)
                    await add_naming(tx, name.lower(), Naming(at_ms, player.number))
                for server, stays in player.stays.items():
                    stays[:] = [each._replace(account=player.number) for each in stays]
                    number = self.servers[server]
                    await replace_sessions(tx, number, (), stays)
                    whole = {"begins_ms": -(2**53), "ends_ms": 2**53}
                    await mark_relogs(tx, number, [player.number], **whole, within_ms=RELOG_MS)
                    await keep_acquaintances(tx, number, [player.number])
                    deeds = [each._replace(account=player.number) for each in player.deeds.get(server, ())]
                    await add_deeds(tx, number, deeds)
        await self._make_days(store)
        await self._read(store)

    async def _make_days(self, store: Store) -> None:
        async with store.transaction() as tx:
            rows = await tx.execute(
                text("SELECT server, account, began_ms, ended_ms, flags, relog FROM play_sessions")
            )
            kept = [
                (server, Stay(Session(account, began, ended, Flag(flags)), bool(relog)))
                for server, account, began, ended, flags, relog in rows
            ]
            for where in (*self.servers.values(), EVERYWHERE):
                own = [stay for server, stay in kept if where in (server, EVERYWHERE)]
                touched = {
                    day
                    for stay in own
                    for day in range(
                        day_at(stay.session.began_ms, self.zone),
                        day_at(stay.session.ended_ms or self.now_ms, self.zone) + 1,
                    )
                }
                for day in sorted(touched):
                    begins, ends = day_begins(day, self.zone), day_begins(day + 1, self.zone)
                    inside = [
                        stay
                        for stay in own
                        if stay.session.began_ms < ends and (stay.session.ended_ms or self.now_ms) >= begins
                    ]
                    made = make_day(day, self.zone, inside, (), now_ms=self.now_ms)
                    await keep_day(tx, DayToMake(where, day), made)

    async def _read(self, store: Store) -> None:
        async with store.reading() as conn:
            rows = await conn.execute(
                text("""
                    SELECT server, account, start, seconds, starts, said, deaths, advancements
                    FROM player_periods WHERE span = 0
                """)
            )
            self.days = {(server, account, day): DayOf(*sums) for server, account, day, *sums in rows}

    def answer(self, query: Query) -> set[str]:
        """Return the names of those for whom every filter holds; only who was ever on is asked."""
        return {
            player.name
            for player in self.players
            if player.stays and all(self.holds(each, player) for each in query.filters)
        }

    def holds(self, filter_: AnyFilter, player: Player) -> bool:
        """Tell whether a filter holds for a player."""
        return self._plainly(filter_, player) is not filter_.negated

    def _plainly(self, filter_: AnyFilter, player: Player) -> bool:  # noqa: C901, PLR0911, PLR0912 - a case a filter
        match filter_:
            case NameContains():
                names = (player.name, *player.earlier) if filter_.earlier else (player.name,)
                return any(filter_.text.lower() in name.lower() for name in names)
            case UuidIs():
                return (player.uuid or "").replace("-", "") == filter_.uuid.replace("-", "").lower()
            case AccountIs():
                return _kind(player.uuid) in filter_.kinds
            case FirstSeen():
                first = min((each.began_ms for each in self._stays(player, filter_.server)), default=None)
                return self._within(first, filter_)
            case LastSeen():
                last = max(self._stays(player, filter_.server), key=lambda each: each.began_ms, default=None)
                if filter_.server is None:
                    ends = [self._last(stays) for stays in player.stays.values()]
                    return self._within(max(ends), filter_)
                return self._within(None if last is None else (last.ended_ms or last.began_ms), filter_)
            case Newcomer():
                first_ms = min(each.began_ms for each in self._stays(player, None))
                year, week, _ = self._local(first_ms).isocalendar()
                return filter_.week == f"{year}-W{week:02}"
            case PlayedOn():
                return filter_.server in player.stays
            case FirstServer():
                firsts = {
                    server: min(each.began_ms for each in stays) for server, stays in player.stays.items()
                }
                return firsts.get(filter_.server) == min(firsts.values())
            case SessionLength():
                days = self._days(player, InPeriod(server=filter_.server))
                seconds, starts = sum(day.seconds for day in days), sum(day.starts for day in days)
                return starts > 0 and _between(seconds / starts / 60, filter_.at_least, filter_.at_most)
            case Hours():
                return any(
                    self._at_hour(each.began_ms, filter_) for each in self._stays(player, filter_.server)
                )
            case OnlineNow():
                return any(each.ended_ms is None for each in self._stays(player, filter_.server))
            case ActivityIndex():
                return _between(self._index(player, filter_.day), filter_.at_least, filter_.at_most)
            case ActivityBand():
                return band_of(self._index(player, filter_.day)) in filter_.bands
            case Played():
                days = [day for day in self._days(player, filter_) if day.seconds or day.starts]
                return bool(days) and sum(day.seconds for day in days) >= filter_.minutes * 60
        return _between(self._amount(filter_, player), filter_.at_least, filter_.at_most)

    def _amount(self, filter_: Counted | CountedDays, player: Player) -> float:  # noqa: PLR0911 - same
        if isinstance(filter_, CountedDays):
            there = self._numbers(player, filter_)
            if isinstance(filter_, DaysPlayed):
                return len(there)
            return max((b - a - 1 for a, b in pairwise(there)), default=0)
        days = self._days(player, filter_)
        match filter_:
            case PlayTime():
                return sum(day.seconds for day in days) / 60
            case Sessions():
                return sum(day.starts for day in days)
            case Deaths():
                return sum(day.deaths for day in days)
            case Advancements():
                return sum(day.advancements for day in days)
            case LinesSaid():
                return sum(day.said for day in days)
            case Crashes():
                ends = [
                    each.ended_ms
                    for each in self._stays(player, filter_.server)
                    if each.flags & Flag.BY_CRASH
                ]
                return sum(self._within(at_ms, filter_) for at_ms in ends)
        raise AssertionError(filter_)

    def _stays(self, player: Player, server: str | None) -> list[Session]:
        return [each for where, stays in player.stays.items() if server in (None, where) for each in stays]

    @staticmethod
    def _last(stays: list[Session]) -> int:
        last = max(stays, key=lambda each: each.began_ms)
        return last.ended_ms or last.began_ms

    def _days(self, player: Player, filter_: InPeriod) -> list[DayOf]:
        where = EVERYWHERE if filter_.server is None else self.servers.get(filter_.server, -1)
        return [
            day
            for (server, account, number), day in sorted(self.days.items(), key=lambda item: item[0])
            if (server, account) == (where, player.number) and _contains(filter_, number)
        ]

    def _numbers(self, player: Player, filter_: DayByDay) -> list[int]:
        first, last = filter_.days(self.frame.today)
        where = EVERYWHERE if filter_.server is None else self.servers.get(filter_.server, -1)
        return sorted(
            number
            for (server, account, number), day in self.days.items()
            if (server, account) == (where, player.number)
            and (day.seconds or day.starts)
            and first <= number <= last
        )

    def _index(self, player: Player, day: date | None) -> float:
        last = self.frame.today if day is None else day_number(day)
        weeks = [
            sum(
                self.days.get((EVERYWHERE, player.number, number), DayOf()).seconds
                for number in range(last - back - 6, last - back + 1)
            )
            for back in (0, 7, 14)
        ]
        return activity_index(weeks)

    def _at_hour(self, at_ms: int, filter_: Hours) -> bool:
        local = self._local(at_ms)
        on_day = not filter_.weekdays or local.isoweekday() in filter_.weekdays
        first, last = filter_.days(self.frame.today)
        inside = first <= day_at(at_ms, self.zone) <= last
        return on_day and local.hour in filter_.hours and inside

    def _within(self, at_ms: int | None, filter_: InPeriod) -> bool:
        return at_ms is not None and _contains(filter_, day_at(at_ms, self.zone))

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.zone)


def _contains(filter_: InPeriod, day: int) -> bool:
    first = filter_.first is None or day_number(filter_.first) <= day
    return first and (filter_.last is None or day <= day_number(filter_.last))


def _between(amount: float, at_least: float, at_most: float | None) -> bool:
    return at_least <= amount and (at_most is None or amount <= at_most)


def _kind(uuid: str | None) -> AccountKind:
    if uuid is None:
        return AccountKind.UNKNOWN
    if uuid.startswith("00000000-0000-0000-"):
        return AccountKind.BEDROCK
    versions: Mapping[str, AccountKind] = {"4": AccountKind.ONLINE, "3": AccountKind.OFFLINE}
    return versions.get(uuid[14], AccountKind.UNKNOWN)
