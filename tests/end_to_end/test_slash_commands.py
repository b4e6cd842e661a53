"""``/list``, ``/status`` and ``/say`` as members use them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bridge.config.permissions import PERMISSIONS
from bridge.events import ServerId
from bridge.features.servers import State, state_of
from bridge.simulator.discord import Permission
from bridge.simulator.discord.values import NOBODY
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.samples import MinuteState, Sample, add_samples

if TYPE_CHECKING:
    from bridge.simulator.discord import Member
    from tests.end_to_end.conftest import Town


async def use(
    town: Town, name: str, *, member: Member | None = None, locale: str = "en-US", **options: str
) -> str:
    """Use a command and return what the member reads; nobody else sees it."""
    used = await town.discord.use_command(member or town.member, town.channel, name, options, locale=locale)
    assert used.ephemeral
    return used.text


async def ready(town: Town) -> None:
    """Return once Discord knows the commands."""
    await town.discord.wait_for(lambda: any(r.path.endswith("/commands") for r in town.discord.requests), 15)
    await town.quiet()


def without_times(told: str) -> str:
    """Return who plays without since when."""
    return re.sub(r" \(<t:\d+:R>( or earlier| ou avant)?\)", "", told)


async def test_list_names_who_plays_in_the_members_language(town: Town) -> None:
    async with town.bridge():
        await ready(town)
        named = without_times(await use(town, "list"))
        assert named == "**survival**, 3 of 20: Alix, Boris and Chloe"
        french = without_times(await use(town, "list", locale="fr"))
        assert french == "**survival**, 3 sur 20\u202f: Alix, Boris et Chloe"
        for name in list(town.game.online):
            town.game.leave(name)
        assert await use(town, "list") == "Nobody is playing on **survival** right now."


async def test_list_asks_one_server_or_all(town: Town) -> None:
    await town.add_game("creative")
    async with town.bridge(servers={"creative": {"title": "The workshop"}}):
        await ready(town)
        assert [line.split(",")[0] for line in (await use(town, "list")).split("\n")] == [
            "**survival**",
            "**The workshop**",
        ]
        assert (await use(town, "list", server="creative")).startswith("**The workshop**, 3 of 20")


async def test_without_a_console_list_tells_what_the_log_knows(town: Town) -> None:
    async with town.bridge(servers={"survival": {"rcon": None, "status": None}}):
        await town.discord.wait_for(lambda: town.discord.requests, 15)
        town.game.leave("Boris")
        await town.post("Boris")
        assert without_times(await use(town, "list")) == "**survival**: Alix and Chloe"


async def test_status_tells_version_and_players(town: Town) -> None:
    async with town.bridge() as bridge:
        await ready(town)
        status = bridge.house.parts.servers
        await town.until(lambda: all(server.status and server.status.up for server in status.values()))
        told = await use(town, "status")
        assert told.startswith("**survival** is up, 3 of 20 playing, version ")
        assert (await use(town, "status", locale="fr")).startswith("**survival** est ")


async def test_list_tells_since_when_somebody_is_on(town: Town) -> None:
    async with town.bridge():
        await ready(town)
        town.game.join("Dora")
        await town.post("Dora")
        began = datetime.now(UTC).timestamp()
        told = ""
        while not (since := re.search(r"Dora \(<t:(\d+):R>\)", told)):
            told = await use(town, "list")
        assert abs(int(since[1]) - began) < 60


async def test_status_and_uptime_tell_how_the_last_days_were(town: Town) -> None:
    now = datetime.now(UTC)
    minute = int(now.timestamp()) // 60
    up = [Sample(minute - back, MinuteState.UP, online=back % 7) for back in range(60, 600)]
    down = [Sample(minute - back, MinuteState.DOWN) for back in range(600, 660)]
    async with town.bridge(servers={"survival": {"restarts": ["04:00"]}}) as bridge:
        await ready(town)
        store = bridge.house.parts.store
        async with store.transaction() as tx:
            number = await number_of_server(tx, ServerId("survival"))
            await add_samples(tx, number, [*up, *down], zone=ZoneInfo("UTC"))
        town.game.system_line("Starting minecraft server version 26.3")
        town.game.system_line('Done (1.234s)! For help, type "help"')
        told = ""
        while "Started <t:" not in told:
            told = await use(town, "status")
        assert "Next planned restart: <t:" in told
        assert re.search(r"Players in the last 24 hours: [▁-█·]{24} \(at most 6\)", told)
        head, *lines = (await use(town, "uptime")).split("\n")
        assert head == "**survival**"
        assert [line.split(":")[0] for line in lines] == [
            "Last 24 hours", "Last 7 days", "Last 30 days", "Last 90 days",
        ]  # fmt: skip
        assert all(re.search(r"\*\*(90|90\.\d+|89\.9\d*) %\*\* up", line) for line in lines), lines
        french = await use(town, "uptime", locale="fr")
        assert re.search(r"\*\*(90|90,\d+|89,9\d*)\u202f%\*\* en ligne", french)


async def test_uptime_says_where_nothing_is_known(town: Town) -> None:
    async with town.bridge(servers={"survival": {"status": None}}):
        await ready(town)
        assert "not known yet" in await use(town, "uptime")


async def test_a_silent_server_is_told(town: Town) -> None:
    changed: dict[str, Any] = {"status": {"down-after": 1, "timeout": "1s"}}
    async with town.bridge(servers={"survival": changed}) as bridge:
        await ready(town)
        server = next(iter(bridge.house.parts.servers.values()))
        await town.until(lambda: server.status is not None and server.status.up)
        await town.game.crash()
        await town.until(lambda: state_of(server, now=datetime.now(UTC)) is State.DOWN)
        for command in ("list", "status"):
            told = await use(town, command)
            assert told == "**survival** does not answer right now. Please try again in a minute."


async def test_say_needs_a_role_or_the_rights_of_an_administrator(town: Town) -> None:
    staff = town.discord.add_role("Staff")
    bosses = town.discord.add_role("Bosses", permissions=Permission.ADMINISTRATOR)
    helper = town.discord.add_member("Helper", roles=[staff])
    owner = town.discord.add_member("Owner", roles=[bosses])
    async with town.bridge(discord={"say-roles": [str(staff.id)]}):
        await ready(town)
        refused = "This command is for people who run the community."
        assert await use(town, "say", text="let me in") == refused
        assert await use(town, "say", member=helper, text="restart at ten") == "Said on **survival**."
        assert await use(town, "say", member=owner, text="I am the owner") == "Said on **survival**."
        await town.seen("I am the owner")
        shown = [line.plain for line in town.game.received]
        assert [line for line in shown if "let me in" in line] == []
        assert len([line for line in shown if "restart at ten" in line]) == 1


async def test_what_is_said_with_say_reaches_the_rooms_other_ends(town: Town) -> None:
    staff = town.discord.add_role("Staff")
    helper = town.discord.add_member("Helper", roles=[staff])
    async with town.bridge(discord={"say-roles": [str(staff.id)]}) as bridge, bridge.page() as page:
        await ready(town)
        await use(town, "say", member=helper, text="**restart** at ten @everyone §c")
        post = await town.post("restart")
        assert post.pinged == NOBODY
        assert "restart" in await page.line("at ten")
        seen = await town.seen("restart")
        assert "§" not in seen.plain


async def test_say_tells_when_the_server_cannot_be_reached(town: Town) -> None:
    bosses = town.discord.add_role("Bosses", permissions=Permission.ADMINISTRATOR)
    owner = town.discord.add_member("Owner", roles=[bosses])
    async with town.bridge() as bridge:
        await ready(town)
        server = next(iter(bridge.house.parts.servers.values()))
        await town.game.crash()
        await town.until(lambda: server.rcon is not None and not server.rcon.up.is_set())
        told = await use(town, "say", member=owner, text="is anybody there?")
        assert told == "**survival** does not answer right now. Please try again in a minute."


async def test_every_page_and_command_is_in_the_permission_table_and_nothing_else(town: Town) -> None:
    """Of a bridge that other programs may tell something, too: else those pages are not there."""
    rule = {"post": {"channel": "main", "text": "x"}}
    async with town.bridge(hooks={"in": {"shop": {"secret": "0123456789abcdef", "then": [rule]}}}) as bridge:
        await ready(town)
        site = bridge.house.parts.site
        assert site is not None
        commands = {f"/{command}" for command in town.discord.commands}
        assert site.routes | commands == PERMISSIONS.keys()


@pytest.mark.parametrize("locale", ["en-US", "fr"])
async def test_no_command_lets_its_options_do_harm(town: Town, locale: str) -> None:
    async with town.bridge():
        await ready(town)
        used = await town.discord.use_command(
            town.member, town.channel, "status", {"server": "survival"}, locale=locale
        )
        assert "survival" in used.text
        with pytest.raises(ValueError, match="server"):
            await town.discord.use_command(town.member, town.channel, "list", {"server": "@everyone"})
