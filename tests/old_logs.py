"""Years of logs of a pretend server, with the truth beside them: what its files tell, and how they are named.

A day begins a file at midnight, and so does each start. The server crashes now and then and writes nothing of
it; players come, talk, die and go, and some stay over midnight. Each line is one of those that servers write.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

NAMES: Final = tuple(f"{first}{number}" for first in ("Mira", "Noah", "Lena", "Olga") for number in range(40))
MOST_ONLINE: Final = 30
NOISE: Final = (
    "[{at}] [Worker-Main-2/INFO]: Preparing spawn area: {n}%",
    "[{at}] [Server thread/WARN]: Mira1 moved too quickly! {n}.0,0.0,-3.1",
    "[{at}] [Server thread/ERROR]: Could not pass event PlayerMoveEvent to Gates v2.1",
    "\tat java.base/java.lang.Thread.run(Thread.java:{n})",
    "[{at}] [Server thread/INFO]: [Plots] Loaded {n} areas in 4 ms for Noah7",
    "[{at}] [Server thread/INFO]: Saving chunks for level 'ServerLevel[world]'/minecraft:overworld",
    "[{at}] [RCON Listener #1/INFO]: Thread RCON Client /127.0.0.1 started",
    "[{at}] [Craft Scheduler Thread - 3 - Maps/INFO]: [Maps] rendered {n} tiles of a map with a long name",
)
SERVER: Final = "[{at}] [Server thread/INFO]: "


def uuid_of(name: str) -> str:
    """Return the UUID of a player of ours."""
    return f"11111111-2222-4333-8444-{NAMES.index(name):012d}"


@dataclass
class OldServer:
    """Writes files into a folder as a server does, from a day on; what it did is in :attr:`told`."""

    folder: Path
    begun: date
    lines_a_day: int = 400
    seed: int = 1
    crashes: bool = True
    told: Counter[str] = field(default_factory=Counter)
    files: list[Path] = field(default_factory=list)
    lines: int = 0
    online: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._dice = random.Random(self.seed)  # noqa: S311 - a pretend server's luck
        self._waiting: list[str] = []
        self._now = datetime.combine(self.begun, time(8))
        self._number = 0

    def live(self, days: int) -> None:
        """Let so many days pass."""
        self._start()
        for _ in range(days):
            self._day()
        self._roll()

    def _day(self) -> None:
        begun = self._now
        midnight = datetime.combine(begun.date() + timedelta(days=1), time())
        count = max(1, self.lines_a_day // 6)  # each thing takes some lines
        step = (midnight - begun) / (count + 1)
        restart_at = self._dice.randrange(count) if self._dice.random() < 0.5 else -1
        for number in range(count):
            self._now = begun + step * (number + 1)
            if number == restart_at:
                self._restart()
            self._something()
        self._roll()
        self._now, self._number = midnight, 0

    def _restart(self) -> None:
        if not (self.crashes and self._dice.random() < 0.3):
            self._write(SERVER + "Stopping the server", SERVER + "Stopping server", told="server.stopping")
            for name in sorted(self.online):
                self._leave(name, "Server closed")
        self.online.clear()
        self._roll()
        self._now += timedelta(seconds=30)
        self._start()

    def _start(self) -> None:
        self._write("[{at}] [main/INFO]: Building unoptimized datafixer")
        self._write(SERVER + "Starting minecraft server version 1.21.4", told="server.starting")
        self._write(SERVER + 'Done (4.2s)! For help, type "help"', told="server.started")

    def _something(self) -> None:
        dice = self._dice.random()
        if (dice < 0.12 and len(self.online) < MOST_ONLINE) or not self.online:
            self._join()
        elif dice < 0.22:
            self._leave(self._dice.choice(sorted(self.online)), "Disconnected")
        else:
            name = self._dice.choice(sorted(self.online))
            if dice < 0.85:
                self._write(
                    SERVER + f"<{name}> has anybody seen my horse? it was brown {{n}}", told="chat.said"
                )
            elif dice < 0.95:
                self._write(SERVER + f"{name} was slain by Zombie", told="player.died")
            else:
                self._write(SERVER + f"{name} has made the advancement [Stone Age]", told="player.advanced")
        self._write(*self._dice.choices(NOISE, k=4))

    def _join(self) -> None:
        away = sorted(set(NAMES) - self.online)
        name = self._dice.choice(away)
        self.online.add(name)
        login = "[{at}] [User Authenticator #1/INFO]: "
        self._write(login + f"UUID of player {name} is {uuid_of(name)}", told="player.identified")
        where = "logged in with entity id {n} at (1.0, 64.0, 1.0)"
        self._write(SERVER + f"{name}[/203.0.113.5:50000] {where}", told="player.joined")
        self._write(SERVER + f"{name} joined the game")

    def _leave(self, name: str, why: str) -> None:
        self.online.discard(name)
        self._write(SERVER + f"{name} lost connection: {why}", told="player.left")
        self._write(SERVER + f"{name} left the game")

    def _write(self, *templates: str, told: str = "") -> None:
        at = f"{self._now:%H:%M:%S}"
        self._waiting += [each.format(at=at, n=self._dice.randrange(100_000)) for each in templates]
        if told:
            self.told[told] += 1

    def _roll(self) -> None:
        """End the file, as a start and midnight do."""
        if not self._waiting:
            return
        self._number += 1
        path = self.folder / f"{self._now:%Y-%m-%d}-{self._number}.log.gz"
        with gzip.open(path, "wb", compresslevel=6) as file:
            file.write(("\n".join(self._waiting) + "\n").encode())
        self.files.append(path)
        self.lines += len(self._waiting)
        self._waiting.clear()
