"""Messages that are changed in place, names and topics of channels, and what the bot shows below its name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.discord import ChannelGone, DiscordUnavailable, Forbidden, MessageGone, message_id_at
from bridge.discord.boards import (
    ALL_CARDS_LIMIT,
    Card,
    CardField,
    Panel,
    Picture,
)
from bridge.events import ChannelId
from bridge.simulator.discord import Change, Permission, RateLimits, StatusChanged

if TYPE_CHECKING:
    from tests.discord.conftest import Scene

PNG = b"\x89PNG\r\n\x1a\n and so on"
EPOCH = message_id_at(datetime(2026, 1, 1, tzinfo=UTC))


def panel(words: str = "2 of 20", *, title: str = "Survival", picture: bytes | None = None) -> Panel:
    shown = None if picture is None else Picture(name="chart.png", content=picture)
    return Panel(
        content="Hello",
        cards=(Card(title=title, description=words, colour=0x00785A, pictured=True),),
        picture=shown,
    )


async def test_a_panel_is_posted_with_its_cards_and_picture(scene: Scene) -> None:
    card = Card(
        title="Survival",
        description="**2** of 20",
        colour=0x00785A,
        url="https://mc.example.org/",
        fields=(CardField(name="Version", value="26.3"), CardField(name="On", value="Milo", inline=False)),
        footer="Changed",
        at=datetime(2026, 11, 25, 12, tzinfo=UTC),
        pictured=True,
    )
    async with scene.linked() as link:
        shown = Panel(content="Hello", cards=(card,), picture=Picture(name="chart.png", content=PNG))
        sent = await link.boards().put(shown, scene.id, nonce="one")
    (message,) = scene.sim.messages(scene.channel)
    assert (str(message.id), message.content) == (sent.message, "Hello")
    (embed,) = message.embeds
    assert embed == {
        "type": "rich",
        "title": "Survival",
        "description": "**2** of 20",
        "color": 0x00785A,
        "url": "https://mc.example.org/",
        "fields": [
            {"name": "Version", "value": "26.3", "inline": True},
            {"name": "On", "value": "Milo", "inline": False},
        ],
        "footer": {"text": "Changed"},
        "timestamp": "2026-11-25T12:00:00+00:00",
        "image": {"url": "attachment://chart.png"},
    }
    (file,) = message.attachments
    assert (file.filename, file.content_type, file.size_bytes) == ("chart.png", "image/png", len(PNG))


async def test_a_change_replaces_everything_in_place(scene: Scene) -> None:
    async with scene.linked() as link:
        boards = link.boards()
        sent = await boards.put(panel(picture=PNG), scene.id, nonce="one")
        await boards.change(sent, panel("3 of 20", picture=PNG * 2))
        (message,) = scene.sim.messages(scene.channel)
        assert [file.size_bytes for file in message.attachments] == [2 * len(PNG)]
        await boards.change(sent, Panel(cards=(Card(description="closed"),)))
    (message,) = scene.sim.messages(scene.channel)
    assert (message.content, message.attachments) == ("", ())
    assert [embed["description"] for embed in message.embeds] == ["closed"]


async def test_the_same_nonce_posts_once_with_files_too(scene: Scene) -> None:
    async with scene.linked() as link:
        boards = link.boards()
        first = await boards.put(panel(picture=PNG), scene.id, nonce="one")
        assert await boards.put(panel(picture=PNG), scene.id, nonce="one") == first
        with pytest.raises(ValueError, match="nonce"):
            await boards.put(panel(), scene.id, nonce="x" * 26)
    assert len(scene.sim.messages(scene.channel)) == 1


async def test_a_panel_is_found_again_by_its_mark(scene: Scene) -> None:
    async with scene.linked() as link:
        boards = link.boards()
        await boards.put(panel("other", title="Creative"), scene.id, nonce="one")
        sent = await boards.put(panel(" 2  of\n20 ", picture=PNG), scene.id, nonce="two")
        await scene.sim.say(scene.channel, scene.member, "Hello", embeds=[{"title": "Survival"}])
        assert await boards.find(scene.id, panel("2 of 20").mark, after=EPOCH) == sent
        assert await boards.find(scene.id, panel("9 of 20").mark, after=EPOCH) is None
        assert await boards.find(scene.id, panel("2 of 20").mark, after=sent.message) is None


async def test_a_channel_that_may_not_be_read_is_not_taken_for_empty(scene: Scene) -> None:
    async with scene.linked() as link:
        assert await link.boards().find(scene.id, panel().mark, after=EPOCH) is None
        await link.boards().put(panel(), scene.id, nonce="one")
        scene.sim.deny(scene.channel, Permission.READ_MESSAGE_HISTORY)
        with pytest.raises(Forbidden, match="Read Message History"):
            await link.boards().find(scene.id, panel().mark, after=EPOCH)


async def test_what_somebody_must_change_is_said(scene: Scene) -> None:
    async with scene.linked() as link:
        boards = link.boards()
        sent = await boards.put(panel(), scene.id, nonce="one")
        with pytest.raises(ChannelGone):
            await boards.put(panel(), ChannelId("111111111111111111"), nonce="two")
        scene.sim.deny(scene.channel, Permission.EMBED_LINKS | Permission.MANAGE_CHANNELS)
        with pytest.raises(Forbidden, match="Embed Links"):
            await boards.put(panel(), scene.id, nonce="three")
        with pytest.raises(Forbidden, match="'Manage Channels'"):
            await boards.sign(scene.id, topic="2 of 20")
        await scene.sim.delete(*scene.sim.messages(scene.channel))
        with pytest.raises(MessageGone):
            await boards.change(sent, panel())


async def test_a_lost_answer_leaves_the_outcome_open(scene: Scene) -> None:
    scene.sim.faults.drop_after(method="POST", path="/messages$")
    async with scene.linked() as link:
        with pytest.raises(DiscordUnavailable) as lost:
            await link.boards().put(panel(picture=PNG), scene.id, nonce="one")
        assert lost.value.outcome_unknown
        found = await link.boards().find(scene.id, panel().mark, after=EPOCH)
    assert found is not None


async def test_names_and_topics_change_twice_in_ten_minutes_and_no_more(scene: Scene) -> None:
    async with scene.linked() as link:
        boards = link.boards()
        await boards.sign(scene.id, topic="2 of 20")
        await boards.sign(scene.id, name="players-2", topic="3 of 20")
        with pytest.raises(DiscordUnavailable) as refused:
            await boards.sign(scene.id, name="players-3")
        assert 500 < (refused.value.retry_after_s or 0) <= 600
        asked = len(scene.requests("PATCH", scene.id))
        with pytest.raises(DiscordUnavailable):  # known now: not even asked
            await boards.sign(scene.id, name="players-4")
        assert len(scene.requests("PATCH", scene.id)) == asked
    channel = scene.sim.world.channel(scene.channel.id)
    assert (channel.name, channel.topic) == ("players-2", "3 of 20")


async def test_the_presence_is_the_newest_and_told_to_each_session(scene: Scene) -> None:
    scene.sim.rates = RateLimits(identify=None)
    shown: list[str | None] = []

    def listen(change: Change) -> None:
        if isinstance(change, StatusChanged) and change.online:
            shown.append(change.activity)

    scene.sim.world.hub.listeners.append(listen)
    async with scene.linked() as link:
        scene.pauses.free.clear()
        link.presence.show("1 of 20")
        await scene.until(lambda: "1 of 20" in shown)
        link.presence.show("2 of 20")
        link.presence.show("3 of 20")
        scene.pauses.free.set()
        await scene.until(lambda: "3 of 20" in shown)
        assert "2 of 20" not in shown
        before = len(shown)
        scene.sim.gateway.drop()
        await scene.until(lambda: "3 of 20" in shown[before:])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"content": " "},
        {"content": "x" * 2001},
        {"cards": (Card(title="x"),) * 11},
        {"cards": (Card(description="x" * (ALL_CARDS_LIMIT // 2)),) * 3},
    ],
)
def test_an_impossible_panel_is_an_error_of_ours(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"panel|cards"):
        Panel(**wrong)  # type: ignore[arg-type] # wrong on purpose


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_mark_does_not_see_blanks_and_tells_words_apart(title: str, words: str) -> None:
    def mark(title: str, words: str) -> str:
        return Panel(content="x", cards=(Card(title=title, description=words),)).mark

    assert mark(f" {title} ", f"\n{words}\n") == mark(title, words)
    assert mark(title, f"{words} more") != mark(title, words)
