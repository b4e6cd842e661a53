"""A day in the log of a busy server, for the benchmarks: one third of the lines are events."""

from __future__ import annotations

import random

DAY_LINES = 240_000
"""Different lines that are read again and again, as days of one server."""
NAMES = tuple(f"{first}{second}" for first in ("Mira", "Noah", "Lena", "Olga") for second in range(12))
SERVER = "[{at}] [Server thread/INFO]: "
WARNING = "[{at}] [Server thread/WARN]: "
EVENTS = (
    ("[{at}] [Async Chat Thread - #{digit}/INFO]: <{name}> has anybody seen my horse? it was brown {n}", 40),
    (SERVER + "[Not Secure] <{name}> on my way {n}", 14),
    (SERVER + "* {name} waves at {other}", 3),
    (SERVER + "[Server] restart in {n} minutes", 2),
    (SERVER + "{name} issued server command: /home base{n}", 14),
    (SERVER + "{name} was slain by Zombie", 3),
    (SERVER + "{name} was shot by Skeleton using [Bow of {other}]", 1),
    (SERVER + "{name} fell from a high place", 2),
    (SERVER + "{name} has made the advancement [Stone Age]", 3),
    (WARNING + "Can't keep up! Is the server overloaded? Running {n}ms or 40 ticks behind", 2),
)
STAY = (
    "[{at}] [User Authenticator #{digit}/INFO]: UUID of player {name} is 11111111-2222-4333-8444-{n:012d}",
    SERVER + "{name}[/203.0.113.5:{n}] logged in with entity id {n} at ([world]{n}.5, 64.0, -8.3)",
    SERVER + "{name} joined the game",
    SERVER + "{name} lost connection: Disconnected",
    SERVER + "{name} left the game",
)
NOISE = (
    "[{at}] [Worker-Main-{digit}/INFO]: Preparing spawn area: {digit}%",
    WARNING + "{name} moved too quickly! {n}.0,0.0,-3.1",
    "[{at}] [Server thread/ERROR]: Could not pass event PlayerMoveEvent to Gates v2.1",
    "\tat java.base/java.lang.Thread.run(Thread.java:{n})",
    "java.lang.IllegalStateException: chunk {n} is not loaded",
    SERVER + "[Plots] Loaded {n} areas in {digit} ms for {name}",
    SERVER + "[{name}: Set the time to {n}]",
    SERVER + "Saving chunks for level 'ServerLevel[world]'/minecraft:overworld",
    SERVER + "There are {digit} of a max of 20 players online: {name}, {other}",
    SERVER + "Named entity Zombie['Bob'/{n}, l='ServerLevel[world]', x=1.0] died: Bob was slain by {name}",
    "[{at}] [Craft Scheduler Thread - {digit} - Maps/INFO]: [Maps] rendered {n} tiles",
    "[{at}] [RCON Listener #1/INFO]: Thread RCON Client /127.0.0.1 started",
    SERVER + "[Shop] " + "a long line of a plugin that lists everything it knows; " * 12,
)


def day() -> list[str]:
    """One day's lines: two thirds noise, one third chat, commands, deaths, advancements, joins and leaves."""
    dice = random.Random(1)
    events = [template for template, weight in EVENTS for _ in range(weight)]
    lines: list[str] = []
    while len(lines) < DAY_LINES:
        second = len(lines) * 86_400 // DAY_LINES
        fill = {
            "at": f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}",
            "name": dice.choice(NAMES),
            "other": dice.choice(NAMES),
            "digit": dice.randrange(10),
            "n": dice.randrange(10_000),
        }
        told = STAY if dice.random() < 0.05 else (dice.choice(events),)
        for template in told:
            lines += [template.format(**fill), *(each.format(**fill) for each in dice.choices(NOISE, k=2))]
    return lines[:DAY_LINES]
