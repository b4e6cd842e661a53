"""Messages of the room's channel become records, over real sockets and a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from structlog.testing import capture_logs

from bridge.discord import Post, intake
from bridge.discord.inbound import moment_of, snowflake_of
from bridge.discord.wire import FramePayload
from bridge.events import AttachmentKind, ChatEdited, ChatRemoved, ChatSaid, MentionKind, SpeakerKind
from bridge.journal import Draft, JournalFull, Record, SourceName
from bridge.simulator.discord import Intent, Permission, Upload

if TYPE_CHECKING:
    from tests.discord.conftest import Scene


def chat(record: Record) -> ChatSaid:
    assert isinstance(record.event, ChatSaid)
    return record.event


async def test_a_message_becomes_a_record(scene: Scene) -> None:
    async with scene.linked():
        message = await scene.sim.say(scene.channel, scene.member, "hello **you**")
        (record,) = await scene.records(1)
    event = chat(record)
    assert record.id == f"discord:{message.id}"
    assert record.source == f"discord:{scene.channel.id}"
    assert record.place == message.id
    assert not record.late
    assert (event.text, event.markup, event.message) == ("hello you", "hello **you**", message.id)
    assert (event.speaker.kind, event.speaker.name, event.speaker.id) == (
        SpeakerKind.MEMBER,
        "Mira",
        scene.member.id,
    )
    assert event.at == moment_of(message.id)


async def test_names_colours_replies_and_files_are_resolved(scene: Scene) -> None:
    sim = scene.sim
    red = sim.add_role("Builders", colour=0xFF0000, mentionable=True)
    other = sim.add_channel("plans")
    nora = sim.add_member("Nora", nick="Nora the Great", roles=[red])
    async with scene.linked():
        first = await sim.say(
            scene.channel, scene.member, f"ask <@{nora.id}> of <@&{red.id}> in <#{other.id}>"
        )
        await sim.say(
            scene.channel,
            nora,
            "here",
            reply_to=first,
            attachments=[Upload(filename="map.png", content_type="image/png", data=b"x")],
        )
        asked, answered = map(chat, await scene.records(2))
    assert asked.text == "ask @Nora the Great of @Builders in #plans"
    assert {(m.kind, m.name) for m in asked.mentions} == {
        (MentionKind.USER, "Nora the Great"),
        (MentionKind.ROLE, "Builders"),
        (MentionKind.CHANNEL, "plans"),
    }
    assert (answered.speaker.name, answered.speaker.colour) == ("Nora the Great", 0xFF0000)
    assert answered.reply is not None
    assert (answered.reply.message, answered.reply.name) == (first.id, "Mira")
    assert answered.reply.text.startswith("ask @")
    assert [(a.kind, a.name) for a in answered.attachments] == [(AttachmentKind.IMAGE, "map.png")]


async def test_edits_and_removals_follow_their_message(scene: Scene) -> None:
    async with scene.linked():
        message = await scene.sim.say(scene.channel, scene.member, "helo")
        edited = await scene.sim.edit(message, "hello")
        await scene.sim.delete(message)
        said, changed, removed = await scene.records(3)
    assert chat(said).text == "helo"
    assert isinstance(changed.event, ChatEdited)
    assert (changed.event.text, changed.event.message) == ("hello", message.id)
    assert changed.event.at == edited.edited_at
    assert isinstance(removed.event, ChatRemoved)
    assert (removed.event.message, removed.id) == (message.id, f"discord:{message.id}:removed")


async def test_several_removed_at_once_are_several_facts(scene: Scene) -> None:
    async with scene.linked():
        messages = [await scene.sim.say(scene.channel, scene.member, f"spam {n}") for n in range(3)]
        await scene.sim.delete(*messages)
        assert (await scene.said(6))[3:] == ["chat.removed"] * 3


async def test_a_link_preview_is_not_an_edit(scene: Scene) -> None:
    async with scene.linked():
        message = await scene.sim.say(scene.channel, scene.member, "https://example.org")
        await scene.sim.unfurl(message, {"type": "link", "title": "Example"})
        await scene.sim.say(scene.channel, scene.member, "after")
        assert await scene.said(2) == ["https://example.org", "after"]


async def test_our_own_messages_never_come_back(scene: Scene) -> None:
    async with scene.linked() as link:
        sent = await link.send_as(Post(content="from the game"), scene.id, name="Steve", avatar_url=None)
        posted = await link.send(Post(content="from the bot"), scene.id, nonce="1")
        await link.edit(sent, Post(content="from the game, edited"))
        await link.delete(posted)
        await scene.sim.say(scene.channel, scene.member, "mine")
        assert await scene.said(1) == ["mine"]


@pytest.mark.parametrize(("relay_bots", "expected"), [(False, ["person"]), (True, ["bot", "hook", "person"])])
async def test_other_bots_and_webhooks_count_only_where_the_settings_say_so(
    scene: Scene, relay_bots: bool, expected: list[str]
) -> None:
    bot = scene.sim.add_member("Dice", bot=True)
    hook = scene.sim.add_webhook(scene.channel, "News")
    async with scene.linked(relay_bots=relay_bots):
        await scene.sim.say(scene.channel, bot, "bot")
        await scene.sim.say_by_webhook(hook, "hook")
        await scene.sim.say(scene.channel, scene.member, "person")
        assert await scene.said(len(expected)) == expected


async def test_other_channels_and_threads_are_not_read(scene: Scene) -> None:
    other = scene.sim.add_channel("elsewhere")
    thread = scene.sim.add_channel("side talk", parent=scene.channel)
    async with scene.linked():
        await scene.sim.say(other, scene.member, "elsewhere")
        await scene.sim.say(thread, scene.member, "aside")
        await scene.sim.say(scene.channel, scene.member, "here")
        assert await scene.said(1) == ["here"]


async def test_what_was_said_before_the_first_start_is_not_read(scene: Scene) -> None:
    await scene.sim.say(scene.channel, scene.member, "long ago")
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "now")
        assert await scene.said(1) == ["now"]


async def test_what_was_said_while_the_bridge_was_down_is_read_in_order_and_once(scene: Scene) -> None:
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "before")
        await scene.records(1)
    for number in range(250):
        await scene.sim.say(scene.channel, scene.member, f"down {number}")
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "after")
        expected = ["before", *(f"down {number}" for number in range(250)), "after"]
        assert await scene.said(252) == expected


async def test_edits_and_removals_while_the_bridge_was_down_are_found(scene: Scene) -> None:
    async with scene.linked():
        gone = await scene.sim.say(scene.channel, scene.member, "gone")
        wrong = await scene.sim.say(scene.channel, scene.member, "wrogn")
        await scene.records(2)
    await scene.sim.edit(wrong, "wrong")
    await scene.sim.delete(gone)
    async with scene.linked():
        records = await scene.records(4)
    assert [type(record.event) for record in records[2:]] == [ChatEdited, ChatRemoved]
    assert [getattr(record.event, "message", None) for record in records[2:]] == [wrong.id, gone.id]
    assert records[3].late


async def test_a_channel_that_suddenly_looks_empty_is_not_taken_for_removed(scene: Scene) -> None:
    """Without 'Read Message History' Discord shows a channel without messages."""
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "one")
        await scene.records(1)
    scene.sim.deny(scene.channel, Permission.READ_MESSAGE_HISTORY)
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "two")
        assert await scene.said(2) == ["one", "two"]


async def test_a_dropped_session_is_resumed_and_nothing_is_lost_or_doubled(scene: Scene) -> None:
    async with scene.linked() as link:
        await scene.sim.say(scene.channel, scene.member, "one")
        await scene.records(1)
        scene.sim.gateway.drop(4000)
        await scene.sim.say(scene.channel, scene.member, "two")
        assert await scene.said(2) == ["one", "two"]
        await asyncio.wait_for(link.ready.wait(), 5)
    assert scene.sim.gateway.identified == 1


async def test_a_lost_session_is_made_up_for_from_the_history(scene: Scene) -> None:
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "one")
        await scene.records(1)
        scene.sim.gateway.sessions.clear()
        scene.sim.gateway.drop(4000, abruptly=True)
        await scene.sim.say(scene.channel, scene.member, "two")
        await scene.sim.say(scene.channel, scene.member, "three")
        assert await scene.said(3) == ["one", "two", "three"]


async def test_live_messages_wait_until_the_history_could_be_read(scene: Scene) -> None:
    """Order holds even when the gateway is up while REST is down."""
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "one")
        await scene.records(1)
    await scene.sim.say(scene.channel, scene.member, "missed")
    scene.sim.faults.error(503, times=3, method="GET", path="/messages$")
    link = scene.link()
    async with scene.running(link):
        await asyncio.wait_for(link.ready.wait(), 5)
        await scene.sim.say(scene.channel, scene.member, "live")
        assert await scene.said(3) == ["one", "missed", "live"]
    assert 5.0 in scene.pauses.asked


async def test_old_messages_are_late(scene: Scene) -> None:
    async with scene.linked():
        await scene.sim.say(scene.channel, scene.member, "first")
        await scene.records(1)
    await scene.sim.say(scene.channel, scene.member, "second")
    async with scene.linked(now=lambda: datetime.now(UTC) + timedelta(minutes=5)):
        assert [record.late for record in await scene.records(2)] == [False, True]


async def test_a_full_journal_delays_and_loses_nothing(scene: Scene) -> None:
    journal = Reluctant(scene)
    async with scene.linked(journal=journal):
        for text in ("one", "two", "three"):
            await scene.sim.say(scene.channel, scene.member, text)
        assert await scene.said(3) == ["one", "two", "three"]
    assert journal.refusals == 0


async def test_a_flood_that_does_not_fit_in_memory_is_read_from_the_history(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_MOST_WAITING", 5)
    journal = Reluctant(scene)
    scene.pauses.free.clear()
    async with scene.linked(journal=journal):
        for number in range(40):
            await scene.sim.say(scene.channel, scene.member, str(number))
            await asyncio.sleep(0)
        await scene.until(lambda: journal.refusals < 3)
        scene.pauses.free.set()
        assert await scene.said(40) == [str(number) for number in range(40)]


async def test_an_event_that_breaks_the_library_costs_the_session_and_no_message(scene: Scene) -> None:
    """The library ends its connection when it meets a payload that it did not expect."""
    with capture_logs() as logs:
        async with scene.linked() as link:
            await scene.sim.say(scene.channel, scene.member, "one")
            await scene.records(1)
            scene.sim.gateway.online[0].dispatch("CHANNEL_UPDATE", {"nonsense": True})
            await scene.sim.say(scene.channel, scene.member, "two")
            assert await scene.said(2) == ["one", "two"]
            await asyncio.wait_for(link.ready.wait(), 5)
    assert any("unforeseen" in entry["event"] for entry in logs)


async def test_frames_that_make_no_sense_to_us_are_passed_over(scene: Scene) -> None:
    async with scene.linked() as link:
        for kind, data in (
            ("MESSAGE_CREATE", b"{}"),
            ("MESSAGE_UPDATE", b'{"id": "1", "channel_id": "2"}'),
            ("MESSAGE_DELETE", b"[]"),
            ("MESSAGE_DELETE_BULK", b'{"channel_id": "2", "ids": 5}'),
            ("INTERACTION_CREATE", b'{"id": "1"}'),
            ("SOMETHING_NEW", b"null"),
        ):
            link.heard(kind, FramePayload(op=0, t=kind, d=msgspec.Raw(data)))
        await scene.sim.say(scene.channel, scene.member, "fine")
        assert await scene.said(1) == ["fine"]


class Reluctant:
    """The journal, on a disk that is full at first."""

    def __init__(self, scene: Scene) -> None:
        self.refusals = 3
        self._journal = scene.journal
        self.last, self.recent, self.reader = scene.journal.last, scene.journal.recent, scene.journal.reader
        self.expire_chat, self.expire_samples = scene.journal.expire_chat, scene.journal.expire_samples
        self.page, self.grown, self.readers = scene.journal.page, scene.journal.grown, scene.journal.readers

    async def append(self, *drafts: Draft) -> None:
        if self.refusals:
            self.refusals -= 1
            raise JournalFull("no room")
        await self._journal.append(*drafts)


async def test_the_place_of_a_removal_does_not_lead_back(scene: Scene) -> None:
    """Removing an old message must not make the next start read everything since then again."""
    async with scene.linked():
        old = await scene.sim.say(scene.channel, scene.member, "old")
        new = await scene.sim.say(scene.channel, scene.member, "new")
        await scene.sim.delete(old)
        await scene.records(3)
    last = await scene.journal.last(SourceName(f"discord:{scene.channel.id}"))
    assert last is not None
    assert last.place == new.id


async def test_without_the_message_content_intent_empty_messages_are_not_kept(scene: Scene) -> None:
    scene.sim.core.granted = Intent.GUILD_MEMBERS
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: link.state.reason.startswith("Discord does not let"))
    assert scene.pauses.asked


def test_ids_and_moments_agree() -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert moment_of(str(snowflake_of(moment))) == moment
