"""Reports come by the community's clock, whatever it does, and once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.reports import ReportsSettings
from bridge.features.board import Condition
from bridge.features.figures.courier import Courier, NotSent
from bridge.features.figures.periods import Period
from bridge.features.figures.schedule import Schedule, orders
from tests.features.conftest import ZONES
from tests.features.small_log import PARIS


def schedule(kind: str, at: str, zone: ZoneInfo = PARIS) -> Schedule:
    settings = ReportsSettings.model_validate({kind: {"channel": "main", "at": at}})
    (order,) = orders(settings, zone)
    return order.schedule


@pytest.mark.parametrize(
    ("kind", "at", "period", "due"),
    [
        ("weekly", "monday 09:00", "2026-W12", datetime(2026, 3, 23, 8, tzinfo=UTC)),
        ("weekly", "monday 09:00", "2026-W13", datetime(2026, 3, 30, 7, tzinfo=UTC)),  # the clocks went on
        ("weekly", "sunday 02:30", "2026-W12", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # there is no 02:30
        ("weekly", "sunday 02:30", "2026-W42", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # there are two
        ("monthly", "1 09:00", "2026-10", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("monthly", "15 00:00", "2025-12", datetime(2026, 1, 14, 23, tzinfo=UTC)),
    ],
)
def test_when_a_report_is_due(kind: str, at: str, period: str, due: datetime) -> None:
    assert schedule(kind, at).due(Period.named(period, PARIS)) == due


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - it has a zone
    st.sampled_from([("weekly", "sunday 02:30"), ("weekly", "monday 00:00"), ("monthly", "28 23:59")]),
    st.sampled_from(ZONES),
)
def test_at_any_moment_one_report_is_the_last(now: datetime, when: tuple[str, str], zone: ZoneInfo) -> None:
    own = schedule(*when, zone)
    latest = own.latest(now)
    assert own.due(latest) <= now < own.due(latest.after) == own.next_due(now)
    assert Period.named(latest.name, zone) == latest


class Desk:
    """A destination with a clock that goes as far as is waited."""

    name = "desk"

    def __init__(self, now: datetime, *, fails: int = 0) -> None:
        self.now, self.fails = now, fails
        self.sent: list[tuple[str, datetime]] = []

    async def send(self, period: Period) -> bool:
        """Take a report unless it is here."""
        if self.fails:
            self.fails -= 1
            raise NotSent("the door is locked", again_s=600.0)
        if period.name in [name for name, _ in self.sent]:
            return False
        self.sent.append((period.name, self.now))
        return True

    async def follow(self, until: datetime, at: str = "monday 09:00") -> Courier:
        """Let a courier work until a moment."""
        over = asyncio.Event()

        async def pause(wait_s: float) -> None:
            self.now += timedelta(seconds=wait_s)
            if self.now >= until:
                over.set()
                await asyncio.Event().wait()

        courier = Courier("weekly:desk", schedule("weekly", at), self, now=lambda: self.now, pause=pause)
        task = asyncio.create_task(courier.run())
        await over.wait()
        task.cancel()
        await asyncio.wait([task])
        return courier


async def test_over_the_clocks_change_each_week_comes_at_nine() -> None:
    desk = Desk(datetime(2026, 3, 20, 12, tzinfo=UTC))  # a Friday, too late for the week before
    courier = await desk.follow(datetime(2026, 4, 1, tzinfo=UTC))
    nine = [at.astimezone(PARIS) for _, at in desk.sent]
    assert [name for name, _ in desk.sent] == ["2026-W12", "2026-W13"]
    assert [(at.weekday(), at.hour, at.minute) for at in nine] == [(0, 9, 0)] * 2
    assert courier.report("x").condition is Condition.WELL


@pytest.mark.parametrize(
    ("late", "sent"), [(timedelta(days=2, hours=23), 1), (timedelta(days=3, hours=1), 0)]
)
async def test_a_late_start_sends_what_is_less_than_three_days_late(late: timedelta, sent: int) -> None:
    desk = Desk(datetime(2026, 7, 6, 7, tzinfo=UTC) + late)
    await desk.follow(desk.now + timedelta(minutes=30))
    assert len(desk.sent) == sent


async def test_what_fails_is_told_and_tried_again() -> None:
    desk = Desk(datetime(2026, 7, 6, 7, tzinfo=UTC), fails=2)
    courier = await desk.follow(desk.now + timedelta(minutes=15))
    told = courier.report("Weekly report")
    assert (told.condition, told.problem, desk.sent) == (Condition.TROUBLE, "the door is locked", [])
    await desk.follow(desk.now + timedelta(minutes=15))
    assert [name for name, _ in desk.sent] == ["2026-W27"]
