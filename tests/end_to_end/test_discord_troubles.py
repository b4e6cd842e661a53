"""Discord fails in every way it can: everything arrives in the end, in order and once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from bridge.discord import LinkStatus
from bridge.simulator.discord import FaultKind, Permission, SimDiscord

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town

EXECUTE = r"^/webhooks/\d+/[^/]+$"

FAULTS: dict[str, Callable[[SimDiscord], None]] = {
    "429": lambda sim: sim.faults.limited(0.2, times=3, path=EXECUTE),
    "429 for all": lambda sim: sim.faults.limited(0.2, times=2, path=EXECUTE, scope="global"),
    "500": lambda sim: sim.faults.error(500, times=3, path=EXECUTE),
    "no answer": lambda sim: sim.faults.hang(path=EXECUTE),
    "closed socket": lambda sim: sim.faults.drop(times=3, path=EXECUTE),
    "lost answer": lambda sim: sim.faults.drop_after(times=3, path=EXECUTE),
    "500 after all": lambda sim: sim.faults.error_after(502, times=3, path=EXECUTE),
}


def numbers(lines: list[str]) -> list[int]:
    """Return the numbers in the lines that have one."""
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


async def counted(running: Running, name: str) -> int:
    """Return one of the bridge's counters."""
    async with running.house.parts.store.reading() as conn:
        rows = await conn.execute(sql("SELECT total FROM counters WHERE name = :name"), {"name": name})
        return int(rows.scalar_one_or_none() or 0)


@pytest.mark.parametrize("fault", FAULTS)
async def test_everything_arrives_in_order_and_once(town: Town, fault: str) -> None:
    async with town.bridge() as bridge:
        town.game.chat("Alix", "n0")
        await town.lines(1)
        FAULTS[fault](town.discord)
        for number in range(1, 13):
            town.game.chat(("Alix", "Boris", "Chloe")[number % 3], f"n{number}")
        await town.lines(13)
        await town.quiet()
        assert numbers(town.told()) == list(range(13))
        assert await counted(bridge, "relay.discord.possible-repeats") == 0


@pytest.mark.parametrize("kind", ["error", "hang", "drop"])
async def test_an_outage_delays_but_loses_nothing(town: Town, kind: str) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        town.discord.faults.start_outage(FaultKind(kind))
        for number in range(100):
            town.game.chat("Alix", f"n{number}")
        await page.line("n99")
        town.discord.faults.end_outage()
        await town.lines(100)
        assert numbers(town.told()) == list(range(100))


async def test_after_a_long_outage_one_honest_line_says_so(town: Town) -> None:
    async with town.bridge(relay={"late-after": "1s"}, community={"time-zone": "UTC"}):
        town.discord.faults.start_outage(FaultKind.ERROR)
        for number in range(20):
            town.game.chat(("Alix", "Boris")[number % 2], f"n{number}")
        late = datetime.now(UTC) + timedelta(seconds=1.2)
        await town.until(lambda: datetime.now(UTC) > late)
        town.discord.faults.end_outage()
        lines = await town.lines(21)
        assert re.fullmatch(r"20 messages between \d\d:\d\d and \d\d:\d\d arrived late:", lines[0])
        assert numbers(lines) == list(range(20))
        assert all(name in lines[1 + at] for at, name in enumerate(["Alix", "Boris"]))
        assert len(town.posts()) == 1
        town.game.chat("Alix", "n20, in time")
        assert (await town.post("in time")).author.name == "Alix"
        assert sum("late" in line for line in town.told()) == 1


async def test_lines_said_while_the_bridge_was_down_for_long_come_late(town: Town) -> None:
    async with town.bridge(relay={"late-after": "1s"}):
        await town.quiet()
    before = len(town.told())
    past = datetime.now(UTC) - timedelta(minutes=10)
    for number in range(5):
        town.game.log.append(f"[{past:%H:%M:%S}] [Server thread/INFO]: <Alix> n{number}")
    async with town.bridge():
        lines = (await town.lines(before + 6))[before:]
        assert lines[0].startswith("5 messages between")
        assert numbers(lines) == list(range(5))


async def test_a_dropped_gateway_loses_nothing_that_members_say(town: Town) -> None:
    async with town.bridge():
        for number in range(5):
            await town.say(f"n{number}")
            town.discord.gateway.drop(abruptly=number % 2 == 0)
        town.discord.gateway.invalidate(resumable=False)
        await town.say("n5")
        await town.seen("n5")
        seen = [line for shown in town.game.received for line in shown.plain.split("\n")]
        assert numbers(seen) == list(range(6))


