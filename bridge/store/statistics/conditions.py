"""Filters as conditions of SQL: of constants, and of values that are bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from bridge.statistics.activity import DAYS, PER_SECOND, bounds
from bridge.statistics.calendar import Span, day_begins, day_number, period_after, period_of
from bridge.statistics.filters import (
    EARLIEST,
    LATEST,
    AccountIs,
    ActivityBand,
    ActivityIndex,
    Advancements,
    AnyFilter,
    Counted,
    Crashes,
    DayByDay,
    DaysPlayed,
    Deaths,
    Filter,
    FirstSeen,
    FirstServer,
    Hours,
    InPeriod,
    LastSeen,
    LinesSaid,
    LongestBreak,
    NameContains,
    Newcomer,
    OnlineNow,
    Played,
    PlayedOn,
    PlayTime,
    SessionLength,
    Sessions,
    UuidIs,
    monday_of,
)
from bridge.statistics.lives import Flag
from bridge.statistics.local_time import stretches
from bridge.store.statistics.accounts import EVERYWHERE

_NOWHERE: Final = -1  # the number of no server
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_ALWAYS: Final = "1 = 1"
_THERE: Final = "(seconds > 0 OR starts > 0)"
_FIRST_DAY: Final = day_number(EARLIEST)
_LAST_DAY: Final = day_number(LATEST)


class Frame(NamedTuple):
    """What a query is asked in: whose midnight counts, which day it is, which servers there are."""

    zone: ZoneInfo
    today: int  # the number of the day
    servers: Mapping[str, int]


class Binder:
    """Collects the values of a statement, each under a name of its own."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def __call__(self, value: float | str) -> str:
        """Return the placeholder for a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def each(self, values: Sequence[int | str]) -> str:
        """Return the placeholders for several values, as ``IN`` wants them."""
        return "(" + ", ".join(map(self, values)) + ")"


def condition(filter_: AnyFilter, frame: Frame, bind: Binder) -> str:
    """Return a condition on a row of ``acquaintances`` that is called ``known``."""
    made = _MAKERS[type(filter_)](filter_, frame, bind)
    return f"NOT ({made})" if filter_.negated else f"({made})"


def index_rows(day: int, bind: Binder) -> str:
    """Return the rows ``account, activity`` of those who played in the three weeks up to a day."""
    sums = ", ".join(
        f"sum(CASE WHEN start BETWEEN {bind(day - 6 - back)} AND {bind(day - back)} THEN seconds ELSE 0 END)"
        f" AS week{place}"
        for place, back in enumerate((0, 7, 14))
    )
    factor = f"CAST({bind(PER_SECOND)} AS DOUBLE PRECISION)"
    terms = " + ".join(f"{_float('1')} / ({factor} * week{place} + {_float('1')})" for place in range(3))
    return f"""
        SELECT account, {_float("5")} - {_float("5")} * ({terms}) / {_float("3")} AS activity FROM (
            SELECT account, {sums} FROM player_periods WHERE span = {int(Span.DAY)} AND server = {EVERYWHERE}
                AND start BETWEEN {bind(day - DAYS + 1)} AND {bind(day)} GROUP BY account
        ) AS weeks
    """  # noqa: S608 - constants and placeholders


def _float(value: str) -> str:
    """Return a number as one that is not exact: PostgreSQL takes ``5.0`` for a decimal one."""
    return f"CAST({value} AS DOUBLE PRECISION)"


def _name(filter_: NameContains, _frame: Frame, bind: Binder) -> str:
    escaped = filter_.text.lower()
    for special in "\\%_":
        escaped = escaped.replace(special, "\\" + special)
    pattern = bind(f"%{escaped}%")
    made = f"known.account IN (SELECT number FROM accounts WHERE lower(name) LIKE {pattern} ESCAPE '\\')"  # noqa: S608 - a placeholder
    if filter_.earlier:
        made += (
            f" OR known.account IN (SELECT account FROM account_names WHERE name LIKE {pattern} ESCAPE '\\')"  # noqa: S608 - same
        )
    return made


def _uuid(filter_: UuidIs, _frame: Frame, bind: Binder) -> str:
    plain = filter_.uuid.replace("-", "").lower()
    dashed = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
    return f"known.account IN (SELECT number FROM accounts WHERE uuid = {bind(dashed)})"  # noqa: S608 - a placeholder


def _account(filter_: AccountIs, _frame: Frame, bind: Binder) -> str:
    # The version of a UUID is its 13th digit: 4 is random, 3 is made of a name.
    return f"""
        EXISTS (SELECT 1 FROM accounts WHERE number = known.account AND CASE
            WHEN uuid LIKE '00000000-0000-0000-%' THEN 'bedrock'
            WHEN substr(uuid, 15, 1) = '4' THEN 'online'
            WHEN substr(uuid, 15, 1) = '3' THEN 'offline'
            ELSE 'unknown'
        END IN {bind.each(filter_.kinds)})
    """  # noqa: S608 - placeholders


def _first_seen(filter_: FirstSeen, frame: Frame, bind: Binder) -> str:
    return _seen(filter_, "first_ms", frame, bind)


def _last_seen(filter_: LastSeen, frame: Frame, bind: Binder) -> str:
    return _seen(filter_, "last_ms", frame, bind)


def _seen(filter_: InPeriod, column: str, frame: Frame, bind: Binder) -> str:
    within = _moments(column, *_days(filter_), frame.zone, bind)
    if filter_.server is None:
        return f"known.{within}"
    server = bind(_server(filter_.server, frame))
    return f"known.account IN (SELECT account FROM acquaintances WHERE server = {server} AND {within})"  # noqa: S608 - placeholders


def _newcomer(filter_: Newcomer, frame: Frame, bind: Binder) -> str:
    monday = day_number(monday_of(filter_.week))
    return "known." + _moments("first_ms", monday, monday + 6, frame.zone, bind)


def _played_on(filter_: PlayedOn, frame: Frame, bind: Binder) -> str:
    return _acquainted(_server(filter_.server, frame), "account = known.account", bind)


def _first_server(filter_: FirstServer, frame: Frame, bind: Binder) -> str:
    # Not as an equation of two columns: SQLite would look for the moment among all of the server's.
    return _acquainted(_server(filter_.server, frame), "first_ms - known.first_ms = 0", bind)


def _acquainted(server: int, where: str, bind: Binder) -> str:
    return f"""
        EXISTS (SELECT 1 FROM acquaintances AS own WHERE own.server = {bind(server)}
            AND own.account = known.account AND own.{where})
    """  # noqa: S608 - placeholders


def _played(filter_: Played, frame: Frame, bind: Binder) -> str:
    rows = _periods(filter_, f"CASE WHEN {_THERE} THEN 1 ELSE 0 END AS there, seconds", frame, bind)
    return f"""
        known.account IN (SELECT account FROM ({rows}) AS rows GROUP BY account
            HAVING sum(there) > 0 AND sum(seconds) >= {bind(filter_.minutes * 60)})
    """  # noqa: S608 - placeholders


def _play_time(filter_: PlayTime, frame: Frame, bind: Binder) -> str:
    return _sum(filter_, "seconds", frame, bind, unit=60)


def _sessions(filter_: Sessions, frame: Frame, bind: Binder) -> str:
    return _sum(filter_, "starts", frame, bind)


def _deaths(filter_: Deaths, frame: Frame, bind: Binder) -> str:
    return _sum(filter_, "deaths", frame, bind)


def _advancements(filter_: Advancements, frame: Frame, bind: Binder) -> str:
    return _sum(filter_, "advancements", frame, bind)


def _lines_said(filter_: LinesSaid, frame: Frame, bind: Binder) -> str:
    return _sum(filter_, "said", frame, bind)


def _days_played(filter_: DaysPlayed, frame: Frame, bind: Binder) -> str:
    rows = f"SELECT account FROM player_periods WHERE {_each_day(filter_, frame, bind)}"  # noqa: S608 - placeholders
    return _limited(rows, "count(*)", filter_.at_least, filter_.at_most, bind)


def _longest_break(filter_: LongestBreak, frame: Frame, bind: Binder) -> str:
    rows = f"""
        SELECT account, start - lag(start) OVER (PARTITION BY account ORDER BY start) - 1 AS away
        FROM player_periods WHERE {_each_day(filter_, frame, bind)}
    """  # noqa: S608 - placeholders
    return _limited(rows, "coalesce(max(away), 0)", filter_.at_least, filter_.at_most, bind)


def _session_length(filter_: SessionLength, frame: Frame, bind: Binder) -> str:
    upper = "" if filter_.at_most is None else f" AND seconds <= starts * {bind(filter_.at_most * 60)}"
    lower = f"starts > 0 AND seconds >= starts * {bind(filter_.at_least * 60)}"
    return _ever(lower + upper, filter_.server, frame, bind)


def _crashes(filter_: Crashes, frame: Frame, bind: Binder) -> str:
    where = _moments("ended_ms", *_days(filter_), frame.zone, bind)
    if filter_.server is not None:
        where += f" AND server = {bind(_server(filter_.server, frame))}"
    rows = f"SELECT account FROM play_sessions WHERE (flags & {int(Flag.BY_CRASH)}) <> 0 AND {where}"  # noqa: S608 - same
    return _limited(rows, "count(*)", filter_.at_least, filter_.at_most, bind)


def _activity_index(filter_: ActivityIndex, frame: Frame, bind: Binder) -> str:
    rows = index_rows(_day(filter_.day, frame), bind)
    return _limited(rows, "max(activity)", filter_.at_least, filter_.at_most, bind)


def _activity_band(filter_: ActivityBand, frame: Frame, bind: Binder) -> str:
    ranges = [bounds(band) for band in filter_.bands]
    inside = " OR ".join(
        f"activity >= {bind(low)}" + ("" if high is None else f" AND activity < {bind(high)}")
        for low, high in ranges
    )
    rows = index_rows(_day(filter_.day, frame), bind)
    # Whoever did not play at all has the index 0, and no row.
    none = any(low == 0 for low, _ in ranges)
    return f"""
        known.account {"NOT IN" if none else "IN"} (SELECT account FROM ({rows}) AS indexes
            WHERE {"NOT" if none else ""} ({inside}))
    """  # noqa: S608 - placeholders


def _hours(filter_: Hours, frame: Frame, bind: Binder) -> str:
    first, last = filter_.days(frame.today)
    span = day_begins(first, frame.zone), day_begins(min(last, frame.today) + 1, frame.zone)
    servers = [*frame.servers.values()] if filter_.server is None else [_server(filter_.server, frame)]
    hours = "" if len(filter_.hours) == 24 else bind.each(filter_.hours)
    weekdays = bind.each([day - 1 for day in filter_.weekdays]) if filter_.weekdays else ""
    where = bind.each(servers or [_NOWHERE])
    parts: list[str] = []
    for begins_ms, ends_ms, offset_ms in stretches(*span, frame.zone):
        local = f"(began_ms + {bind(offset_ms)})"
        part = f"""
            SELECT account FROM play_sessions WHERE server IN {where}
                AND began_ms >= {bind(begins_ms)} AND began_ms < {bind(ends_ms)}
        """  # noqa: S608 - placeholders
        part += f" AND ({local} / {_HOUR_MS}) % 24 IN {hours}" if hours else ""
        part += (
            f" AND ({local} / {_DAY_MS} + 3) % 7 IN {weekdays}" if weekdays else ""
        )  # day 0 was a Thursday
        parts.append(part)
    return f"known.account IN ({' UNION ALL '.join(parts)})" if parts else f"NOT ({_ALWAYS})"


def _online(filter_: OnlineNow, frame: Frame, bind: Binder) -> str:
    where = "" if filter_.server is None else f" AND server = {bind(_server(filter_.server, frame))}"
    return f"known.account IN (SELECT account FROM play_sessions WHERE ended_ms IS NULL{where})"  # noqa: S608 - a placeholder


def _sum(filter_: Counted, column: str, frame: Frame, bind: Binder, *, unit: int = 1) -> str:
    at_most = None if filter_.at_most is None else filter_.at_most * unit
    if _is_ever(*_days(filter_)):
        # One row for each player, found by its key: most pages need to look at few.
        return _ever_limited(filter_, column, unit, frame, bind)
    rows = _periods(filter_, f"{column} AS amount", frame, bind)
    return _limited(rows, "sum(amount)", filter_.at_least * unit, at_most, bind)


def _ever_limited(filter_: Counted, column: str, unit: int, frame: Frame, bind: Binder) -> str:
    at_most = "" if filter_.at_most is None else bind(filter_.at_most * unit)
    if filter_.at_least:
        upper = f" AND ever.{column} <= {at_most}" if at_most else ""
        within = f"ever.{column} >= {bind(filter_.at_least * unit)}{upper}"
        return _ever(within, filter_.server, frame, bind)
    if at_most:  # who has no row has the amount 0
        return f"NOT {_ever(f'ever.{column} > {at_most}', filter_.server, frame, bind)}"
    return _ALWAYS


def _ever(where: str, server: str | None, frame: Frame, bind: Binder) -> str:
    return f"""
        EXISTS (SELECT 1 FROM player_periods AS ever WHERE ever.span = {int(Span.ALL)}
            AND ever.server = {bind(_server(server, frame))} AND ever.start = 0
            AND ever.account = known.account AND {where})
    """  # noqa: S608 - constants and placeholders


def _limited(rows: str, amount: str, at_least: float, at_most: float | None, bind: Binder) -> str:
    """Return the condition that an amount lies within limits; who has no rows has the amount 0."""
    if at_least <= 0:
        if at_most is None:
            return _ALWAYS
        return f"known.account NOT IN ({_having(rows, f'{amount} > {bind(at_most)}')})"
    within = f"{amount} >= {bind(at_least)}"
    if at_most is not None:
        within += f" AND {amount} <= {bind(at_most)}"
    return f"known.account IN ({_having(rows, within)})"


def _having(rows: str, what: str) -> str:
    return f"SELECT account FROM ({rows}) AS rows GROUP BY account HAVING {what}"  # noqa: S608 - placeholders


def _periods(filter_: InPeriod, columns: str, frame: Frame, bind: Binder) -> str:
    """Return the rows of what players did in a period: of whole months, and of the days that are left."""
    server = bind(_server(filter_.server, frame))
    return " UNION ALL ".join(
        f"SELECT account, {columns} FROM player_periods WHERE span = {int(span)} AND server = {server}"  # noqa: S608 - same
        f" AND start BETWEEN {bind(first)} AND {bind(last)}"
        for span, first, last in pieces(*_days(filter_))
    )


def pieces(first: int, last: int) -> Iterator[tuple[Span, int, int]]:
    """Yield the periods that together are some days: their length, the first and the last start."""
    if _is_ever(first, last):
        yield Span.ALL, 0, 0
        return
    month = first if period_of(Span.MONTH, first) == first else period_after(Span.MONTH, first)
    end = period_of(Span.MONTH, last + 1)
    if month >= end:
        yield Span.DAY, first, last
        return
    if first < month:
        yield Span.DAY, first, month - 1
    yield Span.MONTH, month, end - 1
    if end <= last:
        yield Span.DAY, end, last


def _is_ever(first: int, last: int) -> bool:
    return first <= _FIRST_DAY and last >= _LAST_DAY


def _each_day(filter_: DayByDay, frame: Frame, bind: Binder) -> str:
    first, last = filter_.days(frame.today)
    return (
        f"span = {int(Span.DAY)} AND server = {bind(_server(filter_.server, frame))}"
        f" AND start BETWEEN {bind(first)} AND {bind(last)} AND {_THERE}"
    )


def _days(filter_: InPeriod) -> tuple[int, int]:
    first = _FIRST_DAY if filter_.first is None else day_number(filter_.first)
    return first, _LAST_DAY if filter_.last is None else day_number(filter_.last)


def _day(day: date | None, frame: Frame) -> int:
    return frame.today if day is None else day_number(day)


def _moments(column: str, first: int, last: int, zone: ZoneInfo, bind: Binder) -> str:
    """Return the condition that a moment lies in some days."""
    return f"{column} BETWEEN {bind(day_begins(first, zone))} AND {bind(day_begins(last + 1, zone) - 1)}"


def _server(server: str | None, frame: Frame) -> int:
    return EVERYWHERE if server is None else frame.servers.get(server, _NOWHERE)


_Make: TypeAlias = Callable[[Any, Frame, Binder], str]
_MAKERS: Final[Mapping[type[Filter], _Make]] = {
    NameContains: _name,
    UuidIs: _uuid,
    AccountIs: _account,
    FirstSeen: _first_seen,
    LastSeen: _last_seen,
    Newcomer: _newcomer,
    Played: _played,
    PlayTime: _play_time,
    Sessions: _sessions,
    DaysPlayed: _days_played,
    LongestBreak: _longest_break,
    SessionLength: _session_length,
    Deaths: _deaths,
    Advancements: _advancements,
    LinesSaid: _lines_said,
    Crashes: _crashes,
    ActivityIndex: _activity_index,
    ActivityBand: _activity_band,
    PlayedOn: _played_on,
    FirstServer: _first_server,
    Hours: _hours,
    OnlineNow: _online,
}
