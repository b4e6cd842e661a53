"""One server's day, made of the sessions that lie in it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bridge.statistics.calendar import HOUR_MS, day_begins
from bridge.statistics.lives import Session

LENGTHS_S: Final = (300, 900, 1800, 3600, 7200, 14400)
"""Up to so many seconds, both inclusive of the first: under 5, 15, 30 minutes, 1, 2, 4 hours, and longer."""


class Hour(NamedTuple):
    """What happened in one hour of a day, counted from its beginning."""

    begins_ms: int
    seconds: int  # of play, of all players together
    peak: int  # most players at a time
    players: int  # different ones
    starts: int  # sessions that began, without relogs
    observed_s: int
    played_s: int  # with anybody on
    staffed_s: int  # with anybody on, and staff among them


@dataclass(slots=True)
class PlayerDay:
    """What one player did on a day."""

    seconds: int = 0
    starts: int = 0  # sessions that began, without relogs


@dataclass(frozen=True, slots=True)
class Day:
    """One server's day."""

    seconds: int
    starts: int
    peak: int
    peak_at_ms: int | None
    observed_s: int
    players: dict[int, PlayerDay] = field(default_factory=dict)  # by account
    hours: tuple[Hour, ...] = ()
    lengths: tuple[int, ...] = ()  # how many of the sessions that began were so long: see LENGTHS_S


class Stay(NamedTuple):
    """A session as a day counts it."""

    session: Session
    relog: bool  # it goes on with the one before


def make_day(
    day: int,
    zone: ZoneInfo,
    stays: Sequence[Stay],
    observed: Sequence[tuple[int, int]],
    *,
    now_ms: int,
    staff: Collection[int] = (),
) -> Day:
    """Return the figures of a day.

    Args:
        day: Its number.
        zone: Whose midnight counts.
        stays: Every session that overlaps it; open ones last until now.
        observed: When the server was observed: intervals in order that do not overlap.
        now_ms: The time; what comes after it has not happened.
        staff: The accounts of those who look after the others.
    """
    begins, ends = day_begins(day, zone), min(day_begins(day + 1, zone), now_ms)
    pieces = [
        (max(session.began_ms, begins), min(session.ended_ms or now_ms, ends), session, relog)
        for (session, relog) in stays
    ]
    pieces = [piece for piece in pieces if piece[0] <= piece[1]]
    players: dict[int, PlayerDay] = defaultdict(PlayerDay)
    for start, end, session, relog in pieces:
        own = players[session.account]
        own.seconds += _seconds(end) - _seconds(start)
        own.starts += session.began_ms >= begins and not relog
    intervals = [(start, end, session.account) for start, end, session, _ in pieces]
    peak, peak_at_ms = _peak(intervals)
    starts = [session.began_ms for _, _, session, relog in pieces if session.began_ms >= begins and not relog]
    hours = _hours((begins, ends), intervals, starts, observed, staff)
    return Day(
        seconds=sum(player.seconds for player in players.values()),
        starts=sum(player.starts for player in players.values()),
        peak=peak,
        peak_at_ms=peak_at_ms,
        observed_s=_overlap(observed, begins, ends),
        players=dict(players),
        hours=tuple(hours),
        lengths=_lengths(stays, begins, ends, now_ms),
    )


def _lengths(stays: Sequence[Stay], begins: int, ends: int, now_ms: int) -> tuple[int, ...]:
    """Count the sessions that began on the day by their length, with such relogs as are among the stays."""
    counts = [0] * (len(LENGTHS_S) + 1)
    played: dict[int, tuple[int, int]] = {}  # of each account the session under way: when it began, how long
    for session, relog in sorted(stays, key=lambda stay: stay.session[:2]):
        seconds = _seconds(session.ended_ms or now_ms) - _seconds(session.began_ms)
        before = played.pop(session.account, None)
        if relog and before is not None:
            played[session.account] = (before[0], before[1] + seconds)
            continue
        _count_length(counts, before, begins, ends)
        played[session.account] = (session.began_ms, seconds)
    for each in played.values():
        _count_length(counts, each, begins, ends)
    return tuple(counts)


def _count_length(counts: list[int], session: tuple[int, int] | None, begins: int, ends: int) -> None:
    if session is not None and begins <= session[0] < ends:
        counts[bisect_right(LENGTHS_S, session[1])] += 1


def _seconds(at_ms: int) -> int:
    """Return whole seconds since 1970: parts of a session then add up to the whole."""
    return at_ms // 1000


def _overlap(intervals: Iterable[tuple[int, int]], begins: int, ends: int) -> int:
    spans = ((max(start, begins), min(end, ends)) for start, end in intervals)
    return sum(_seconds(end) - _seconds(start) for start, end in spans if end > start)


def _peak(intervals: Iterable[tuple[int, int, int]]) -> tuple[int, int | None]:
    """Return the most players at a time, and when that was first so; who leaves has left before who comes."""
    changes = sorted(
        change for start, end, _ in intervals for change in ((start, 1), (end, -1)) if end > start
    )
    most, at_ms, count = 0, None, 0
    for moment, change in changes:
        count += change
        if count > most:
            most, at_ms = count, moment
    return most, at_ms


def _hours(
    span: tuple[int, int],
    intervals: Sequence[tuple[int, int, int]],
    starts: Iterable[int],
    observed: Sequence[tuple[int, int]],
    staff: Collection[int],
) -> Iterable[Hour]:
    begins, ends = span
    inside: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for start, end, account in intervals:
        for hour in range(start - (start - begins) % HOUR_MS, max(end, start + 1), HOUR_MS):
            inside[hour].append((max(start, hour), min(end, hour + HOUR_MS), account))
    began: dict[int, int] = defaultdict(int)
    for start in starts:
        began[start - (start - begins) % HOUR_MS] += 1
    for hour in range(begins, ends, HOUR_MS):
        own = inside[hour]
        yield Hour(
            begins_ms=hour,
            seconds=sum(_seconds(end) - _seconds(start) for start, end, _ in own),
            peak=_peak(own)[0],
            players=len({account for _, _, account in own}),
            starts=began[hour],
            observed_s=_overlap(observed, hour, min(hour + HOUR_MS, ends)),
            played_s=_lasting(own),
            staffed_s=_lasting(each for each in own if each[2] in staff),
        )


def _lasting(intervals: Iterable[tuple[int, int, int]]) -> int:
    """Return for how many seconds any of them lasted."""
    total = until = 0
    for start, end, _ in sorted(intervals):
        total += max(_seconds(end) - _seconds(max(start, until)), 0)
        until = max(until, end)
    return total
