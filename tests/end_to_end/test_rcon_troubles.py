"""RCON fails in every way it can: no line is shown twice, what may be missing is counted, others arrive."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import text as sql
from structlog.testing import capture_logs

from bridge.minecraft import RconLink
from bridge.simulator.game.rcon import Drop, RconFaults
from tests.end_to_end.conftest import WITHIN_S

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Daemon, Running, Town

UNKNOWN: Final = "relay.game.outcome-unknown"
NEW_PASSWORD: Final = "another-password"


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the daemon keep its compiled modules, as it does for everybody: else each start takes seconds."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def shown(town: Town) -> list[int]:
    """Return the numbers of the lines that the players were shown."""
    lines = [line for received in town.game.received for line in received.plain.split("\n")]
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


async def counted(running: Running, name: str) -> int:
    """Return one of the bridge's counters."""
    async with running.house.parts.store.reading() as conn:
        rows = await conn.execute(sql("SELECT total FROM counters WHERE name = :name"), {"name": name})
        return int(rows.scalar_one_or_none() or 0)


def told(daemon: Daemon, words: str) -> list[dict[str, Any]]:
    """Return the lines of its log that hold *words*."""
    return [json.loads(line) for line in daemon.said().splitlines() if words in line]


def link_of(running: Running) -> RconLink:
    """Return the console of the one server."""
    (server,) = running.house.parts.servers.values()
    assert server.rcon is not None
    return server.rcon


async def test_a_console_that_refuses_at_the_start_gets_everything_when_it_comes(town: Town) -> None:
    await town.game.rcon.close()
    with capture_logs() as log:
        async with town.bridge(wait_for_rcon=False) as bridge:
            await town.until(lambda: "refused" in link_of(bridge).problem)
            assert (await bridge.get("/readyz"))[0] == 200  # a game server that is down is not our failure
            town.game.chat("Alix", "the other way works")
            await town.post("the other way works")
            for number in range(5):
                await town.say(f"n{number}")
            await town.game.rcon.listen()
            await town.seen("n4")
            assert shown(town) == list(range(5))
            assert await counted(bridge, UNKNOWN) == 0
    downs = [
        line for line in log if line.get("session") == "rcon:survival" and line["log_level"] == "warning"
    ]
    assert ["Connection refused" in line["problem"] for line in downs] == [True]


async def test_what_is_said_while_the_game_is_down_is_shown_when_it_is_up_again(town: Town) -> None:
    async with town.bridge() as bridge:
        await town.say("n0")
        await town.seen("n0")
        await town.game.crash()
        for number in range(1, 10):
            await town.say(f"n{number}")
        await town.game.start()
        await town.seen("n9")
        assert shown(town) == list(range(10))
        assert await counted(bridge, UNKNOWN) == 0


async def test_a_console_that_accepts_and_never_answers_is_left_and_tried_again(town: Town) -> None:
    town.game.rcon.faults.hang_connections = True
    async with town.bridge(wait_for_rcon=False) as bridge:
        await town.until(lambda: "no answer to the log-in" in link_of(bridge).problem)
        for number in range(5):
            await town.say(f"n{number}")
        town.game.rcon.faults.hang_connections = False
        await town.seen("n4")
        assert shown(town) == list(range(5))
        assert await counted(bridge, UNKNOWN) == 0


LOST: Final[dict[str, tuple[Callable[[RconFaults], None], list[int]]]] = {
    "no answer": (lambda faults: setattr(faults, "hang_commands", 1), [0, 2, 3]),
    "broken before it ran": (lambda faults: setattr(faults, "drop", Drop.BEFORE_RUN), [0, 2, 3]),
    "broken after it ran": (lambda faults: setattr(faults, "drop", Drop.AFTER_RUN), [0, 1, 2, 3]),
}


@pytest.mark.parametrize("fault", LOST)
async def test_a_line_whose_reply_is_lost_is_counted_and_never_sent_again(town: Town, fault: str) -> None:
    break_it, expected = LOST[fault]
    with capture_logs() as log:
        async with town.bridge() as bridge:
            await town.say("n0")
            await town.seen("n0")
            break_it(town.game.rcon.faults)
            await town.say("n1")
            await town.until(lambda: any("outcome unknown" in line["event"] for line in log))
            await town.say("n2")
            await town.say("n3")
            await town.seen("n3")
            assert shown(town) == expected
            assert await counted(bridge, UNKNOWN) == 1
            status, metrics = await bridge.get("/metrics")
            assert status == 200
            assert f'bridge_incidents_total{{kind="{UNKNOWN}"}} 1.0' in metrics
    told = [line for line in log if "outcome unknown" in line["event"]]
    assert [(line["log_level"], line["lines"]) for line in told] == [("warning", 1)]


async def test_a_console_that_hangs_up_after_every_command_loses_and_repeats_nothing(town: Town) -> None:
    town.game.rcon.faults.close_after = 1
    async with town.bridge() as bridge:
        for number in range(3):
            await town.say(f"n{number}")
            await town.seen(f"n{number}")
        assert shown(town) == list(range(3))
        assert await counted(bridge, UNKNOWN) == 0


async def test_a_reply_that_comes_in_pieces_is_read_whole(town: Town) -> None:
    names = [f"Player_{number:03}" for number in range(500)]  # more than 4096 characters
    for name in names:
        town.game.join(name)
    town.game.rcon.faults.reply_piece_bytes = 700
    async with town.bridge():
        await town.discord.wait_for(lambda: "list" in town.discord.commands, WITHIN_S)
        use = await town.discord.use_command(town.member, town.channel, "list")
        assert "503" in use.text
        await town.say("n0")
        await town.seen("n0")


@pytest.mark.timeout(90)  # a process starts
async def test_a_changed_password_is_told_clearly_and_a_reload_heals_it(town: Town) -> None:
    async with town.daemon() as daemon:
        await town.say("n0")
        await town.seen("n0")
        town.game.rcon.password = NEW_PASSWORD
        town.game.rcon.drop_all()
        await daemon.logged("the server does not accept the RCON password; compare it with server.properties")
        await town.say("n1")
        town.write(servers={"survival": {"rcon": {"password": NEW_PASSWORD}}})
        daemon.signal(signal.SIGHUP)
        await daemon.logged("settings taken")
        await town.say("n2")
        await town.seen("n2")
        assert shown(town) == [0, 1, 2]
        assert NEW_PASSWORD not in daemon.said()
        (taken,) = told(daemon, "settings taken")
        assert taken["keys"] == ["servers.survival.rcon.password"]
        refusals = told(daemon, "does not accept the RCON password")
        assert [line["level"] for line in refusals].count("warning") == 1