async def test_a_first_connect_that_fails_is_tried_again(town: Town) -> None:
    town.discord.faults.refuse_connects = True
    async with town.bridge(wait_for_discord=False) as bridge:
        link = bridge.house.parts.discord
        assert link is not None
        assert link.state.status is LinkStatus.CONNECTING
        assert (await bridge.get("/readyz"))[0] == 503
        assert (await bridge.get("/healthz"))[0] == 200
        town.game.chat("Alix", "n0")
        await town.lines(1)  # a webhook needs no gateway
        town.discord.faults.refuse_connects = False
        await link.ready.wait()
        await town.say("n1")
        await town.seen("n1")
        assert (await bridge.get("/readyz"))[0] == 200


async def test_a_revoked_token_is_said_clearly_and_the_rest_runs_on(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        link = bridge.house.parts.discord
        assert link is not None
        town.discord.revoke_token()
        await town.until(lambda: link.state.status is LinkStatus.REFUSED)
        assert "token" in link.state.reason
        status, body = await bridge.get("/readyz")
        assert status == 503
        assert "token" in body
        assert town.discord.token not in body
        town.game.chat("Alix", "still here")
        await page.line("still here")
        assert await page.say("Visitor", "me too") == 200
        await town.seen("me too")


async def test_without_webhooks_the_bot_says_who_speaks(town: Town) -> None:
    town.discord.deny(town.channel, Permission.MANAGE_WEBHOOKS)
    async with town.bridge():
        for number in range(5):
            town.game.chat("Alix", f"n{number}")
        town.game.emote("Boris", "waves")
        lines = await town.lines(6)
        assert lines[0] == "Alix: n0"
        assert lines[-1] == "Boris waves"
        assert numbers(lines) == list(range(5))
        assert {post.author.id for post in town.posts()} == {town.discord.bot.id}


async def test_a_deleted_webhook_is_made_again(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "n0")
        await town.lines(1)
        for webhook in town.discord.webhooks(town.channel):
            town.discord.remove_webhook(webhook)
        town.game.chat("Alix", "n1")
        assert numbers(await town.lines(2)) == [0, 1]


async def test_a_refused_name_shows_in_the_text(town: Town) -> None:
    town.game.join("ClydeTheGlyde")
    async with town.bridge():
        town.game.chat("ClydeTheGlyde", "n0")
        town.game.chat("Alix", "n1")
        lines = await town.lines(2)
        assert lines == ["ClydeTheGlyde: n0", "<Alix> n1"]


async def test_a_community_whose_name_is_refused_uses_the_fallback(town: Town) -> None:
    async with town.bridge(community={"name": "Discord fans"}, discord={"fallback-name": "The bridge"}):
        town.game.leave("Boris")
        assert (await town.posted(1))[0].author.name == "The bridge"


async def test_where_the_history_may_not_be_read_a_repeat_is_possible_and_counted(town: Town) -> None:
    async with town.bridge() as bridge:
        town.game.chat("Alix", "n0")
        await town.lines(1)
        town.discord.deny(town.channel, Permission.READ_MESSAGE_HISTORY)
        town.discord.faults.drop_after(path=EXECUTE)
        town.game.chat("Alix", "n1")
        await town.lines(3)
        town.game.chat("Alix", "n2")
        await town.lines(4)
        assert numbers(town.told()) == [0, 1, 1, 2]
        assert await counted(bridge, "relay.discord.possible-repeats") == 1


async def test_the_same_words_said_again_are_not_taken_for_the_first(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "n0")
        await town.lines(1)
    async with town.bridge():
        town.discord.faults.drop(path=EXECUTE)
        town.game.chat("Alix", "n0")
        await town.lines(2)


async def test_discords_real_limits_are_kept_without_a_single_429(town: Town) -> None:
    town.discord.rates = town.real_limits
    async with town.bridge():
        for number in range(60):
            town.game.chat(f"{('Alix', 'Boris', 'Chloe')[number % 3]}", f"n{number}")
        await town.lines(60)
        assert numbers(town.told()) == list(range(60))
        assert not [request for request in town.discord.requests if request.status == 429]
