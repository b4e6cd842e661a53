"""A NamelessMC site, the game and Discord in one house: who plays, who may what, what is announced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bridge.features.nameless import Nameless
from bridge.simulator.nameless import Integration, SimNameless, SiteAnnouncement, SiteServer
from tests.end_to_end.conftest import PLAYERS, WITHIN_S

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town

SURVIVAL = 4  # the site's number of the server


def nameless_of(bridge: Running) -> Nameless:
    (found,) = [feature for feature in bridge.house.features if isinstance(feature, Nameless)]
    return found


async def test_the_site_the_game_and_discord_keep_in_step(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.features.nameless.news.EVERY_S", 0.05)
    builder = town.discord.add_role("Builder")
    member = town.discord.add_member("Alix", roles=[builder])
    async with SimNameless() as site:
        site.servers[SURVIVAL], site.group_server = SiteServer(id=SURVIVAL), SURVIVAL
        uuid = town.game.online["Alix"].uuid.replace("-", "")
        site.add_user(
            "Alix",
            Integration(name="Minecraft", identifier=uuid, username="Alix"),
            Integration(name="Discord", identifier=str(member.id), username="alix"),
        )
        settings = {
            "url": site.url,
            "api-key": site.key,
            "allow-private": True,
            "servers": {"survival": SURVIVAL},
            "group-server": "survival",
            "groups": {str(builder.id): "builder"},
            "announcements": "main",
            "announce-on": ["survival"],
        }
        async with town.bridge(nameless=settings, privacy={"hidden-players": ["Chloe"]}) as bridge:
            await site.wait_for(lambda: site.ranks, WITHIN_S)
            assert site.ranks == {uuid: ("builder",)}
            await site.wait_for(lambda: site.asked("announcements"), WITHIN_S)
            site.announcements = [
                SiteAnnouncement(id=7, header="Raid", message="<p>Tonight at <b>nine</b></p>")
            ]
            post = await town.post("Raid")
            assert post.content == "📣 **Raid**\nTonight at **nine**"
            await town.seen("Raid Tonight at nine")
            for name in PLAYERS:  # whose UUID the log tells when they come in
                town.game.leave(name)
                town.game.join(name)
            told = site.servers[SURVIVAL]
            async with asyncio.timeout(WITHIN_S):
                while {one["name"] for one in told.players.values()} != {*PLAYERS} - {"Chloe"}:
                    await nameless_of(bridge)._jobs[0]._once()  # not only every ten seconds
            assert told.groups == ("builder",)
            assert [state.problem for state in nameless_of(bridge).state()] == [None, None, None]
        assert len([post for post in town.posts() if "Raid" in post.content]) == 1


async def test_a_site_that_is_down_leaves_the_bridge_alone(town: Town) -> None:
    async with SimNameless() as site:
        settings = {"url": site.url, "api-key": site.key, "allow-private": True, "announcements": "main"}
        await site.stop()
        async with town.bridge(nameless=settings) as bridge:
            await town.until(lambda: nameless_of(bridge).state()[0].problem)
            await town.quiet()
