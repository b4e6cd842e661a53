"""Messages, channels and the bot's presence that always show how the servers are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from bridge.features.board import Condition, Report
from bridge.features.status_channel import StatusChannel
from bridge.simulator.discord import (
    Change,
    ChannelKind,
    MessageEdited,
    Permission,
    StatusChanged,
)
from tests.end_to_end.conftest import WITHIN_S, until

if TYPE_CHECKING:
    from bridge.simulator.discord import Channel, Message
    from tests.end_to_end.conftest import Town


T = TypeVar("T")


@pytest.fixture(autouse=True)
def _quick_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred seconds of the boards pass in one: the pretend Discord keeps no limits unless asked to."""

    async def pause(wait_s: float) -> None:
        await asyncio.sleep(wait_s / 200)

    monkeypatch.setattr(StatusChannel.__init__, "__kwdefaults__", {"pause": pause})


def shown(message: Message) -> str:
    """Everything that a message says."""
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.get("title", ""), embed.get("description", "")]
        texts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", ())]
    return "\n".join(texts)


async def board(town: Town, channel: Channel, wanted: str, *, without: str = "\0") -> Message:
    """Return the only message of the channel once it says *wanted*."""

    def found() -> Message | None:
        messages = town.discord.messages(channel)
        assert len(messages) <= 1, [shown(message) for message in messages]
        return next((m for m in messages if wanted in shown(m) and without not in shown(m)), None)

    message = await town.discord.wait_for(found, WITHIN_S)
    assert message is not None
    return message


def with_board(**board: object) -> dict[str, Any]:
    """The settings of a board that is changed as often as may be."""
    return with_own(boards={"main": {"channel": "status", "every": "15s"} | board})


def with_own(**own: object) -> dict[str, Any]:
    """The settings of a status channel."""
    return {"status-channel": own}


def requests(town: Town, method: str, channel: Channel, *, status: int | None = None) -> int:
    """How many requests about the channel there were, answered like this."""
    return sum(
        one.method == method
        and f"/channels/{channel.id}" in one.path
        and (status is None or one.status == status)
        for one in town.discord.requests
    )


async def eventually(ask: Callable[[], Awaitable[T | None]]) -> T:
    """Return the first answer that is not None."""
    async with asyncio.timeout(WITHIN_S):
        while (found := await ask()) is None:  # noqa: ASYNC110 - what is asked for has no event
            await asyncio.sleep(0.01)
    return found


async def test_a_message_shows_the_server_and_follows_it(town: Town) -> None:
    channel = town.discord.add_channel("status")
    async with town.bridge(**with_board()):
        first = await board(town, channel, "Alix")
        town.game.leave("Boris")
        second = await board(town, channel, "Alix", without="Boris")
    assert first.id == second.id
    assert "**2** of 20 playing" in shown(second)


async def test_over_restarts_the_same_message_goes_on(town: Town) -> None:
    channel = town.discord.add_channel("status")
    changes = with_board()
    async with town.bridge(**changes):
        first = await board(town, channel, "of 20 playing")
    edits = requests(town, "PATCH", channel)
    town.game.leave("Boris")
    async with town.bridge(**changes):
        second = await board(town, channel, "**2** of 20 playing", without="Boris")
    assert (first.id, town.discord.created(channel)) == (second.id, 1)
    assert requests(town, "PATCH", channel) > edits


async def test_what_shows_the_same_is_not_changed(town: Town) -> None:
    channel = town.discord.add_channel("status")
    async with town.bridge(**with_board(chart="0s")):
        await board(town, channel, "<t:")
        edits = requests(town, "PATCH", channel)
        await asyncio.sleep(0.5)  # so long nothing happens: more than six looks of the board
        assert requests(town, "PATCH", channel) == edits
    async with town.bridge(**with_board(chart="0s")):
        await until(lambda: requests(town, "GET", channel), what="it was not looked whether it is there")
        assert requests(town, "PATCH", channel) == edits


async def test_a_deleted_message_is_made_again_at_once(town: Town) -> None:
    channel = town.discord.add_channel("status")
    async with town.bridge(**with_board(every="1h")):
        first = await board(town, channel, "of 20 playing")
        await town.discord.delete(first)
        second = await board(town, channel, "of 20 playing")
    assert first.id != second.id


async def test_a_message_deleted_while_nobody_listened_is_made_again(town: Town) -> None:
    channel = town.discord.add_channel("status")
    async with town.bridge(**with_board()):
        first = await board(town, channel, "of 20 playing")
    await town.discord.delete(first)
    async with town.bridge(**with_board()):
        await board(town, channel, "of 20 playing")
    assert town.discord.created(channel) == 2


async def test_a_board_moves_with_its_channel_and_goes_with_its_setting(town: Town) -> None:
    here, there = town.discord.add_channel("status"), town.discord.add_channel("other")
    async with town.bridge(**with_board()):
        await board(town, here, "of 20 playing")
    async with town.bridge(**with_board(channel="other")):
        await board(town, there, "of 20 playing")
        assert town.discord.messages(here) == []
    others = with_own(boards={"main": None, "second": {"channel": "status", "layout": "compact"}})
    async with town.bridge(**others):
        await board(town, here, "**survival**")
        await town.discord.wait_for(lambda: town.discord.messages(there) == [], WITHIN_S)


