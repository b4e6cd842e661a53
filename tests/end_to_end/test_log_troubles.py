"""The game's log misbehaves: what players said arrives once and in order, what nobody knows is counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from structlog.testing import capture_logs

from bridge.minecraft.log.source import LogSource, LogState
from tests.end_to_end.conftest import PLAYERS

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town

METRIC: Final = re.compile(
    r'^bridge_log_lines_total\{result="(\w+)",server="survival"\} (\S+)$', re.MULTILINE
)


def numbers(lines: list[str]) -> list[int]:
    """Return the numbers in the lines that have one."""
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


async def counted(running: Running) -> dict[str, int]:
    """Return how many lines of the log came to what, as a dashboard reads it."""
    status, metrics = await running.get("/metrics")
    assert status == 200
    return {result: int(float(count)) for result, count in METRIC.findall(metrics)}


def source_of(running: Running) -> LogSource:
    """Return what reads the log of the one server."""
    (server,) = running.house.parts.servers.values()
    assert isinstance(server.log, LogSource)
    return server.log


def raw(town: Town, line: bytes) -> None:
    """Write the bytes of one line as they are."""
    town.game.log.raw(line + b"\n")


def stamp() -> bytes:
    """Return the prefix of a chat line now."""
    return f"[{datetime.now(UTC):%H:%M:%S}] [Server thread/INFO]: ".encode()


async def test_lines_that_are_none_are_counted_and_hold_nothing_up(town: Town) -> None:
    async with town.bridge() as bridge:
        before = await counted(bridge)
        town.game.chat("Alix", "n0")
        raw(town, b"n1 what is this?")
        raw(town, b"")
        raw(town, b"\x00\x01\x02 n2 \xff\xfe\xfd")
        raw(town, b"[] []: <Alix> n3")
        raw(town, b"\tat net.minecraft.server.MinecraftServer.run(n4.java:12)")
        raw(town, b"[99:99:99] [Server thread/INFO]: <Alix> n5")
        raw(town, stamp() + b"Words n6 of a version that is not out yet")
        town.game.chat("Alix", "n7")
        assert numbers(await town.lines(2)) == [0, 7]
        after = await counted(bridge)
        assert after["continuations"] - before["continuations"] == 5
        assert after["unrecognised"] - before["unrecognised"] == 2
        assert after["events"] - before["events"] == 2


async def test_bytes_that_are_no_text_are_read_as_well_as_can_be(town: Town) -> None:
    async with town.bridge():
        raw(town, stamp() + b"<Alix> n0 caf\xe9")
        raw(town, stamp() + b"<Alix> n1 \xff\xfe\x81 \xf0\x9f\x92")
        raw(town, stamp() + "<Alix> n2 \ud800".encode(errors="surrogatepass"))
        raw(town, stamp() + b"<Alix> n3 a\x00b\x1b[31mc")
        town.game.chat("Alix", "n4")
        lines = await town.lines(5)
        assert numbers(lines) == list(range(5))
        assert (lines[0], lines[3]) == ("<Alix> n0 café", "<Alix> n3 abc")


async def test_a_layout_that_nobody_knows_tells_nothing_and_is_seen_in_the_metrics(town: Town) -> None:
    async with town.bridge() as bridge:
        before = await counted(bridge)
        for number in range(50):
            raw(town, f"{number} | INFO | chat >> Alix: n{number}".encode())
            raw(town, f"INFO[{number}] <Alix> n{number}".encode())
        town.game.chat("Boris", "known again")
        await town.post("known again")
        after = await counted(bridge)
        assert after["continuations"] - before["continuations"] == 100
        assert numbers(town.told()) == []


async def test_a_megabyte_without_a_line_end_is_left_out_and_told_once(town: Town) -> None:
    with capture_logs() as log:
        async with town.bridge():
            town.game.chat("Alix", "n0")
            town.game.log.raw(stamp() + b"<Alix> n1 " + b"x" * 1_000_000)
            await town.lines(1)
            town.game.log.raw(b"\n")
            town.game.chat("Alix", "n2")
            lines = await town.lines(2)
            assert numbers(lines) == [0, 2]
    assert [line["log_level"] for line in log if "too long" in line["event"]] == ["warning"]


async def test_half_a_line_waits_for_its_other_half(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "n0")
        town.game.log.raw(stamp() + b"<Alix> n1 first half,")
        await town.lines(1)
        town.game.log.raw(b" second half\n")
        lines = await town.lines(2)
        assert lines[1] == "<Alix> n1 first half, second half"


async def test_a_log_that_goes_away_and_comes_back_is_read_on(town: Town) -> None:
    async with town.bridge():
        for number in range(4):
            town.game.chat("Alix", f"n{2 * number}")
            await town.lines(2 * number + 1)
            town.game.log.delete()
            town.game.chat("Alix", f"n{2 * number + 1}")
            await town.lines(2 * number + 2)
        assert numbers(town.told()) == list(range(8))


async def test_a_log_that_is_gone_at_the_start_is_waited_for(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "n0")
        await town.lines(1)
    await town.game.crash()
    town.game.log.delete()
    with capture_logs() as log:
        async with town.bridge(wait_for_rcon=False) as bridge:
            assert source_of(bridge).state is LogState.WAITING
            await town.game.start()
            town.game.chat("Alix", "n1")
            await town.post("n1")
            assert numbers(town.told()) == [0, 1]
    told = [(line["log_level"], line["event"]) for line in log if line.get("source") == "log:survival"]
    assert ("info", "waiting for the log to appear") in told
    assert [level for level, event in told if "is gone" in event] == ["warning"]


async def test_rotations_while_players_talk_lose_and_repeat_nothing(town: Town) -> None:
    async with town.bridge():
        number = 0
        for turn in range(6):
            for _ in range(20):
                town.game.chat("Alix", f"n{number}")
                number += 1
            if turn % 2:
                await town.game.restart()  # stops, rolls the log, starts; everybody is back
            else:
                town.game.rotate()
            town.game.chat("Boris", f"n{number}")
            number += 1
        await town.post(f"n{number - 1}")
        assert numbers(town.told()) == list(range(number))


async def test_at_midnight_the_old_log_is_read_to_its_end_and_the_new_from_its_beginning(town: Town) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    clock = [midnight - timedelta(seconds=2)]
    night = await town.add_game("night", clock=lambda: clock[0])
    async with town.bridge(rooms={"main": {"servers": ["night"]}}, relay={"late-after": "48h"}):
        for number in range(100):
            if number == 50:
                clock[0] = midnight
            night.chat(PLAYERS[number % 3], f"n{number}")
        await town.post("n99")
        assert numbers(town.told()) == list(range(100))
    await night.log.packed()
    assert [path.suffix for path in night.log.folder.iterdir() if path != night.log.latest] == [".gz"]


async def test_what_was_said_over_two_rotations_while_the_bridge_was_down_arrives(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "n0")
        await town.lines(1)
    for number in range(1, 60):
        town.game.chat("Alix", f"n{number}")
        if number == 20:
            town.game.rotate()
            await town.game.log.packed()
        elif number == 40:
            await town.game.restart()
    async with town.bridge():
        await town.post("n59")
        town.game.chat("Alix", "n60")
        await town.post("n60")
        assert numbers(town.told()) == list(range(61))
