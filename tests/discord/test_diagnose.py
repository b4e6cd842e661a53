"""What doctor finds out about Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.discord.diagnose import Finding, Level, Uses, diagnose
from bridge.locales import Catalogue
from bridge.simulator.discord import ChannelKind, Intent, Permission

if TYPE_CHECKING:
    from tests.discord.conftest import Scene


def short(findings: list[Finding]) -> list[tuple[str, str]]:
    for finding in findings:
        for language in ("en", "fr"):
            words = Catalogue.load(language).plain(finding.key, **finding.values)
            assert "{" not in words, words
            assert words != finding.key
    return [(finding.level.value, finding.key.removeprefix("doctor.discord.")) for finding in findings]


async def test_all_is_well(scene: Scene) -> None:
    assert short(await diagnose(scene.settings())) == [
        ("ok", "token"),
        ("ok", "clock"),
        ("ok", "intent"),
        ("ok", "guild"),
        ("ok", "channel"),
    ]


async def test_a_dead_token(scene: Scene) -> None:
    scene.sim.core.token = None
    assert short(await diagnose(scene.settings())) == [("fail", "token-refused")]


async def test_discord_unreachable(scene: Scene) -> None:
    settings = scene.settings()
    await scene.sim.stop()
    (finding,) = await diagnose(settings)
    assert short([finding]) == [("fail", "unreachable")]
    await scene.sim.start(scene.sim.port)


async def test_the_intent_is_missing(scene: Scene) -> None:
    scene.sim.core.granted = Intent(0)
    assert ("fail", "no-intent") in short(await diagnose(scene.settings()))


async def test_the_bot_is_not_in_the_guild(scene: Scene) -> None:
    findings = await diagnose(scene.settings(guild="1" * 18))
    assert short(findings)[-1] == ("fail", "no-guild")
    assert scene.sim.bot.id in str(findings[-1].values["url"])


async def test_a_channel_that_does_not_exist(scene: Scene) -> None:
    assert short(await diagnose(scene.settings(channels={"chat": "1" * 18})))[-1] == ("fail", "no-channel")


async def test_missing_permissions_are_found_one_by_one(scene: Scene) -> None:
    scene.sim.deny(
        scene.channel,
        Permission.SEND_MESSAGES | Permission.READ_MESSAGE_HISTORY | Permission.MANAGE_WEBHOOKS,
    )
    assert short(await diagnose(scene.settings()))[4:] == [
        ("fail", "no-send-messages"),
        ("warn", "no-history"),
        ("warn", "no-webhooks"),
    ]
    assert short(await diagnose(scene.settings(webhooks=False)))[4:] == [
        ("fail", "no-send-messages"),
        ("warn", "no-history"),
    ]
    scene.sim.deny(scene.channel, Permission.VIEW_CHANNEL)
    assert short(await diagnose(scene.settings()))[4:] == [("fail", "no-view-channel")]


async def test_a_channel_is_asked_for_what_it_is_for(scene: Scene) -> None:
    scene.sim.deny(
        scene.channel,
        Permission.EMBED_LINKS
        | Permission.ATTACH_FILES
        | Permission.MANAGE_CHANNELS
        | Permission.MANAGE_WEBHOOKS
        | Permission.READ_MESSAGE_HISTORY,
    )
    chat = frozenset({"chat"})
    board = [("fail", "no-history-board"), ("fail", "no-embeds"), ("fail", "no-files")]
    sign, talk = ("fail", "no-manage-channels"), [("warn", "no-history"), ("warn", "no-webhooks")]
    for uses, missing in (
        (Uses(boards=chat), board),
        (Uses(signs=chat), [sign]),
        (Uses(rooms=chat), talk),
        (Uses(boards=chat, signs=chat, rooms=chat), [talk[0], *board, sign, talk[1]]),
    ):
        assert short(await diagnose(scene.settings(), uses))[4:] == missing


async def test_an_administrator_may_everything(scene: Scene) -> None:
    scene.sim.grant(Permission.ADMINISTRATOR)
    assert short(await diagnose(scene.settings()))[-1] == ("ok", "channel")


async def test_a_thread_has_its_parents_permissions(scene: Scene) -> None:
    thread = scene.sim.add_channel("side talk", kind=ChannelKind.THREAD, parent=scene.channel)
    settings = scene.settings(channels={"chat": thread.id})
    assert short(await diagnose(settings))[-1] == ("ok", "channel")
    scene.sim.deny(scene.channel, Permission.SEND_MESSAGES_IN_THREADS)
    assert short(await diagnose(settings))[-1] == ("fail", "no-send-messages")


def test_levels_are_three() -> None:
    assert [level.value for level in Level] == ["ok", "warn", "fail"]
