"""The session with the gateway: first connect, dropped session, dead token; each its own way."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.discord import DiscordLink, DiscordUnavailable, LinkStatus, Post, Timing, TokenRefused
from bridge.simulator.discord import Intent

if TYPE_CHECKING:
    from tests.discord.conftest import Scene


async def works(link: DiscordLink) -> None:
    await asyncio.wait_for(link.ready.wait(), 5)
    assert link.state.status is LinkStatus.READY


async def test_off_before_and_after(scene: Scene) -> None:
    link = scene.link()
    assert link.state.status is LinkStatus.OFF
    async with scene.running(link):
        await works(link)
    assert link.state.status is LinkStatus.OFF
    assert not link.ready.is_set()


async def test_a_failed_first_connect_is_tried_again(scene: Scene) -> None:
    """The library itself dies when its first connect fails."""
    scene.sim.faults.refuse_connects = True
    scene.pauses.free.clear()
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: scene.pauses.asked)
        assert link.state.reason == "the gateway answered with status 503"
        assert link.state.status is LinkStatus.CONNECTING
        scene.sim.faults.refuse_connects = False
        scene.pauses.free.set()
        await works(link)
    assert 2.5 <= scene.pauses.asked[0] <= 5.0


async def test_login_while_rest_is_down_is_tried_again(scene: Scene) -> None:
    port = scene.sim.port
    await scene.sim.stop()
    scene.pauses.free.clear()
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: scene.pauses.asked)
        assert link.state.status is LinkStatus.CONNECTING
        await scene.sim.start(port)
        scene.pauses.free.set()
        await works(link)


async def test_pauses_grow_while_it_fails(scene: Scene) -> None:
    scene.sim.faults.refuse_connects = True
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: len(scene.pauses.asked) >= 8)
    assert all(wait_s <= 300 for wait_s in scene.pauses.asked)
    assert scene.pauses.asked[7] >= 150


async def test_a_drop_is_lost_then_resumed(scene: Scene) -> None:
    async with scene.linked() as link:
        scene.sim.faults.refuse_connects = True
        scene.sim.gateway.drop(4000)
        await scene.until(lambda: link.state.status is LinkStatus.LOST)
        assert not link.ready.is_set()
        scene.sim.faults.refuse_connects = False
        await works(link)


async def test_reconnect_on_request_resumes(scene: Scene) -> None:
    async with scene.linked() as link:
        (session,) = scene.sim.gateway.online
        scene.sim.gateway.ask_to_reconnect()
        await scene.until(lambda: session.resumed)
        await works(link)
    assert scene.sim.gateway.identified == 1


async def test_a_server_that_always_hangs_up_is_not_hammered(scene: Scene) -> None:
    """The library resumes at once, as often as it is dropped."""
    async with scene.linked() as link:
        scene.pauses.free.clear()

        async def drop_all() -> None:
            while not scene.pauses.asked:
                scene.sim.gateway.drop(4000)
                await asyncio.sleep(0)

        await asyncio.wait_for(drop_all(), 5)
        assert link.state.status is LinkStatus.LOST
        scene.pauses.free.set()
        await works(link)


@pytest.mark.parametrize("drops", [0, 1, 2, 3])
async def test_wherever_a_session_ends_no_heartbeat_goes_on(scene: Scene, drops: int) -> None:
    """The library forgets the thread of a connection that ends while it is being resumed."""
    async with scene.linked() as link:
        await works(link)
        for _ in range(drops):
            scene.sim.gateway.drop(4000, abruptly=True)
            await scene.until(lambda: link.state.status is LinkStatus.LOST)
            await scene.until(lambda: scene.sim.gateway.connections)
    await scene.until(lambda: not [each for each in threading.enumerate() if "keep-alive" in each.name])


async def test_a_gateway_that_says_nothing_is_given_up(scene: Scene) -> None:
    scene.sim.faults.hang(path="/users/@me")
    link = scene.link(timing=Timing(connect_s=0.1, guild_s=0.02))
    async with scene.running(link):
        await scene.until(lambda: link.state.reason == "Discord did not answer in time")
        await works(link)


async def test_a_token_revoked_while_running_is_told_and_the_rest_goes_on(scene: Scene) -> None:
    scene.pauses.free.clear()
    with capture_logs() as logs:
        async with scene.linked() as link:
            await link.send_as(Post(content="before"), scene.id, name="Steve", avatar_url=None)
            scene.sim.revoke_token()
            await scene.until(lambda: link.state.status is LinkStatus.REFUSED)
            assert "reset it in the developer portal" in link.state.reason
            # A webhook needs no bot token: lines from the game still arrive.
            await link.send_as(Post(content="after"), scene.id, name="Steve", avatar_url=None)
            before = len(scene.sim.requests)
            with pytest.raises(TokenRefused):
                await link.send(Post(content="no"), scene.id, nonce="1")
            assert len(scene.sim.requests) == before, "the dead token was sent to Discord again"
    assert [entry["log_level"] for entry in logs if "does not let the bot in" in entry["event"]] == ["error"]
    assert [m.content for m in scene.sim.messages(scene.channel)] == ["before", "after"]
    assert 300.0 in scene.pauses.asked


async def test_a_new_token_on_reload_works_at_once(scene: Scene) -> None:
    scene.pauses.free.clear()
    async with scene.linked() as link:
        scene.sim.revoke_token()
        await scene.until(lambda: link.state.status is LinkStatus.REFUSED)
        scene.sim.core.token = "another.token"
        link.reload(scene.settings(token=SecretStr("another.token")))
        await works(link)


async def test_a_reload_while_all_is_well_changes_what_it_may_and_keeps_the_session(scene: Scene) -> None:
    bot = scene.sim.add_member("Dice", bot=True)
    async with scene.linked() as link:
        link.reload(scene.settings(relay_bots=True, webhooks=False))
        await scene.sim.say(scene.channel, bot, "six")
        assert await scene.said(1) == ["six"]
        assert not link.webhooks_usable(scene.id)
        assert link.ready.is_set()
    assert scene.sim.gateway.identified == 1


async def test_a_401_over_rest_ends_the_session_too(scene: Scene) -> None:
    scene.pauses.free.clear()
    async with scene.linked() as link:
        scene.sim.core.token = "another.token"
        with pytest.raises(TokenRefused):
            await link.send(Post(content="no"), scene.id, nonce="1")
        await scene.until(lambda: link.state.status is LinkStatus.REFUSED)
        assert not scene.sim.gateway.online


async def test_missing_intents_are_told_with_the_way_out(scene: Scene) -> None:
    scene.sim.core.granted = Intent(0)
    scene.pauses.free.clear()
    link = scene.link()
    async with scene.running(link):
        await scene.until(lambda: link.state.status is LinkStatus.REFUSED)
        assert "Message Content Intent" in link.state.reason


async def test_a_wrong_guild_is_told(scene: Scene) -> None:
    with capture_logs() as logs:
        async with scene.linked(guild="1" * 18):
            pass
    assert any("not in the guild" in entry["event"] for entry in logs)


async def test_stopping_closes_the_session_in_good_order(scene: Scene) -> None:
    async with scene.linked():
        pass
    await scene.until(lambda: not scene.sim.gateway.online)


async def test_nothing_secret_is_logged(scene: Scene) -> None:
    with capture_logs() as logs:
        async with scene.linked() as link:
            await link.send_as(Post(content="hello"), scene.id, name="Steve", avatar_url=None)
            scene.sim.faults.drop(path="/webhooks/")
            with pytest.raises(DiscordUnavailable) as failed:
                await link.send_as(Post(content="hello"), scene.id, name="Steve", avatar_url=None)
    (hook,) = scene.sim.webhooks(scene.channel)
    text = repr(logs) + repr(failed.value) + repr(link)
    assert hook.token not in text
    assert scene.sim.token not in text
