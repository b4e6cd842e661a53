"""How each server was, minute by minute, with sums by hour and by day that grow as the minutes come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.calendar import day_at, day_begins

MINUTE_MS: Final = 60_000
_HOUR: Final = 60  # minutes
_IN_ONE_STATEMENT: Final = 100  # rows, of seven values each
_HOURS: Final = 0
_DAYS: Final = 1


class MinuteState(IntEnum):
    """How a server was in a minute; the numbers are stored. Of a minute without any, nothing is known."""

    UP = 1
    DOWN = 2
    PLANNED = 3  # down while it was being maintained


class Sample(NamedTuple):
    """One minute of one server."""

    minute: int  # since 1970
    state: MinuteState
    online: int | None = None
    latency_ms: float | None = None
    tps: float | None = None
    mspt: float | None = None


class Bucket(IntEnum):
    """How many minutes one point of a series stands for."""

    MINUTE = 1
    FIVE = 5
    QUARTER = 15
    HOUR = 60
    DAY = 1440  # by the community's calendar


class Point(NamedTuple):
    """What one stretch of time came to; None where nothing of it is known."""

    begins_ms: int
    up: int  # minutes
    down: int
    planned: int
    online_min: int | None
    online_mean: float | None
    online_max: int | None
    latency_ms: float | None  # mean
    tps_min: float | None
    mspt_max: float | None


@dataclass(frozen=True, slots=True)
class Uptime:
    """How many minutes of a time a server was up, and of how many that is known."""

    up: int
    down: int
    planned: int
    minutes: int  # all of them

    @property
    def share(self) -> float | None:
        """The part of the minutes that count in which it was up; None if none does."""
        counted = self.up + self.down
        return self.up / counted if counted else None

    @property
    def coverage(self) -> float:
        """The part of the minutes of which it is known how the server was."""
        known = self.up + self.down + self.planned
        return min(known / self.minutes, 1.0) if self.minutes else 0.0


def minute_of(at_ms: int) -> int:
    """Return the number of the minute that a moment lies in."""
    return at_ms // MINUTE_MS


def percent(share: float | None) -> str:
    """Return a part of a whole in percent; one that is not whole never looks as if it were."""
    if share is None:
        return ""
    shown = f"{share * 100:.2f}"
    if shown == "100.00" and share < 1:
        shown = "99.99"
    return shown.rstrip("0").rstrip(".")


async def add_samples(
    tx: AsyncConnection, server: int, samples: Iterable[Sample], *, zone: ZoneInfo
) -> frozenset[int]:
    """Keep what is known of minutes, each once, the first that comes; return those that were new.

    Args:
        tx: Inside a write transaction; the caller commits.
        server: Its number.
        samples: In any order.
        zone: Decides which day a minute belongs to.
    """
    wanted: dict[int, Sample] = {}
    for each in samples:
        wanted.setdefault(each.minute, each)
    rows = list(wanted.values())
    new = [
        minute
        for start in range(0, len(rows), _IN_ONE_STATEMENT)
        for minute in await _insert(tx, server, rows[start : start + _IN_ONE_STATEMENT])
    ]
    if new:
        added = [wanted[minute] for minute in new]
        sums = [
            *_sums(_HOURS, added, lambda each: each.minute // _HOUR),
            *_sums(_DAYS, added, lambda each: day_at(each.minute * MINUTE_MS, zone)),
        ]
        for start in range(0, len(sums), _IN_ONE_STATEMENT):
            await _add_sums(tx, server, sums[start : start + _IN_ONE_STATEMENT])
    return frozenset(new)


async def latest_sample(conn: AsyncConnection, server: int) -> Sample | None:
    """Return the newest minute of which something is known; None if there is none."""
    rows = await conn.execute(
        text("""
            SELECT minute, state, online, latency, tps, mspt FROM samples
            WHERE server = :server ORDER BY minute DESC LIMIT 1
        """),
        {"server": server},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    minute, state, online, *rest = tuple(row)
    return Sample(minute, MinuteState(state), online, *map(_from_hundredths, rest))


async def series(
    conn: AsyncConnection, server: int, bucket: Bucket, *, begins_ms: int, ends_ms: int, zone: ZoneInfo
) -> list[Point]:
    """Return what is known of a stretch of time, in order; buckets of which nothing is known are left out.

    Args:
        conn: A connection that can read.
        server: Its number.
        bucket: How fine; see :func:`fitting`.
        begins_ms: The first moment; the bucket that it lies in is the first.
        ends_ms: The moment after the last.
        zone: The zone of days.
    """
    span = {"server": server, "begins": begins_ms // MINUTE_MS, "ends": -(-ends_ms // MINUTE_MS)}
    if bucket is Bucket.DAY:
        days = {"span": _DAYS, "begins": day_at(begins_ms, zone), "ends": day_at(ends_ms - 1, zone) + 1}
        rows = await conn.execute(_READ_SUMS, span | days)
        return [_point(row, day_begins(row[1], zone)) for row in rows]
    step_ms = bucket * MINUTE_MS
    if bucket is Bucket.HOUR:
        hours = {"span": _HOURS, "begins": begins_ms // step_ms, "ends": -(-ends_ms // step_ms)}
        rows = await conn.execute(_READ_SUMS, span | hours)
    else:
        rows = await conn.execute(_MINUTES, span | {"step": int(bucket)})
    return [_point(row, row[1] * step_ms) for row in rows]


def fitting(begins_ms: int, ends_ms: int, *, most: int = 500) -> Bucket:
    """Return the finest bucket with which a stretch of time has at most so many points."""
    minutes = max(0, ends_ms - begins_ms) / MINUTE_MS
    return next((bucket for bucket in Bucket if minutes / bucket <= most), Bucket.DAY)


async def uptimes(
    conn: AsyncConnection, server: int, days: Sequence[int], *, now_ms: int
) -> dict[int, Uptime]:
    """Return how much of the last so many days, each of 24 hours, a server was up; exact to the hour.

    Args:
        conn: A connection that can read.
        server: Its number.
        days: How many; several at once.
        now_ms: The end of all of them.
    """
    hour = now_ms // (MINUTE_MS * _HOUR)
    first = {each: hour - each * 24 for each in days}
    bands = " ".join(f"WHEN period >= :first{each} THEN {each}" for each in sorted(days))
    rows = await conn.execute(
        text(f"""
            SELECT CASE {bands} END AS band, sum(up), sum(down), sum(planned) FROM sample_sums
            WHERE span = {_HOURS} AND server = :server
                AND period >= :first{max(days)} AND period <= :hour
            GROUP BY band
        """),  # noqa: S608 - numbers of ours
        {"server": server, "hour": hour} | {f"first{each}": begins for each, begins in first.items()},
    )
    sums = {int(band): tuple(map(int, counts)) for band, *counts in rows}
    return {each: _uptime(each, sums, minutes=now_ms // MINUTE_MS - first[each] * _HOUR) for each in days}


def _uptime(days: int, sums: Mapping[int, tuple[int, ...]], *, minutes: int) -> Uptime:
    within = [counts for band, counts in sums.items() if band <= days]
    up, down, planned = (sum(counts[at] for counts in within) for at in range(3))
    return Uptime(up, down, planned, max(minutes, 0))


class _Sums(NamedTuple):
    """Minutes by state, and what was measured in them."""

    span: int
    period: int
    up: int
    down: int
    planned: int
    online_sum: int
    online_min: int | None
    online_max: int | None
    latency_sum: int
    tps_min: int | None
    mspt_max: int | None


_COLUMNS: Final = ", ".join(_Sums._fields)
_ADDED: Final = ("up", "down", "planned", "online_sum", "latency_sum")
_LEAST: Final = ("online_min", "tps_min")
_MOST: Final = ("online_max", "mspt_max")

_READ_SUMS: Final = text(f"""
    SELECT {_COLUMNS} FROM sample_sums
    WHERE span = :span AND server = :server AND period >= :begins AND period < :ends ORDER BY period
