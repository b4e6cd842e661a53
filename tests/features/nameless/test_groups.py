"""Discord roles become groups of the site: all of a player's, only when they change, never by mistake."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import DiscordSettings
from bridge.discord import DiscordLink
from bridge.features.contract import Parts
from bridge.features.nameless.answers import Integration as Link
from bridge.features.nameless.answers import SiteUser
from bridge.features.nameless.api import NamelessApi
from bridge.features.nameless.groups import MOST_AT_ONCE, GroupSync, groups_of, linked_accounts
from bridge.features.nameless.problems import NamelessError, Problem
from bridge.simulator.discord import Member, Role, SimDiscord
from bridge.simulator.nameless import FaultKind, Integration, SimNameless
from bridge.simulator.nameless import SiteUser as SimUser
from tests.features.nameless.conftest import SERVER

ROUTE = "minecraft/update-groups"


def uuid(number: int) -> str:
    return f"{number:032x}"


def minecraft(number: int, *, verified: bool = True) -> Integration:
    return Integration(name="Minecraft", identifier=uuid(number), username=f"P{number}", verified=verified)


def discord_account(id_: object, *, verified: bool = True) -> Integration:
    return Integration(name="Discord", identifier=str(id_), username="d", verified=verified)


@pytest.fixture
async def discord() -> AsyncIterator[SimDiscord]:
    async with SimDiscord() as discord:
        yield discord


@pytest.fixture
def vip(discord: SimDiscord) -> Role:
    return discord.add_role("VIP")


@pytest.fixture
def other(discord: SimDiscord) -> Role:
    return discord.add_role("Other")


@pytest.fixture
async def link(discord: SimDiscord, parts: Parts) -> AsyncIterator[DiscordLink]:
    settings = DiscordSettings.model_validate(
        {
            "token": discord.token,
            "guild": str(discord.guild_id),
            "channels": {"main": "123456789012345678"},
            "api-url": discord.api_url,
            "gateway-url": discord.gateway_url,
        }
    )
    link = DiscordLink(settings, parts.journal, channels=frozenset())
    yield link
    await link._rest.close()


@pytest.fixture
def sync(api: NamelessApi, link: DiscordLink, vip: Role) -> GroupSync:
    return GroupSync(api, link, site_id=SERVER, groups={str(vip.id): "vip"})


def join(sim_nameless: SimNameless, number: int, member: Member) -> SimUser:
    return sim_nameless.add_user(f"P{number}", minecraft(number), discord_account(member.id))


def told(sim_nameless: SimNameless) -> list[dict[str, list[str]]]:
    bodies = [one.body or {} for one in sim_nameless.asked(ROUTE)]
    return [{key: value["groups"] for key, value in body["player_groups"].items()} for body in bodies]


async def test_players_get_the_groups_of_their_roles(
    sync: GroupSync, sim_nameless: SimNameless, discord: SimDiscord, vip: Role, other: Role
) -> None:
    join(sim_nameless, 1, discord.add_member("Ana", roles=[vip, other]))
    join(sim_nameless, 2, discord.add_member("Ben", roles=[other]))
    await sync.once()
    assert told(sim_nameless) == [{uuid(1): ["vip"], uuid(2): []}]
    assert sim_nameless.ranks == {uuid(1): ("vip",), uuid(2): ()}


async def test_only_what_changed_is_told_again(api: NamelessApi, sim_nameless: SimNameless) -> None:
    roles = {"111111111111111111": frozenset({"1"}), "222222222222222222": frozenset[str]()}
    sync = GroupSync(api, Pretended(roles), site_id=SERVER, groups={"1": "vip"})
    for number, member in enumerate(roles, start=1):
        sim_nameless.add_user(f"P{number}", minecraft(number), discord_account(member))
    await sync.once()
    await sync.once()
    assert len(told(sim_nameless)) == 1
    roles["222222222222222222"] = frozenset({"1"})
    await sync.once()
    assert told(sim_nameless)[1:] == [{uuid(2): ["vip"]}]


async def test_who_left_the_guild_or_took_an_account_away_loses_the_groups(
    api: NamelessApi, sim_nameless: SimNameless
) -> None:
    roles = {f"{number}" * 18: frozenset({"1"}) for number in (1, 2, 3)}
    sync = GroupSync(api, Pretended(roles), site_id=SERVER, groups={"1": "vip"})
    for number, member in enumerate(list(roles), start=1):
        sim_nameless.add_user(f"P{number}", minecraft(number), discord_account(member))
    await sync.once()
    del roles["1" * 18]
    sim_nameless.users[2].integrations.pop()
    await sync.once()
    await sync.once()
    assert told(sim_nameless)[1:] == [{uuid(2): [], uuid(1): []}]
    assert sim_nameless.ranks == {uuid(1): (), uuid(2): (), uuid(3): ("vip",)}


async def test_accounts_that_are_not_proved_are_left_alone(
    sync: GroupSync, sim_nameless: SimNameless, discord: SimDiscord, vip: Role
) -> None:
    member = discord.add_member("Ana", roles=[vip])
    sim_nameless.add_user("a", minecraft(1, verified=False), discord_account(member.id))
    sim_nameless.add_user("b", minecraft(2), discord_account(member.id, verified=False))
    sim_nameless.add_user("c", discord_account(member.id))
    await sync.once()
    assert told(sim_nameless) == []


async def test_many_players_are_told_in_several_requests(api: NamelessApi, sim_nameless: SimNameless) -> None:
    roles = {f"{10**17 + number}": frozenset({"1"}) for number in range(MOST_AT_ONCE + 1)}
    for number, member in enumerate(roles, start=1):
        sim_nameless.add_user(f"P{number}", minecraft(number), discord_account(member))
    sync = GroupSync(api, Pretended(roles), site_id=SERVER, groups={"1": "vip"})
    await sync.once()
    assert [len(one) for one in told(sim_nameless)] == [MOST_AT_ONCE, 1]


async def test_nobody_loses_groups_because_discord_is_down(
    sync: GroupSync, sim_nameless: SimNameless, discord: SimDiscord, vip: Role
) -> None:
    join(sim_nameless, 1, discord.add_member("Ana", roles=[vip]))
    join(sim_nameless, 2, discord.add_member("Ben", roles=[vip]))
    discord.faults.error(503, times=9, path=f"members/{sim_nameless.users[2].integrations[1].identifier}")
    with pytest.raises(NamelessError) as caught:
        await sync.once()
    assert (caught.value.problem, caught.value.passing) == (Problem.DISCORD, True)
    assert told(sim_nameless) == [{uuid(1): ["vip"]}]
    discord.faults.clear()
    await sync.once()
    assert told(sim_nameless)[1:] == [{uuid(2): ["vip"]}]


async def test_what_the_site_did_not_take_is_told_again(
    sync: GroupSync, sim_nameless: SimNameless, discord: SimDiscord, vip: Role
) -> None:
    join(sim_nameless, 1, discord.add_member("Ana", roles=[vip]))
    sim_nameless.faults.add(FaultKind.ERROR, route=ROUTE)
    with pytest.raises(NamelessError):
        await sync.once()
    await sync.once()
    assert sim_nameless.ranks == {uuid(1): ("vip",)}


class Someone:
    """A member with roles that the test changes."""

    def __init__(self, roles: frozenset[str]) -> None:
        self.roles = roles


class Pretended:
    """A guild in memory: what the link remembers for a while can change here at once."""

    def __init__(self, roles: dict[str, frozenset[str]]) -> None:
        self._roles = roles

    async def member(self, member_id: str) -> Someone | None:
        found = self._roles.get(member_id)
        return None if found is None else Someone(found)


LINKS = st.lists(
    st.builds(
        Link,
        integration=st.sampled_from(["Minecraft", "Discord", "Steam"]),
        identifier=st.none() | st.text(max_size=40) | st.sampled_from([uuid(7), "1" * 18]),
        verified=st.booleans(),
    ),
    max_size=5,
)


@given(LINKS)
def test_whatever_is_linked_only_whole_pairs_count(links: list[Link]) -> None:
    pair = linked_accounts(SiteUser(id=1, integrations=tuple(links)))
    if pair is not None:
        assert len(pair[0]) == 32
        assert pair[1].isdecimal()


def test_groups_come_once_and_in_order() -> None:
    groups = {"1": "vip", "2": "builder", "3": "vip"}
    assert groups_of(frozenset({"1", "2", "3", "4"}), groups) == ("builder", "vip")
