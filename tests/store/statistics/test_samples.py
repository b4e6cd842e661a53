"""Minutes and their sums, compared with the same worked out in plain Python."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.store import Store, migrate_here
from bridge.store.statistics.samples import (
    Bucket,
    MinuteState,
    Point,
    Sample,
    Uptime,
    add_samples,
    fitting,
    latest_sample,
    minute_of,
    series,
    uptimes,
)

UP, DOWN, PLANNED = MinuteState
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # the day before the clocks of Paris go forward
FIRST = round(NOON.timestamp()) // 60


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


async def add(store: Store, samples: Iterable[Sample], server: int = 1) -> frozenset[int]:
    async with store.transaction() as tx:
        return await add_samples(tx, server, samples, zone=PARIS)


async def points(store: Store, bucket: Bucket, hours: float = 48, server: int = 1) -> list[Point]:
    async with store.reading() as conn:
        return await series(
            conn, server, bucket, begins_ms=ms(NOON), ends_ms=ms(NOON + timedelta(hours=hours)), zone=PARIS
        )


async def test_a_minute_is_kept_once_the_first_that_comes(store: Store) -> None:
    assert await add(store, [Sample(FIRST, UP, 3, 1.5), Sample(FIRST, DOWN)]) == {FIRST}
    assert await add(store, [Sample(FIRST, UP, 9), Sample(FIRST + 1, UP, 5, 2.5)]) == {FIRST + 1}
    assert await add(store, []) == frozenset()
    (hour,) = await points(store, Bucket.HOUR)
    assert (hour.up, hour.online_min, hour.online_mean, hour.online_max) == (2, 3, 4.0, 5)
    assert hour.latency_ms == 2.0
    async with store.reading() as conn:
        assert await latest_sample(conn, 1) == Sample(FIRST + 1, UP, 5, 2.5)
        assert await latest_sample(conn, 2) is None


async def test_the_worst_of_the_pace_is_kept(store: Store) -> None:
    await add(store, [Sample(FIRST, UP, 1, 1.0), Sample(FIRST + 1, UP, 1, 1.0, 19.98, 12.34)])
    await add(store, [Sample(FIRST + 2, UP, 1, 1.0, 7.5, 133.3), Sample(FIRST + 3, DOWN)])
    for bucket in (Bucket.HOUR, Bucket.QUARTER, Bucket.DAY):
        (point,) = await points(store, bucket)
        assert (point.tps_min, point.mspt_max) == (7.5, 133.3)
        assert (point.up, point.down, point.planned) == (3, 1, 0)
    assert [point.tps_min for point in await points(store, Bucket.MINUTE)] == [None, 19.98, 7.5, None]


async def test_days_are_those_of_the_communitys_calendar(store: Store) -> None:
    """The 29th of March 2026 has 23 hours in Paris: from 23:00 to 22:00 UTC."""
    await add(store, [Sample(FIRST + minute, UP, 1) for minute in range(48 * 60)])
    days = await points(store, Bucket.DAY)
    assert [day.up for day in days] == [11 * 60, 23 * 60, 14 * 60]
    assert [day.begins_ms for day in days] == [
        ms(datetime(2026, 3, 27, 23, tzinfo=UTC)),
        ms(datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ms(datetime(2026, 3, 29, 22, tzinfo=UTC)),
    ]


async def test_uptime_by_hand(store: Store) -> None:
    """100 minutes in the last day, of them 80 up, 10 down and 10 planned; ten days ago another 100 down."""
    states = [UP] * 80 + [DOWN] * 10 + [PLANNED] * 10
    await add(store, [Sample(FIRST + at, state) for at, state in enumerate(states)])
    await add(store, [Sample(FIRST - 10 * 1440 + at, DOWN) for at in range(100)])
    now = NOON + timedelta(hours=3)
    async with store.reading() as conn:
        found = await uptimes(conn, 1, (1, 7, 30), now_ms=ms(now))
        nothing = await uptimes(conn, 2, (1,), now_ms=ms(now))
    assert found[1] == Uptime(80, 10, 10, 24 * 60)
    assert found[7] == Uptime(80, 10, 10, 7 * 1440)
    assert found[30] == Uptime(80, 110, 10, 30 * 1440)
    assert found[1].share == 80 / 90  # planned minutes count neither way
    assert found[1].coverage == 100 / 1440
    assert nothing[1] == Uptime(0, 0, 0, 1440)
    assert nothing[1].share is None


def test_the_finest_bucket_that_fits_is_taken() -> None:
    hour = 3_600_000
    assert [fitting(0, hours * hour) for hours in (1, 24, 72, 24 * 7, 24 * 30, 24 * 365 * 3)] == [
        Bucket.MINUTE,
        Bucket.FIVE,
        Bucket.QUARTER,
        Bucket.HOUR,
        Bucket.DAY,
        Bucket.DAY,
    ]


samples_of = st.builds(
    Sample,
    st.integers(FIRST, FIRST + 3000),
    st.sampled_from(MinuteState),
    st.none() | st.integers(0, 500),
    st.none() | st.integers(0, 9000).map(lambda value: value / 100),
    st.none() | st.integers(0, 2000).map(lambda value: value / 100),
    st.none() | st.integers(0, 9000).map(lambda value: value / 100),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(samples_of, max_size=40), max_size=6))
def test_sums_are_those_of_the_minutes_whatever_comes_in_which_order(batches: list[list[Sample]]) -> None:
    async def work() -> tuple[list[Point], list[Point]]:
        with tempfile.TemporaryDirectory() as folder:
            async with await Store.open(Path(folder), migrate=migrate_here) as store:
                for batch in batches:
                    await add(store, batch)
                return await points(store, Bucket.HOUR, 51), await points(store, Bucket.QUARTER, 51)

    kept: dict[int, Sample] = {}
    for batch in batches:
        for each in batch:
            kept.setdefault(each.minute, each)
    hours, quarters = asyncio.run(work())
    assert {point.begins_ms for point in hours} == {minute // 60 * 3_600_000 for minute in kept}
    for found, length in ((hours, 60), (quarters, 15)):
        assert sum(point.up + point.down + point.planned for point in found) == len(kept)
        for point in found:
            first = minute_of(point.begins_ms)
            within = [each for minute, each in kept.items() if first <= minute < first + length]
            online = [each.online for each in within if each.online is not None]
            tps = [each.tps for each in within if each.tps is not None]
            assert point.up == sum(each.state is UP for each in within)
            assert point.online_max == max(online, default=None)
            assert point.online_min == min(online, default=None)
            assert point.tps_min == min(tps, default=None)
