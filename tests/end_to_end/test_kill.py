"""``kill -9`` at any moment: what was said arrives once and in order, and what nobody can know is counted."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterable
from datetime import UTC, datetime
from itertools import groupby
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from bridge.simulator.discord import Permission
from bridge.store.engine import FILE_NAME
from tests.end_to_end.conftest import PLAYERS, WITHIN_S, Daemon, until

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

EXECUTE: Final = r"^/webhooks/\d+/[^/]+$"
SEED: Final = 20260814
KILLS: Final = 10
LINES: Final = 20_000  # of the log; every third is chat
PORTION: Final = 900  # lines written at once, before or while the bridge is killed
RUNS_S: Final = 60.0  # how long a step may take that waits for several starts on a busy machine
QUIET: Final = {"level": "info"}  # debug lines hold every row of every statement: too many here


def numbers(lines: Iterable[str]) -> list[int]:
    """Return the numbers in the lines that have one."""
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


def counted(town: Town, name: str) -> int:
    """Return one of the bridge's counters, from its database."""
    with contextlib.closing(sqlite3.connect(town.folder / "data" / FILE_NAME)) as database:
        row = database.execute("SELECT total FROM counters WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def told(town: Town) -> int:
    """Return how many lines the bridge has written to the channel, counted quickly."""
    return sum(post.content.count("\n") + 1 for post in town.posts())


def shown(town: Town) -> list[int]:
    """Return the numbers of the lines that the players were shown."""
    return numbers(line for received in town.game.received for line in received.plain.split("\n"))


@contextlib.asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Let something happen beside the block; at its end, wait for it and raise its error if it had one."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def chat_on_discord(town: Town, count: int) -> None:
    """Say things on Discord, never far ahead of what has been shown."""
    for number in range(count):
        await town.say(f"n{number}")
        await until(lambda: max(shown(town), default=0) >= number - 150, within_s=RUNS_S)  # noqa: B023 - same


class Killer:
    """Lets players talk and kills the bridge in all kinds of moments; the same ones for the same seed."""

    def __init__(self, town: Town, daemon: Daemon) -> None:
        self._town, self._daemon = town, daemon
        self._random = Random(SEED)  # noqa: S311 - which moments, no secret
        self._started_at = 0  # where the log of the last start begins
        self.lines = 0  # written to the game's log
        self.said = 0  # of them chat

    def write(self, lines: int) -> None:
        """Write chat and twice as much noise to the game's log, all at once."""
        text = ""
        for number in range(self.lines, self.lines + lines):
            at = f"[{datetime.now(UTC):%H:%M:%S}]"
            if number % 3:
                text += f"{at} [Worker-Main-1/INFO]: Saving chunks for level {number}\n"
            else:
                text += f"{at} [Server thread/INFO]: <{PLAYERS[self.said % 3]}> n{self.said}\n"
                self.said += 1
        self.lines += lines
        self._town.game.log.raw(text.encode())

    async def told(self, lines: int) -> None:
        """Return once so many lines have been told."""
        await self._town.discord.wait_for(lambda: told(self._town) >= lines, RUNS_S)

    async def strike(self, number: int) -> None:
        """Let players talk, kill in the *number*-th way, and start again."""
        ways = (
            self.somewhere,
            self.while_it_reads,
            self.before_the_message,
            self.after_the_message,
            self.while_it_starts,
        )
        before = self.said
        self.write(PORTION)
        way = ways[number % len(ways)]
        if way != self.while_it_starts:
            await self.told(self._random.randrange(before, self.said))
        await way()
        await self.again()

    async def again(self) -> None:
        """Kill at once and start again."""
        await self._daemon.kill()
        self._started_at = self._daemon.log.stat().st_size
        await self._daemon.start()

    async def somewhere(self) -> None:
        """Wait a moment."""
        for _ in range(self._random.randrange(3000)):
            await asyncio.sleep(0)

    async def while_it_reads(self) -> None:
        """Wait a shorter moment after more has been said."""
        self.write(PORTION)
        for _ in range(self._random.randrange(1000)):
            await asyncio.sleep(0)

    async def before_the_message(self) -> None:
        """Wait until Discord has read a request and does nothing about it."""
        self._town.discord.faults.hang(path=EXECUTE)
        await self._met()

    async def after_the_message(self) -> None:
        """Wait until a message is there and its answer was lost."""
        self._town.discord.faults.drop_after(path=EXECUTE)
        await self._met()

    async def while_it_starts(self) -> None:
        """Wait until it has said something, or is known to Discord."""
        if self._random.random() < 0.5:
            await until(lambda: self._daemon.log.stat().st_size > self._started_at, what="it said nothing")
        else:
            await self._town.discord.wait_online(WITHIN_S)

    async def _met(self) -> None:
        self.write(PORTION)
        faults = self._town.discord.faults
        await until(lambda: not faults.script, within_s=RUNS_S, what="no message was sent")


@pytest.mark.timeout(180)  # ten starts and more, on a machine that may be busy
async def test_killed_ten_times_in_a_run_every_line_arrives_once_and_in_order(town: Town) -> None:
    async with town.daemon(logging=QUIET) as daemon:
        killer = Killer(town, daemon)
        for number in range(KILLS):
            await killer.strike(number)
        killer.write(max(0, LINES - killer.lines))
        await killer.told(killer.said)
        await daemon.stop()
    assert numbers(town.told()) == list(range(killer.said))
    assert counted(town, "relay.discord.possible-repeats") == 0


@pytest.mark.timeout(120)  # several starts
async def test_where_the_history_may_not_be_read_each_kill_repeats_one_message_at_most(town: Town) -> None:
    async with town.daemon(logging=QUIET) as daemon:
        killer = Killer(town, daemon)
        killer.write(300)
        await killer.told(killer.said)
        town.discord.deny(town.channel, Permission.READ_MESSAGE_HISTORY)
        for _ in range(2):
            await killer.after_the_message()
            await killer.again()
        await town.post(f"n{killer.said - 1}")
        await daemon.stop()
        repeats = counted(town, "relay.discord.possible-repeats")
        assert daemon.said().count("it may be there twice") == repeats
    contents = [post.content for post in town.posts()]
    once = [content for content, _ in groupby(contents)]
    assert numbers("\n".join(once).split("\n")) == list(range(killer.said))
    assert len(contents) - len(once) == repeats == 2


@pytest.mark.parametrize("said_before", [0, 1050])
async def test_the_first_message_of_all_is_not_sent_again_unseen(town: Town, said_before: int) -> None:
    """It is found among what was said since; where too much was said to look through, that is counted."""
    async with town.bridge(wait_for_rcon=False):
        for _ in range(said_before):
            await town.say("before")
        town.discord.faults.drop_after(path=EXECUTE)
        town.game.chat("Alix", "n0")
        await town.post("n0")
    for _ in range(150):
        await town.say("since")
    async with town.bridge():
        town.game.chat("Alix", "n1")
        await town.post("n1")
    repeats = 1 if said_before else 0
    assert numbers(town.told()) == [0] * repeats + [0, 1]
    assert counted(town, "relay.discord.possible-repeats") == repeats


@pytest.mark.timeout(120)  # several starts
async def test_killed_while_lines_flow_into_the_game_none_is_shown_twice(town: Town) -> None:
    async with town.daemon(logging=QUIET) as daemon, beside(chat_on_discord(town, 600)):
        killer = Killer(town, daemon)
        for moment in (100, 350):
            await until(lambda: max(shown(town), default=0) >= moment, within_s=RUNS_S)  # noqa: B023 - awaited at once
            await killer.somewhere()
            await killer.again()
        await until(lambda: 599 in shown(town), within_s=RUNS_S, what="the last line is not there")
        await daemon.stop()
    seen = shown(town)
    assert seen == sorted(set(seen))
    assert 600 - len(seen) <= counted(town, "relay.game.outcome-unknown")


@pytest.mark.timeout(120)  # several starts
async def test_what_was_under_way_into_the_game_at_a_kill_is_counted_exactly(town: Town) -> None:
    faults = town.game.rcon.faults
    async with town.daemon(logging=QUIET) as daemon:
        killer = Killer(town, daemon)
        await town.say("n0")
        await town.seen("n0")
        faults.hang_commands = 1
        await town.say("n1")
        await until(lambda: not faults.hang_commands, what="no command arrived")
        await killer.again()  # the game has not shown it
        await town.say("n2")
        await town.seen("n2")
        faults.delay_s = 0.9  # the bridge waits for one second
        await town.say("n3")
        await town.seen("n3")
        await killer.again()  # the game has shown it
        faults.delay_s = 0.0
        await town.say("n4")
        await town.seen("n4")
        await daemon.stop()
        assert daemon.said().count("outcome unknown: these lines are not sent again") == 2
    assert shown(town) == [0, 2, 3, 4]
    assert counted(town, "relay.game.outcome-unknown") == 2
