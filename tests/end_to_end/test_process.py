"""The process: how it stops, takes changed settings, shares its folder with nobody and keeps its secrets."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from bridge.cli.out import ExitCode
from bridge.minecraft.status import StatusSource
from bridge.simulator.discord import FaultKind
from tests.end_to_end.conftest import PLAYERS, STOPS_WITHIN_S, WITHIN_S, Daemon, RoomPage

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

PASSWORD: Final = "Zauberlehrling-42"
WRONG: Final = "Besen-43"
TOKEN: Final = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


def numbers(lines: list[str]) -> list[int]:
    """Return the numbers in the lines that have one."""
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


def shown(town: Town) -> list[int]:
    """Return the numbers of the lines that the players were shown."""
    return numbers([line for received in town.game.received for line in received.plain.split("\n")])


def logged(daemon: Daemon, words: str) -> list[dict[str, Any]]:
    """Return the lines of its log that hold *words*."""
    return [json.loads(line) for line in daemon.said().splitlines() if words in line]


async def test_stopping_takes_less_than_five_seconds_and_loses_nothing(town: Town) -> None:
    async with town.daemon(as_owners_do=True) as daemon:
        for number in range(50):
            town.game.chat(PLAYERS[number % 3], f"n{number}")
        await town.lines(1)
        assert await daemon.stop() < STOPS_WITHIN_S
        assert daemon.running.returncode == ExitCode.OK
        assert not logged(daemon, "did not stop in time")
        assert not logged(daemon, "Traceback")
        for number in range(50, 100):
            town.game.chat(PLAYERS[number % 3], f"n{number}")
        await daemon.start()
        await town.post("n99")
    assert numbers(town.told()) == list(range(100))


async def test_it_stops_while_discord_and_the_console_hang_and_loses_nothing(town: Town) -> None:
    async with town.daemon() as daemon:
        town.game.chat("Alix", "n0")
        await town.say("n0")
        await town.seen("n0")
        await town.lines(1)
        town.discord.faults.start_outage(FaultKind.HANG)
        town.game.rcon.faults.hang_commands = 1
        for number in range(1, 20):
            town.game.chat(PLAYERS[number % 3], f"n{number}")
        await town.say("n1")
        await town.until(lambda: not town.game.rcon.faults.hang_commands)
        async with aiohttp.ClientSession() as session:  # it has read the log: its website shows the lines
            room = RoomPage(session, f"http://127.0.0.1:{town.website_port}/rooms/main")
            while "n19" not in await room.text():
                pass
        assert await daemon.stop() < STOPS_WITHIN_S
        assert daemon.running.returncode == ExitCode.OK
        assert not logged(daemon, "did not stop in time")
        assert not logged(daemon, "Traceback")
        town.discord.faults.end_outage()
        await town.say("n2")
        await daemon.start()
        await town.post("n19")
        await town.seen("n2")
        await daemon.stop()
    assert numbers(town.told()) == list(range(20))
    assert shown(town) == [0, 2]
    (unknown,) = logged(daemon, "outcome unknown")
    assert unknown["lines"] == 1


async def test_it_stops_while_it_starts(town: Town) -> None:
    async with town.daemon(ready=False, logging={"level": "info"}) as daemon:
        await daemon.logged("the bridge is up")
        assert await daemon.stop() < STOPS_WITHIN_S
        assert daemon.running.returncode == ExitCode.OK


async def test_a_look_at_the_status_port_ends_whenever_it_is_cancelled(town: Town) -> None:
    """Or the bridge would wait for it until its time to stop is over."""
    async with town.bridge() as bridge:
        (server,) = bridge.house.parts.servers.values()
        assert server.status is not None
        await server.status.checked()
        settings = server.settings.status
        assert settings is not None
        for steps in range(60):  # of the loop; an answer takes some fifty
            source = StatusSource(server.id, settings, bridge.house.parts.journal)
            looking = asyncio.create_task(source.run())
            for _ in range(steps):
                await asyncio.sleep(0)
            looking.cancel()
            _, left = await asyncio.wait({looking}, timeout=WITHIN_S)
            looking.cancel()
            assert not left, f"cancelled after {steps} steps, it went on"


async def test_changed_settings_are_taken_and_what_needs_a_restart_is_named(town: Town) -> None:
    async with town.daemon(logging={"level": "info"}) as daemon:
        town.write(
            notices={"join": {"template": "Look who is here: {player}"}},
            website={"port": 1},
            logging={"level": "debug"},
        )
        daemon.signal(signal.SIGHUP)
        await daemon.logged("settings taken")
        (taken,) = logged(daemon, '"settings taken"')
        assert set(taken["keys"]) == {"notices.join.template", "logging.level"}
        (waits,) = logged(daemon, "need a restart")
        assert (waits["level"], waits["keys"]) == ("warning", ["website.port"])
        town.game.join("Dora")
        await town.post("Look who is here: Dora")
        await town.quiet()
        assert logged(daemon, '"level":"debug"')
        await daemon.ready()  # on the port that it had


async def test_settings_with_mistakes_change_nothing_and_are_told(town: Town) -> None:
    async with town.daemon(logging={"level": "info"}) as daemon:
        good = town.config.read_text()
        town.config.write_text(good.replace("relay:", "relay:\n  laet-after: 1s") + "notices: [1]\n")
        daemon.signal(signal.SIGHUP)
        await daemon.logged("settings not taken")
        await town.quiet()
        problems = [line["problem"] for line in logged(daemon, "settings not taken")]
        assert any("late-after" in problem and "laet-after" in problem for problem in problems), problems
        assert not logged(daemon, '"settings taken"')
        town.config.unlink()
        daemon.signal(signal.SIGHUP)
        await daemon.logged("there is no such file")
        await town.quiet()
        town.config.write_text(good.replace("500ms", "600ms"))
        daemon.signal(signal.SIGHUP)
        await daemon.logged("settings taken")
        assert logged(daemon, '"settings taken"')[0]["keys"] == ["relay.bundle-window"]


async def test_a_second_bridge_on_the_same_folder_is_refused_and_the_first_goes_on(town: Town) -> None:
    async with town.daemon(logging={"level": "info"}) as daemon:
        second = Daemon(town)
        second.log = town.folder / "second.log"
        await second.start()
        async with asyncio.timeout(2 * WITHIN_S):
            assert await second.running.wait() == ExitCode.UNAVAILABLE
        (refusal,) = logged(second, "database cannot be used")
        assert "another bridge uses this folder" in refusal["problem"]
        assert str(daemon.running.pid) in refusal["problem"]
        await town.quiet()


async def test_no_secret_is_ever_in_its_log(town: Town) -> None:
    """At the level debug, through failures, changed settings and an end with a mistake in them."""
    town.discord.token = town.discord.core.token = TOKEN
    town.game.rcon.password = PASSWORD
    async with town.daemon() as daemon:
        await town.quiet()
        town.discord.faults.error(500, times=2)
        town.discord.faults.drop(times=2)
        town.game.rcon.drop_all()
        await town.quiet()
        town.write(servers={"survival": {"rcon": {"password": WRONG}}})
        daemon.signal(signal.SIGHUP)
        await daemon.logged("does not accept the RCON password")
        town.discord.revoke_token()
        await daemon.logged("does not accept the bot token")
        town.write(discord={"guild": "no snowflake"}, servers={"survival": {"rcon": {"port": "x"}}})
        daemon.signal(signal.SIGHUP)
        await daemon.logged("settings not taken")
        await daemon.stop()
        await daemon.start()
        assert await daemon.running.wait() == ExitCode.SETTINGS
        (hook,) = town.discord.webhooks(town.channel)
        said = daemon.said()
        assert '"level":"debug"' in said
        assert [secret for secret in (TOKEN, PASSWORD, WRONG, hook.token) if secret in said] == []
