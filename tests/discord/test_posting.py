"""What goes out: posts by the bot and by our webhook, through every way in which Discord can fail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bridge.config.settings import AllowedMention
from bridge.discord import (
    ChannelGone,
    DiscordError,
    DiscordRefused,
    DiscordUnavailable,
    Expected,
    Forbidden,
    MessageGone,
    NameRefused,
    Post,
    Sent,
    WebhooksForbidden,
)
from bridge.events import ChannelId
from bridge.simulator.discord import Limit, Permission, RateLimits

if TYPE_CHECKING:
    from tests.discord.conftest import Scene

HELLO = Post(content="hello")
EXECUTE = "^/webhooks/"


def contents(scene: Scene) -> list[str]:
    return [message.content for message in scene.sim.messages(scene.channel)]


async def test_a_post_carries_the_players_name_and_head(scene: Scene) -> None:
    async with scene.linked() as link:
        sent = await link.send_as(HELLO, scene.id, name="Steve", avatar_url="https://heads.example/steve.png")
    (message,) = scene.sim.messages(scene.channel)
    assert (message.author.name, message.author.avatar_url) == ("Steve", "https://heads.example/steve.png")
    assert sent == Sent(channel=scene.id, message=message.id, webhook=message.webhook)  # type: ignore[arg-type] # ids are strings


async def test_nobody_is_pinged_unless_both_the_post_and_the_settings_allow_it(scene: Scene) -> None:
    text = f"@everyone @here <@{scene.member.id}>"
    every = frozenset(AllowedMention)
    nobody: frozenset[AllowedMention] = frozenset()
    for number, (allowed, allow, pinged) in enumerate(
        ((nobody, every, False), (every, nobody, False), (frozenset({AllowedMention.USERS}), every, True))
    ):
        async with scene.linked(allowed_mentions=allowed) as link:
            await link.send_as(Post(content=text, allow=allow), scene.id, name="Steve", avatar_url=None)
            await link.send(Post(content=text, allow=allow), scene.id, nonce=str(number))
        for message in scene.sim.messages(scene.channel)[-2:]:
            assert bool(message.pinged.users) is pinged
            assert not message.pinged.everyone


async def test_the_role_of_an_alert_is_pinged_and_no_other(scene: Scene) -> None:
    staff, others = (scene.sim.add_role(name, mentionable=True) for name in ("staff", "others"))
    text = f"<@&{staff.id}> <@&{others.id}> @everyone <@{scene.member.id}>"
    async with scene.linked() as link:
        await link.send_as(Post(content=text, role=staff.id), scene.id, name="Bridge", avatar_url=None)
        await link.send(Post(content=text, role=staff.id), scene.id, nonce="alert")
    for message in scene.sim.messages(scene.channel):
        assert message.pinged.roles == (staff.id,)
        assert not message.pinged.users
        assert not message.pinged.everyone


async def test_the_same_nonce_posts_once(scene: Scene) -> None:
    async with scene.linked() as link:
        first = await link.send(HELLO, scene.id, nonce="record-17")
        assert await link.send(HELLO, scene.id, nonce="record-17") == first
    assert contents(scene) == ["hello"]


@pytest.mark.parametrize("nonce", ["", "x" * 26])
async def test_an_impossible_nonce_is_an_error_of_ours(scene: Scene, nonce: str) -> None:
    async with scene.linked() as link:
        with pytest.raises(ValueError, match="nonce"):
            await link.send(HELLO, scene.id, nonce=nonce)


@pytest.mark.parametrize("content", ["", " \n ", "x" * 2001])
def test_an_impossible_post_is_an_error_of_ours(content: str) -> None:
    with pytest.raises(ValueError, match="post"):
        Post(content=content)


async def test_the_webhook_is_made_once_and_found_after_a_restart(scene: Scene) -> None:
    for _ in range(2):
        async with scene.linked() as link:
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
    assert len(scene.sim.webhooks(scene.channel)) == 1


async def test_a_refused_picture_does_not_cost_the_line(scene: Scene) -> None:
    async with scene.linked() as link:
        for url in ("https://", "no address", "https://x.example/" + "y" * 3000):
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=url)
    assert contents(scene) == ["hello"] * 3


async def test_nothing_is_in_doubt_while_the_webhook_is_only_looked_for(scene: Scene) -> None:
    scene.sim.faults.error(502, path="/webhooks$", times=2)
    async with scene.linked() as link:
        with pytest.raises(DiscordUnavailable) as failed:
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert not failed.value.outcome_unknown


async def test_somebody_elses_webhook_of_that_name_is_left_alone(scene: Scene) -> None:
    theirs = scene.sim.add_webhook(scene.channel, "Passerelle")
    async with scene.linked() as link:
        sent = await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
    assert sent.webhook != theirs.id


async def test_two_first_posts_make_one_webhook(scene: Scene) -> None:
    async with scene.linked() as link:
        await asyncio.gather(
            *(link.send_as(HELLO, scene.id, name=name, avatar_url=None) for name in ("Steve", "Alex"))
        )
    assert len(scene.sim.webhooks(scene.channel)) == 1
    assert [message.author.name for message in scene.sim.messages(scene.channel)] == ["Steve", "Alex"]


async def test_a_removed_webhook_is_made_again_and_the_post_arrives(scene: Scene) -> None:
    async with scene.linked() as link:
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        (hook,) = scene.sim.webhooks(scene.channel)
        scene.sim.remove_webhook(hook)
        again = await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert again.webhook != hook.id
    assert contents(scene) == ["hello", "hello"]


@pytest.mark.parametrize("name", ["clyde", "DISCORDIA", "here", "", "x" * 81])
async def test_a_refused_name_says_so_and_posts_nothing(scene: Scene, name: str) -> None:
    async with scene.linked() as link:
        with pytest.raises(NameRefused):
            await link.send_as(HELLO, scene.id, name=name, avatar_url=None)
        await link.send_as(HELLO, scene.id, name="Player", avatar_url=None)
    assert contents(scene) == ["hello"]


async def test_without_manage_webhooks_the_caller_is_told_to_post_as_the_bot(scene: Scene) -> None:
    scene.sim.deny(scene.channel, Permission.MANAGE_WEBHOOKS)
    async with scene.linked() as link:
        with pytest.raises(WebhooksForbidden, match="Manage Webhooks"):
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert not link.webhooks_usable(scene.id)
        asked = len(scene.requests("GET", "/webhooks"))
        with pytest.raises(WebhooksForbidden):
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert len(scene.requests("GET", "/webhooks")) == asked, "a refusal is not asked for again and again"
        await link.send(Post(content="**Steve** hello"), scene.id, nonce="1")
        scene.sim.allow(scene.channel, Permission.MANAGE_WEBHOOKS)
        link.reload(scene.settings())
        assert link.webhooks_usable(scene.id)
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)


async def test_switched_off_webhooks_are_never_asked_for(scene: Scene) -> None:
    async with scene.linked(webhooks=False) as link:
        assert not link.webhooks_usable(scene.id)
        with pytest.raises(WebhooksForbidden, match="switched off"):
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
    assert not scene.requests("GET", "/webhooks")


async def test_missing_permissions_are_named(scene: Scene) -> None:
    async with scene.linked() as link:
        scene.sim.deny(scene.channel, Permission.SEND_MESSAGES)
        with pytest.raises(Forbidden, match="Send Messages") as refused:
            await link.send(HELLO, scene.id, nonce="1")
        assert refused.value.permission == "Send Messages"
        scene.sim.deny(scene.channel, Permission.VIEW_CHANNEL)
        with pytest.raises(Forbidden, match="View Channel"):
            await link.send(HELLO, scene.id, nonce="1")


async def test_a_channel_that_does_not_exist_is_gone(scene: Scene) -> None:
    async with scene.linked() as link:
        nowhere = ChannelId("1" * 18)
        with pytest.raises(ChannelGone):
            await link.send(HELLO, nowhere, nonce="1")
        with pytest.raises(ChannelGone):
            await link.send_as(HELLO, nowhere, name="Steve", avatar_url=None)


@pytest.mark.parametrize("fault", ["error", "error_after", "drop", "drop_after", "hang"])
async def test_a_post_is_tried_once_and_its_outcome_is_unknown(scene: Scene, fault: str) -> None:
    """Never repeated by itself, whatever happens: a webhook cannot tell a repeat from a new line."""
    handled = fault.endswith("after")
    async with scene.linked() as link:
        await link.send_as(Post(content="first"), scene.id, name="Steve", avatar_url=None)
        getattr(scene.sim.faults, fault)(path=EXECUTE)
        before = len(scene.requests("POST", "", status=None))
        with pytest.raises(DiscordUnavailable) as failed:
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert failed.value.outcome_unknown
        assert len(scene.requests("POST", "")) == before + 1
        expected = [Expected(content="first", name="Steve"), Expected(content="hello", name="Steve")]
        found = await link.find_sent(scene.id, expected, after=None)
        assert [one is not None for one in found] == [True, handled]
    assert contents(scene) == (["first", "hello"] if handled else ["first"])


async def test_a_bot_post_with_a_lost_answer_is_safe_to_repeat(scene: Scene) -> None:
    async with scene.linked() as link:
        scene.sim.faults.drop_after(path="/messages$", method="POST")
        with pytest.raises(DiscordUnavailable):
            await link.send(HELLO, scene.id, nonce="1")
        await link.send(HELLO, scene.id, nonce="1")
    assert contents(scene) == ["hello"]


async def test_nothing_left_the_machine_while_discord_is_unreachable(scene: Scene) -> None:
    async with scene.linked() as link:
        await link.send(HELLO, scene.id, nonce="1")
        port = scene.sim.port
        await scene.sim.stop()
        with pytest.raises(DiscordUnavailable):  # this one may still find the old connection half open
            await link.send(HELLO, scene.id, nonce="2")
        with pytest.raises(DiscordUnavailable) as failed:
            await link.send(HELLO, scene.id, nonce="2")
        assert not failed.value.outcome_unknown
        await scene.sim.start(port)


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_429_says_how_long_and_the_next_post_waits_by_itself(scene: Scene, scope: str) -> None:
    async with scene.linked() as link:
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        scene.sim.faults.limited(0.2, path=EXECUTE, scope=scope)
        with pytest.raises(DiscordUnavailable) as limited:
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert (limited.value.retry_after_s, limited.value.outcome_unknown) == (0.2, False)
        loop = asyncio.get_running_loop()
        refused_at = loop.time()
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        assert loop.time() - refused_at >= 0.19
        assert link.usage.limited == 1


async def test_the_headers_keep_us_from_ever_meeting_a_429(scene: Scene) -> None:
    scene.sim.rates = RateLimits(webhook=Limit(3, 0.2), identify=None)
    async with scene.linked() as link:
        for number in range(10):
            await link.send_as(Post(content=str(number)), scene.id, name="Steve", avatar_url=None)
        assert link.usage.limited == 0
        assert link.usage.waited_s > 0.3
    assert contents(scene) == [str(number) for number in range(10)]


async def test_turn_waits_without_posting(scene: Scene) -> None:
    scene.sim.rates = RateLimits(webhook=Limit(1, 0.2), identify=None)
    async with scene.linked() as link:
        await link.turn(scene.id)
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        loop = asyncio.get_running_loop()
        posted_at = loop.time()
        await link.turn(scene.id)
        assert loop.time() - posted_at >= 0.15
    assert contents(scene) == ["hello"]


async def test_edits_and_deletions_of_our_own(scene: Scene) -> None:
    async with scene.linked() as link:
        hooked = await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        posted = await link.send(HELLO, scene.id, nonce="1")
        await link.edit(hooked, Post(content="hooked"))
        await link.edit(posted, Post(content="posted"))
        assert contents(scene) == ["hooked", "posted"]
        for sent in (hooked, posted):
            await link.delete(sent)
            with pytest.raises(MessageGone):
                await link.delete(sent)
            with pytest.raises(MessageGone):
                await link.edit(sent, HELLO)
    assert contents(scene) == []


async def test_a_webhook_message_can_be_edited_after_a_restart(scene: Scene) -> None:
    async with scene.linked() as link:
        sent = await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
    async with scene.linked() as link:
        await link.edit(sent, Post(content="changed"))
    assert contents(scene) == ["changed"]


async def test_find_sent_counts_each_message_once_and_only_ours(scene: Scene) -> None:
    async with scene.linked() as link:
        marker = await link.send(Post(content="before"), scene.id, nonce="0")
        await scene.sim.say(scene.channel, scene.member, "lol")
        sent = await link.send_as(Post(content="lol"), scene.id, name="Steve", avatar_url=None)
        twice = [Expected(content="lol", name="Steve")] * 2
        assert await link.find_sent(scene.id, twice, after=marker.message) == (sent, None)
        others = [Expected(content="lol", name="Alex"), Expected(content="lol")]
        assert await link.find_sent(scene.id, others, after=None) == (None, None)
        assert await link.find_sent(scene.id, twice, after=sent.message) == (None, None)


async def test_posts_reach_a_thread_through_its_parents_webhook(scene: Scene) -> None:
    thread = scene.sim.add_channel("side talk", parent=scene.channel, kind=scene.channel.kind.THREAD)
    async with scene.linked() as link:
        sent = await link.send_as(HELLO, ChannelId(thread.id), name="Steve", avatar_url=None)
        await link.edit(sent, Post(content="edited"))
    assert [message.content for message in scene.sim.messages(thread)] == ["edited"]


async def test_webhooks_work_before_the_first_session(scene: Scene) -> None:
    scene.sim.faults.refuse_connects = True
    scene.pauses.free.clear()
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: scene.pauses.asked)
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
    assert contents(scene) == ["hello"]


async def test_every_error_is_one_of_ours(scene: Scene) -> None:
    """Whatever status Discord answers, the caller gets a DiscordError."""
    async with scene.linked() as link:
        await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
        for status in (400, 403, 404, 405, 409, 413, 418, 500, 502, 503, 504, 520, 524):
            scene.sim.faults.error(status, path=EXECUTE)
            with pytest.raises(DiscordError) as failed:
                await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
            assert isinstance(failed.value, DiscordUnavailable) is (status >= 500)
        scene.sim.faults.error(413, path=EXECUTE)
        with pytest.raises(DiscordRefused):
            await link.send_as(HELLO, scene.id, name="Steve", avatar_url=None)
