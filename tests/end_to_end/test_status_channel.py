"""Messages, channels and the bot's presence that always show how the servers are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bridge.features.status_channel import StatusChannel
from bridge.simulator.discord import Permission
from tests.end_to_end.conftest import WITHIN_S, until

if TYPE_CHECKING:
    from bridge.simulator.discord import Channel, Message
    from tests.end_to_end.conftest import Town


@pytest.fixture(autouse=True)
def _quick_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred seconds of the boards pass in one: the pretend Discord keeps no limits unless asked to."""

    async def pause(wait_s: float) -> None:
        await asyncio.sleep(wait_s / 200)

    monkeypatch.setitem(StatusChannel.__init__.__kwdefaults__, "pause", pause)


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


def settings(**board: Any) -> dict[str, Any]:
    """A board with everything, changed as often as may be."""
    return {"boards": {"main": {"channel": "status", "every": "15s"} | board}}


async def test_a_message_shows_the_server_and_follows_it(town: Town) -> None:
    channel = town.discord.add_channel("status")
    async with town.bridge(**{"status-channel": settings()}):
        first = await board(town, channel, "Alix")
        town.game.leave("Boris")
        second = await board(town, channel, "Alix", without="Boris")
    assert first.id == second.id
    assert "**2** of 20 playing" in shown(second)
