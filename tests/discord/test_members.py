"""Who somebody is in the guild, as the bot is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bridge.discord import DiscordError, DiscordLink, DiscordUnavailable, GuildMember
from bridge.discord.members import BELIEVED_S, Members
from bridge.simulator.discord import Permission

if TYPE_CHECKING:
    from tests.discord.conftest import Scene


class Steps:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def members_of(link: DiscordLink, now: Steps) -> Members:
    return Members(link._rest, link._settings.guild, now=now)


async def test_a_member_is_told_with_name_picture_and_roles(scene: Scene) -> None:
    role = scene.sim.add_role("Moderator")
    mira = scene.sim.add_member("Mira V", nick="Mira", avatar="abc", roles=[role])
    async with scene.linked() as link:
        found = await link.member(mira.id)
    assert found == GuildMember(
        id=mira.id,
        name="Mira",
        avatar_url=f"https://cdn.discordapp.com/avatars/{mira.id}/abc.png?size=128",
        roles=frozenset({role.id}),
        administrator=False,
    )


async def test_owner_and_administrators_are_told_apart_from_others(scene: Scene) -> None:
    ruler = scene.sim.add_role("Ruler", permissions=Permission.ADMINISTRATOR)
    chief = scene.sim.add_member("Chief", roles=[ruler])
    async with scene.linked() as link:
        found = [await link.member(one.id) for one in (chief, scene.sim.world.owner, scene.member)]
    assert [one is not None and one.administrator for one in found] == [True, True, False]


@pytest.mark.parametrize("id_", ["1", "110373943822540800", "", "x", "../@me", "٣"])
async def test_who_is_not_in_the_guild_is_nobody(scene: Scene, id_: str) -> None:
    async with scene.linked() as link:
        assert await link.member(id_) is None


async def test_many_who_ask_at_once_make_one_request(scene: Scene) -> None:
    async with scene.linked() as link:
        found = await asyncio.gather(*(link.member(scene.member.id) for _ in range(20)))
        assert len(set(found)) == 1
        assert len(scene.requests("GET", f"/members/{scene.member.id}")) == 1


async def test_what_is_older_than_some_seconds_is_asked_again(scene: Scene) -> None:
    role = scene.sim.add_role("Moderator")
    odo = scene.sim.add_member("Odo", roles=[role])
    now = Steps()
    async with scene.linked() as link:
        members = members_of(link, now)
        await members.find(odo.id)
        scene.sim.world.change_member(odo, roles=())
        now.at += BELIEVED_S - 1
        before = await members.find(odo.id)
        now.at += 1
        after = await members.find(odo.id)
    assert (before and before.roles, after and after.roles) == (frozenset({role.id}), frozenset())


async def test_who_leaves_the_guild_is_nobody_soon(scene: Scene) -> None:
    now = Steps()
    async with scene.linked() as link:
        members = members_of(link, now)
        assert await members.find(scene.member.id) is not None
        scene.sim.world.remove_member(scene.member)
        now.at += BELIEVED_S
        assert await members.find(scene.member.id) is None


async def test_an_outage_is_told_and_nothing_is_remembered_of_it(scene: Scene) -> None:
    async with scene.linked() as link:
        scene.sim.faults.error(503, path="/members/")
        with pytest.raises(DiscordUnavailable):
            await link.member(scene.member.id)
        assert await link.member(scene.member.id) is not None


async def test_whoever_waits_gets_an_answer_when_the_one_who_asked_first_has_gone(scene: Scene) -> None:
    async with scene.linked() as link:
        scene.sim.faults.hang(path="/members/")
        first = asyncio.create_task(link.member(scene.member.id))
        await scene.sim.wait_for(lambda: scene.requests("GET", f"/members/{scene.member.id}"))
        second = asyncio.create_task(link.member(scene.member.id))
        await asyncio.sleep(0)
        first.cancel()
        assert await second is not None
        scene.sim.faults.clear()


async def test_a_guild_without_the_bot_is_told_with_what_to_do(scene: Scene) -> None:
    link = scene.link(guild="110373943822540800")
    with pytest.raises(DiscordError, match=r"discord\.guild"):
        await link.member(scene.member.id)
    await link._rest.close()
