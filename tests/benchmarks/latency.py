"""How long a line is on its way, in both directions, through the bridge as a process of its own.

Run: ``python tests/benchmarks/latency.py [--seconds N] [--rate N] [--channels N] [--limits off|discord]``.

- ``to_discord``: from before the game writes the line into its log until the webhook's request is at Discord.
- ``to_game``: from before a member's message is posted until the console has its ``tellraw``.

Both ends are in this process (see ``support.py``), so that one clock stamps them; the way between them is
real: file, inotify, HTTP, web socket, RCON. One direction is measured after the other. Lines come at an
even rate, each at a random moment of its slot. ``cpu_ms`` is what the bridge worked for one line, which
other work on the machine disturbs less than the times.

By default the pretend Discord keeps no limits: into one channel it takes 2.5 webhook calls a second, so ten
lines a second would measure how long Discord lets a line wait, not what the bridge adds to it. What Discord
adds is known (0 to 2 seconds, and the lines that wait travel together: ``flood.py``). With ``--channels 5
--limits discord`` the same ten lines a second go from five servers into five channels within the limits
that communities have observed. That is more work, as a line wakes the readers of every server and channel.

The exit code tells whether every line arrived. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, cast

from support import DISCORDS_LIMITS, Community, Figures, bridge, community, cpu_s, in_utc, paced, tell, until

from bridge.simulator.discord import UNLIMITED

PLAYERS: Final = ("Alix", "Boris_", "Chloe", "Dagny42", "Elio")
WARM_UP: Final = 20  # lines in each direction that are not counted: the first one makes the webhook
WARM_UP_PER_S: Final = 40.0
ARRIVE_WITHIN_S: Final = 20.0
NUMBER: Final = re.compile(r"line (\d+)")

WAYS: Final = ("to_discord", "to_game")

Stamps = dict[int, float]
"""When each line was where, by its number."""


async def to_discord(town: Community, first: int, count: int, per_s: float) -> tuple[Stamps, Stamps]:
    """Let players chat; return when their lines were written and when they came to Discord."""
    written: Stamps = {}
    dice = random.Random(first)
    async for number in paced(count, per_s, dice):
        line = first + number
        game = town.games[number % len(town.games)]
        written[line] = time.monotonic()
        game.chat(dice.choice(PLAYERS), f"line {line} of a talk about horses, who has seen one lately?")
    await until(lambda: at_discord(town).keys() >= written.keys(), within_s=ARRIVE_WITHIN_S)
    return written, at_discord(town)


def at_discord(town: Community) -> Stamps:
    """When each line first came to Discord in a request that was taken."""
    stamps: Stamps = {}
    for request in town.discord.requests:
        if request.method == "POST" and request.path.startswith("/webhooks/") and request.status == 200:
            content = str(cast("dict[str, Any]", request.body)["content"])
            for found in NUMBER.findall(content):
                stamps.setdefault(int(found), request.arrived_s)
    return stamps


async def to_game(town: Community, first: int, count: int, per_s: float) -> tuple[Stamps, Stamps]:
    """Let a member write; return when the messages were posted and when the consoles showed them."""
    posted: Stamps = {}
    dice = random.Random(first)
    async for number in paced(count, per_s, dice):
        line = first + number
        channel = town.channels[number % len(town.channels)]
        posted[line] = time.monotonic()
        await town.discord.say(channel, town.member, f"line {line}: I have seen **two** by the river")
    await until(lambda: at_game(town).keys() >= posted.keys(), within_s=ARRIVE_WITHIN_S)
    return posted, at_game(town)


def at_game(town: Community) -> Stamps:
    """When each line first came to a console."""
    stamps: Stamps = {}
    for game in town.games:
        for received in game.received:
            for found in NUMBER.findall(received.plain):
                stamps.setdefault(int(found), received.at_s)
    return stamps


def figures_of(way: str, begun: Stamps, arrived: Stamps) -> Figures:
    """Return the figures of one direction."""
    taken_ms = sorted((arrived[line] - at_s) * 1e3 for line, at_s in begun.items() if line in arrived)
    figures: Figures = {f"{way}_lines": len(begun), f"{way}_arrived": len(taken_ms)}
    if taken_ms:
        figures |= {
            f"{way}_ms_median": round(taken_ms[len(taken_ms) // 2], 1),
            f"{way}_ms_p99": round(taken_ms[len(taken_ms) * 99 // 100], 1),
            f"{way}_ms_most": round(taken_ms[-1], 1),
        }
    return figures


async def measure(folder: Path, options: argparse.Namespace) -> Figures:
    """Run the bridge, warm it up, and measure one direction after the other."""
    rates = UNLIMITED if options.limits == "off" else DISCORDS_LIMITS
    count = max(1, round(options.seconds * options.rate))
    figures: Figures = {"load_before": round(os.getloadavg()[0], 2)}
    async with (
        community(
            folder, servers=options.channels, channels=options.channels, rates=rates, players=PLAYERS
        ) as town,
        bridge(town) as process,
    ):
        for way, run in zip(WAYS, (to_discord, to_game), strict=True):
            await run(town, 0, WARM_UP, WARM_UP_PER_S)
            used_s = cpu_s(process)
            figures |= figures_of(way, *await run(town, WARM_UP, count, options.rate))
            figures[f"{way}_cpu_ms"] = round((cpu_s(process) - used_s) * 1e3 / count, 2)
    return figures


def main() -> int:
    """Print the figures; the exit code tells whether every line arrived."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0, help="in each direction")
    options.add_argument("--rate", type=float, default=10.0, help="lines a second")
    options.add_argument("--channels", type=int, default=1, help="so many servers, each with its own channel")
    options.add_argument("--limits", choices=("off", "discord"), default="off")
    in_utc()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), options.parse_args()))
    tell("latency", figures)
    return 0 if all(figures[f"{way}_lines"] == figures[f"{way}_arrived"] for way in WAYS) else 1


if __name__ == "__main__":
    sys.exit(main())
