"""What the benchmarks of the whole bridge share: a community on loopback, and the bridge as its own process.

The pretend game servers and the pretend Discord live in the benchmark's process, which stamps what arrives
there itself: a third process would share the machine's cores with the bridge, and asking it for its stamps
would be work in the middle of what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import yaml

from bridge.simulator.discord import Channel, Member, RateLimits, SimDiscord
from bridge.simulator.game import SimGame
from bridge.store import migrate_here
from bridge.store.engine import FILE_NAME

Figures = dict[str, float | int]

READY_WITHIN_S: Final = 60.0  # the first start compiles every module
STOPS_WITHIN_S: Final = 10.0
DISCORDS_LIMITS: Final = RateLimits(identify=None)  # or the library waits five seconds before it connects

DEVELOPERS_OWN: Final = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONDEVMODE", "PYTHONPROFILEIMPORTTIME"})
"""Variables that would make every start compile the bridge, or the bridge another one than an owner's."""


@dataclass(frozen=True, kw_only=True)
class Community:
    """Game servers, a guild and a settings file in *folder*; each channel is a room with some servers."""

    folder: Path
    games: tuple[SimGame, ...]
    discord: SimDiscord
    channels: tuple[Channel, ...]
    member: Member
    website_port: int

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "bridge.yml"

    def write(self) -> None:
        """Write the settings: what an owner has to name, and everything else as it is by default."""
        self.config.write_text(yaml.safe_dump(self._settings(), sort_keys=False), encoding="utf-8")
        self.config.chmod(0o600)

    def _settings(self) -> dict[str, object]:
        names = [game.folder.name for game in self.games]
        return {
            "data": "data",
            "servers": {game.folder.name: _server(game) for game in self.games},
            "discord": {
                "token": self.discord.token,
                "guild": str(self.discord.guild_id),
                "channels": {channel.name: str(channel.id) for channel in self.channels},
                "api-url": self.discord.api_url,
                "gateway-url": self.discord.gateway_url,
            },
            "rooms": {
                channel.name: {
                    "servers": names[number :: len(self.channels)],
                    "channels": [channel.name],
                    "website": "write",
                }
                for number, channel in enumerate(self.channels)
            },
            "website": {"port": self.website_port},
        }


def _server(game: SimGame) -> dict[str, object]:
    return {
        "log": {"path": str(game.log.latest)},
        "rcon": {"port": game.rcon.port, "password": game.rcon.password},
        "status": {"port": game.status.port},
    }


@asynccontextmanager
async def community(
    folder: Path, *, servers: int, channels: int, rates: RateLimits, players: Sequence[str]
) -> AsyncIterator[Community]:
    """Run a community with the players online on each of its servers."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(SimDiscord(rates=rates))
        games = [SimGame(folder / f"server{number}", players=players) for number in range(servers)]
        for game in games:
            await game.start()
            stack.push_async_callback(game.stop)
        town = Community(
            folder=folder,
            games=tuple(games),
            discord=discord,
            channels=tuple(discord.add_channel(f"room{number}") for number in range(channels)),
            member=discord.add_member("Mira"),
            website_port=_free_port(),
        )
        town.write()
        data = folder / "data"  # as it is but for the first start of all, which makes the database
        data.mkdir()
        await asyncio.to_thread(migrate_here, data / FILE_NAME)
        yield town


@asynccontextmanager
async def bridge(town: Community, *, python: str = sys.executable) -> AsyncIterator[int]:
    """Run ``python -m bridge run`` for a community, and yield its process id once it is ready."""
    with (town.folder / "bridge.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(python, "-m", "bridge", "run", str(town.config)),
            cwd=town.folder,  # or another interpreter would find the bridge of this folder
            env={name: value for name, value in os.environ.items() if name not in DEVELOPERS_OWN},
            stdout=log,
            stderr=log,
        )
    try:
        await _until_ready(process, town)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, town: Community) -> None:
    url = f"http://127.0.0.1:{town.website_port}/readyz"
    async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession() as session:
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        break
            await asyncio.sleep(0.1)
    if process.returncode is not None:
        said = (town.folder / "bridge.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"the bridge ended with {process.returncode}:\n{said}")
    await until(lambda: all(game.rcon.connections for game in town.games), within_s=READY_WITHIN_S)


async def until(true: Callable[[], object], *, within_s: float) -> bool:
    """Tell whether something became true in time; looked at in intervals that cost next to nothing."""
    ends = time.monotonic() + within_s
    while not true():
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(0.05)
    return True


async def paced(count: int, per_s: float, dice: random.Random) -> AsyncIterator[int]:
    """Yield numbers at an even rate, each somewhere in its slot, so as not to march with any timer."""
    begun_s = time.monotonic()
    for number in range(count):
        due_s = begun_s + (number + dice.random()) / per_s
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        yield number


def in_utc() -> None:
    """Let the pretend servers write their logs on the clock that the settings name by default."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def resident_bytes(process: int) -> int:
    """Memory that a process holds now."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def cpu_s(process: int) -> float:
    """Seconds of a core that a process has used so far, in its own code and in the system's."""
    after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def tell(benchmark: str, figures: Mapping[str, float | int]) -> None:
    """Print one figure a line, and all of them as one JSON object in the last."""
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps({"benchmark": benchmark, **figures}))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
