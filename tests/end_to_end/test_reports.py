"""Reports that come to Discord by themselves, once, whatever stops when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bridge.config.watching import WEEKDAYS
from bridge.features.board import Condition, Report
from bridge.features.figures import Figures
from bridge.simulator.discord import Permission
from tests.end_to_end.conftest import WITHIN_S

if TYPE_CHECKING:
    from bridge.simulator.discord import Channel, Message
    from tests.end_to_end.conftest import Running, Town


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand seconds of waiting pass in one."""

    async def pause(wait_s: float) -> None:
        await asyncio.sleep(wait_s / 2000)

    monkeypatch.setattr(Figures.__init__, "__kwdefaults__", {"pause": pause})


def weekly(**more: object) -> dict[str, Any]:
    """A report that was due some hours ago."""
    due = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")) - timedelta(hours=5)
    at = f"{WEEKDAYS[due.weekday()]} {due:%H:%M}"
    return {
        "community": {"time-zone": "Europe/Paris"},
        "reports": {"weekly": {"channel": "staff", "at": at, **more}},
    }


async def report(town: Town, channel: Channel) -> Message:
    """Return the only message of the channel, waiting for it."""

    def found() -> Message | None:
        messages = town.discord.messages(channel)
        assert len(messages) <= 1
        return next(iter(messages), None)

    message = await town.discord.wait_for(found, WITHIN_S)
    assert message is not None
    return message


async def sources(running: Running) -> list[Report]:
    """How the reports are, as staff see it."""
    return [each for each in await running.house.parts.board.reports() if each.name.startswith("reports:")]


async def test_a_report_comes_once_over_restarts(town: Town) -> None:
    channel = town.discord.add_channel("staff")
    changes = weekly() | {"website": {"public-url": "https://mc.example.org"}}
    async with town.bridge(**changes):
        first = await report(town, channel)
    async with town.bridge(**changes) as running:
        await asyncio.sleep(0.3)  # so long nothing happens: ten minutes of the couriers
        (source,) = await sources(running)
    (embed,) = first.embeds
    assert embed["title"].endswith(": the week in figures")
    assert embed["url"].startswith("https://mc.example.org/staff/reports/20")
    assert "by the clock of Europe/Paris" in embed["description"]
    assert town.discord.created(channel) == 1
    assert source.title == "Weekly report \u00b7 #staff"


async def test_a_lost_answer_makes_no_second_message(town: Town) -> None:
    channel = town.discord.add_channel("staff")
    town.discord.faults.drop_after(method="POST", path=f"/channels/{channel.id}/messages$")
    async with town.bridge(**weekly()) as running:
        await report(town, channel)
        async with asyncio.timeout(WITHIN_S):
            while (await sources(running))[0].condition is not Condition.WELL:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
    assert town.discord.created(channel) == 1


async def test_a_missing_permission_is_said_to_staff_and_tried_again(town: Town) -> None:
    channel = town.discord.add_channel("staff")
    town.discord.deny(channel, Permission.SEND_MESSAGES)
    async with town.bridge(**weekly()) as running:
        async with asyncio.timeout(WITHIN_S):
            while (await sources(running))[0].condition is not Condition.TROUBLE:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
        assert (await sources(running))[0].advice == "reports.advice.permission"
        town.discord.allow(channel, Permission.SEND_MESSAGES)
        await report(town, channel)


@pytest.mark.parametrize("kind", ["hang", "drop_after"])
async def test_an_end_while_it_posts_makes_no_second_message(town: Town, kind: str) -> None:
    """Nothing is done at the end that kill -9 would leave undone: see what is caught in posting.py."""
    channel = town.discord.add_channel("staff")
    fault = town.discord.faults.hang if kind == "hang" else town.discord.faults.drop_after
    fault(method="POST", path=f"/channels/{channel.id}/messages$")
    async with town.bridge(**weekly()):
        await town.until(lambda: not town.discord.faults.script)
    async with town.bridge(**weekly()):
        await report(town, channel)
        await asyncio.sleep(0.3)
    assert town.discord.created(channel) == 1
