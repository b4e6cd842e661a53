"""A flood of chat into one channel, within Discord's limits: all of it, in order, once, and how soon.

Run: ``python tests/benchmarks/flood.py [--lines N] [--seconds N]``.

Forty players say 5,000 lines in 10 seconds. The pretend Discord keeps the limits that communities have
observed: five webhook calls in two seconds, 2,000 characters a message.

``necessary_s`` is what no bridge could go below:

- ``characters``: every line as it reads in a message that many share, ``**name**: text`` and a line break,
  without the backslashes that markdown needs. A message under a player's own name would save the name, but
  hold only that player's lines until somebody else speaks, which here is nearly always the next line.
- ``messages_necessary`` = characters / 2000, rounded up, as if lines could be cut anywhere.
- The first five calls go at once, and every further five two seconds later: call number n cannot be made
  before 2 s * ((n - 1) // 5).
- And no line can be sent before it is written.

``necessary_s`` is the later of the two; that the first messages find hardly any lines to carry, and that
lines are not cut, is for the bridge to make good. ``taken_s`` ends with Discord's answer to the last call,
and ``share`` is one by the other: the goal is 1.3. The exit code tells whether every line arrived, once and
in order, without an answer 429. The last line is one JSON object.
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
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from support import DISCORDS_LIMITS, Community, Figures, bridge, community, in_utc, paced, tell, until

PLAYERS: Final = tuple(
    f"{name}_{number}" for name in ("Alix", "Bo", "Chloe", "TheRealDagny") for number in range(10)
)
WORDS: Final = [
    "ok",
    "yes",
    "no",
    "lol",
    "wait",
    "where",
    "the",
    "a",
    "my",
    "at",
    "to",
    "over",
    "there",
    "horse",
    "diamonds",
    "found",
    "need",
    "help",
    "anyone",
    "creeper",
    "portal",
    "nether",
    "base",
    "river",
    "village",
    "please",
    "thanks",
    "who",
    "took",
    "it",
    "again",
    "tonight",
    "build",
    "bring",
    "and",
    "have",
]
MESSAGE_CHARACTERS: Final = 2000
CALLS, PER_S = 5, 2.0
GIVE_UP_AFTER: Final = 3.0  # times the necessary time
NUMBER: Final = re.compile(r"#(\d+)$")

Said = tuple[str, str]
"""Who, and what."""


def talk(count: int) -> list[Said]:
    """Lines as people write them: half of them below 35 characters, a few as long as the game allows."""
    dice = random.Random(5)
    lines = []
    for number in range(count):
        length, text = min(dice.lognormvariate(3.4, 0.6), 240.0), dice.choice(WORDS)
        while len(text) < length:
            text += " " + dice.choice(WORDS)
        lines.append((dice.choice(PLAYERS), f"{text} #{number}"))
    return lines


def necessary_s(characters: int, written_s: float) -> float:
    """Return how long Discord's limits make the delivery last, at least; see above."""
    calls = -(-characters // MESSAGE_CHARACTERS)
    return max(written_s, PER_S * ((calls - 1) // CALLS))


async def write(town: Community, lines: Sequence[Said], seconds: float) -> float:
    """Let the players say the lines, and return how long that took."""
    begun_s = time.monotonic()
    async for number in paced(len(lines), len(lines) / seconds, random.Random(1)):
        town.games[0].chat(*lines[number])
    return time.monotonic() - begun_s


def told(town: Community) -> list[Said]:
    """The lines in the channel, in order, each with the name that it or its message carries."""
    lines = []
    for message in town.discord.messages(town.channels[0]):
        for line in message.content.replace("\\", "").split("\n"):
            name, found, text = line.removeprefix("**").partition("**: ")
            lines.append((name, text) if found else (message.author.name, line))
    return [line for line in lines if NUMBER.search(line[1])]


async def measure(folder: Path, count: int, seconds: float) -> Figures:
    """Run the bridge through one flood and return the figures."""
    lines = talk(count)
    characters = sum(len(f"**{name}**: {text}\n") for name, text in lines)
    load = round(os.getloadavg()[0], 2)
    rates = DISCORDS_LIMITS
    async with (
        community(folder, servers=1, channels=1, rates=rates, players=PLAYERS[:3]) as town,
        bridge(town),
    ):
        before = len(town.discord.requests)
        begun_s = time.monotonic()
        written_s = await write(town, lines, seconds)
        least_s = necessary_s(characters, written_s)
        await until(lambda: len(told(town)) >= count, within_s=GIVE_UP_AFTER * least_s + 10.0)
        await asyncio.sleep(PER_S)  # what comes twice comes now
        calls = [
            one
            for one in list(town.discord.requests)[before:]
            if one.method == "POST" and "/webhooks/" in one.path
        ]
        arrived = told(town)
    taken_s = max((one.answered_s or 0.0 for one in calls), default=begun_s) - begun_s
    return {
        "load_before": load,
        "lines": count,
        "characters": characters,
        "arrived": len(set(arrived) & set(lines)),
        "twice": len(arrived) - len(set(arrived)),
        "in_order": int(arrived == lines),
        "messages": len([one for one in calls if one.status == 200]),
        "messages_necessary": -(-characters // MESSAGE_CHARACTERS),
        "answers_429": len([one for one in calls if one.status == 429]),
        "written_s": round(written_s, 2),
        "necessary_s": round(least_s, 2),
        "taken_s": round(taken_s, 2),
        "share": round(taken_s / least_s, 3),
    }


def main() -> int:
    """Print the figures; the exit code tells whether every line arrived once, in order, and none too soon."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--lines", type=int, default=5000)
    options.add_argument("--seconds", type=float, default=10.0, help="in which they are written")
    chosen = options.parse_args()
    in_utc()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), chosen.lines, chosen.seconds))
    tell("flood", figures)
    return 0 if figures["in_order"] and not figures["answers_429"] else 1


if __name__ == "__main__":
    sys.exit(main())