""")  # noqa: S608 - our own names
_MINUTES: Final = text("""
    SELECT -1, minute / :step AS period, sum(CASE WHEN state = 1 THEN 1 ELSE 0 END),
        sum(CASE WHEN state = 2 THEN 1 ELSE 0 END), sum(CASE WHEN state = 3 THEN 1 ELSE 0 END),
        coalesce(sum(online), 0), min(online), max(online), coalesce(sum(latency), 0), min(tps), max(mspt)
    FROM samples WHERE server = :server AND minute >= :begins AND minute < :ends
    GROUP BY period ORDER BY period
""")


@lru_cache(maxsize=4)
def _addition(rows: int) -> TextClause:
    table = "sample_sums"
    added = [f"{name} = {table}.{name} + excluded.{name}" for name in _ADDED]
    # Not min() and max(): those of two values are called otherwise in PostgreSQL.
    chosen = [
        f"{name} = CASE WHEN {table}.{name} IS NULL OR excluded.{name} {sign} {table}.{name} "
        f"THEN excluded.{name} ELSE {table}.{name} END"
        for names, sign in ((_LEAST, "<"), (_MOST, ">"))
        for name in names
    ]
    values = (", ".join(f":{name}{at}" for name in _Sums._fields) for at in range(rows))
    return text(f"""
        INSERT INTO {table} (server, {_COLUMNS})
        VALUES {", ".join(f"(:server, {each})" for each in values)}
        ON CONFLICT (span, server, period) DO UPDATE SET {", ".join([*added, *chosen])}
    """)  # noqa: S608 - our own names


async def _add_sums(tx: AsyncConnection, server: int, sums: Sequence[_Sums]) -> None:
    parameters: dict[str, int | None] = {"server": server}
    for at, each in enumerate(sums):
        parameters |= {f"{name}{at}": value for name, value in each._asdict().items()}
    await tx.execute(_addition(len(sums)), parameters)


@lru_cache(maxsize=4)
def _insertion(rows: int) -> TextClause:
    values = ", ".join(
        f"(:server, :minute{at}, :state{at}, :online{at}, :latency{at}, :tps{at}, :mspt{at})"
        for at in range(rows)
    )
    return text(f"""
        INSERT INTO samples (server, minute, state, online, latency, tps, mspt) VALUES {values}
        ON CONFLICT (server, minute) DO NOTHING RETURNING minute
    """)  # noqa: S608 - names and numbers of ours


async def _insert(tx: AsyncConnection, server: int, samples: Sequence[Sample]) -> list[int]:
    """Add minutes and return those that were not there."""
    parameters: dict[str, int | None] = {"server": server}
    for at, each in enumerate(samples):
        parameters[f"minute{at}"] = each.minute
        parameters[f"state{at}"] = int(each.state)
        parameters[f"online{at}"] = each.online
        parameters[f"latency{at}"] = _hundredths_or_none(each.latency_ms)
        parameters[f"tps{at}"] = _hundredths_or_none(each.tps)
        parameters[f"mspt{at}"] = _hundredths_or_none(each.mspt)
    rows = await tx.execute(_insertion(len(samples)), parameters)
    return [int(minute) for (minute,) in rows]


def _sums(span: int, samples: Iterable[Sample], period_of: Callable[[Sample], int]) -> list[_Sums]:
    periods: dict[int, list[Sample]] = {}
    for each in samples:
        periods.setdefault(period_of(each), []).append(each)
    return [_summed(span, period, found) for period, found in periods.items()]


def _summed(span: int, period: int, samples: Sequence[Sample]) -> _Sums:
    states = [each.state for each in samples]
    online = [each.online for each in samples if each.online is not None]
    tps = [_hundredths(each.tps) for each in samples if each.tps is not None]
    mspt = [_hundredths(each.mspt) for each in samples if each.mspt is not None]
    return _Sums(
        span=span,
        period=period,
        up=states.count(MinuteState.UP),
        down=states.count(MinuteState.DOWN),
        planned=states.count(MinuteState.PLANNED),
        online_sum=sum(online),
        online_min=min(online, default=None),
        online_max=max(online, default=None),
        latency_sum=sum(_hundredths(each.latency_ms) for each in samples if each.latency_ms is not None),
        tps_min=min(tps, default=None),
        mspt_max=max(mspt, default=None),
    )


def _point(row: Row[Any], begins_ms: int) -> Point:
    sums = _Sums._make(row)
    return Point(
        begins_ms=begins_ms,
        up=sums.up,
        down=sums.down,
        planned=sums.planned,
        online_min=sums.online_min,
        online_mean=sums.online_sum / sums.up if sums.up else None,
        online_max=sums.online_max,
        latency_ms=sums.latency_sum / 100 / sums.up if sums.up else None,
        tps_min=_from_hundredths(sums.tps_min),
        mspt_max=_from_hundredths(sums.mspt_max),
    )


def _hundredths(value: float) -> int:
    return round(value * 100)


def _hundredths_or_none(value: float | None) -> int | None:
    return None if value is None else _hundredths(value)


def _from_hundredths(value: int | None) -> float | None:
    return None if value is None else value / 100