async def test_a_missing_permission_is_said_to_staff_and_tried_again(town: Town) -> None:
    channel = town.discord.add_channel("status")
    town.discord.deny(channel, Permission.EMBED_LINKS)
    async with town.bridge(**with_board()) as bridge:
        reports = bridge.house.parts.board.reports

        async def in_trouble() -> Report | None:
            found = next(each for each in await reports() if each.name == "board:main")
            return found if found.condition is Condition.TROUBLE else None

        found = await eventually(in_trouble)
        assert "Embed Links" in found.problem
        assert found.advice == "status-channel.advice.permission"
        town.discord.allow(channel, Permission.EMBED_LINKS)
        await board(town, channel, "of 20 playing")
    assert requests(town, "POST", channel, status=403) == 1


async def test_a_lost_answer_makes_no_second_message(town: Town) -> None:
    channel = town.discord.add_channel("status")
    town.discord.faults.drop_after(method="POST", path=f"/channels/{channel.id}/messages$")
    async with town.bridge(**with_board()):
        await board(town, channel, "of 20 playing")
        town.game.leave("Boris")
        await board(town, channel, "**2** of 20 playing")
    assert town.discord.created(channel) == 1


async def test_a_board_that_nobody_may_look_for_waits(town: Town) -> None:
    channel = town.discord.add_channel("status")
    path = f"/channels/{channel.id}/messages$"
    town.discord.faults.drop_after(method="POST", path=path)
    town.discord.deny(channel, Permission.READ_MESSAGE_HISTORY)
    async with town.bridge(**with_board()):
        await town.discord.wait_for(lambda: requests(town, "GET", channel), WITHIN_S)
        town.discord.allow(channel, Permission.READ_MESSAGE_HISTORY)
        town.game.leave("Boris")
        await board(town, channel, "**2** of 20 playing")
    assert town.discord.created(channel) == 1


@pytest.mark.parametrize("kind", ["hang", "drop_after"])
@pytest.mark.parametrize("times", [1, 3])
async def test_kill_9_while_it_posts_never_makes_two_messages(town: Town, kind: str, times: int) -> None:
    channel = town.discord.add_channel("status")
    async with town.daemon(**with_board()) as daemon:
        for _ in range(times):
            await daemon.kill()
            for message in town.discord.messages(channel)[1:]:
                pytest.fail(f"a second message: {shown(message)}")
            faulty = town.discord.faults.hang if kind == "hang" else town.discord.faults.drop_after
            faulty(method="POST", path=f"/channels/{channel.id}/messages$")
            await daemon.start()
            if not town.discord.messages(channel):
                await until(lambda: not town.discord.faults.script, within_s=2 * WITHIN_S)
        await daemon.kill()
        town.discord.faults.clear()
        town.game.leave("Boris")
        await daemon.start()
        await board(town, channel, "**2** of 20 playing")


async def test_an_edit_that_waits_for_discord_is_replaced_by_the_newest(town: Town) -> None:
    channel = town.discord.add_channel("status")
    seen: list[str] = []

    def listen(change: Change) -> None:
        if isinstance(change, MessageEdited) and change.message.channel == channel.id:
            seen.append(shown(change.message))

    town.discord.world.hub.listeners.append(listen)
    async with town.bridge(**with_board(chart="0s")):
        await board(town, channel, "**3** of 20 playing")
        town.discord.faults.limited(0.5, method="PATCH", path=f"/channels/{channel.id}/messages/")
        town.game.leave("Boris")
        await town.discord.wait_for(lambda: not town.discord.faults.script, WITHIN_S)
        town.game.leave("Chloe")
        await board(town, channel, "**1** of 20 playing")
    assert not [text for text in seen if "**2** of 20" in text]


async def test_hidden_players_are_neither_named_nor_counted(town: Town) -> None:
    channel = town.discord.add_channel("status")
    counter = town.discord.add_channel("counter", kind=ChannelKind.VOICE)
    own = with_board()["status-channel"] | {"signs": {"counter": {"name": "{online} on: {players}"}}}
    async with town.bridge(privacy={"hidden-players": ["boris"]}, **with_own(**own)):
        message = await board(town, channel, "**2** of 20 playing")
        name = await town.discord.wait_for(
            lambda: (found := town.discord.world.channel(counter.id).name) != "counter" and found, WITHIN_S
        )
    assert "Boris" not in shown(message)
    assert "other" not in shown(message)
    assert name == "2 on: Alix and Chloe"


async def test_a_crash_and_a_start_are_told(town: Town) -> None:
    channel = town.discord.add_channel("status")
    quick: dict[str, Any] = {"survival": {"status": {"down-after": 1, "timeout": "1s"}}}
    async with town.bridge(servers=quick, **with_board()):
        await board(town, channel, "Up · **3** of 20")
        await town.game.crash()
        down = await board(town, channel, "Down")
        assert "Alix" not in shown(down)
        await town.game.start()
        await board(town, channel, "Up · ")


async def test_a_topic_is_set_once_and_not_again_after_a_restart(town: Town) -> None:
    channel = town.discord.add_channel("counter")
    own = with_own(signs={"counter": {"topic": "{state}, {online} of {max}"}})
    for _ in range(2):
        async with town.bridge(**own):
            await town.discord.wait_for(
                lambda: town.discord.world.channel(channel.id).topic == "Up, 3 of 20", WITHIN_S
            )
            await town.quiet()
    assert requests(town, "PATCH", channel) == 1


async def test_the_presence_goes_round_its_lines(town: Town) -> None:
    shown_lines: list[str | None] = []

    def listen(change: Change) -> None:
        if isinstance(change, StatusChanged) and change.activity is not None:
            shown_lines.append(change.activity)

    town.discord.world.hub.listeners.append(listen)
    own = with_own(presence={"lines": ["{online} of {max}", "{state}"], "every": "15s"})
    async with town.bridge(**own):
        await town.discord.wait_for(lambda: {"3 of 20", "Up"} <= set(shown_lines), 2 * WITHIN_S)
