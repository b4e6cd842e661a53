"""``passerelle demo``: a pretend game server and a pretend Discord, and the ordinary bridge between them.

The bridge runs as its own process from a settings file like anybody's; all it knows of the simulators are
the addresses in that file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import yaml

from bridge.cli.lean import SWITCH
from bridge.cli.out import ExitCode, complain, tell, words
from bridge.simulator.discord import Channel, Role, SimDiscord
from bridge.simulator.game import Life, SimGame
from bridge.simulator.web import DemoPage

READY_WITHIN_S: Final = 20.0
LOG: Final = "bridge.log"
_SECRET: Final = "a secret of the demo"  # noqa: S105 - of the pretend Discord, on this machine
_STOP_WITHIN_S: Final = 6.0
_LAST_LINES: Final = 20


class DemoFailed(Exception):
    """The bridge did not come up, or ended by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything around the bridge, running."""

    game: SimGame
    discord: SimDiscord
    channel: Channel
    status: Channel
    staff: Role
    life: Life
    page: DemoPage
    website_port: int


def demo(*, port: int) -> ExitCode:
    """Run the demo until Ctrl-C."""
    try:
        asyncio.run(_demo(port))
    except DemoFailed as exc:
        complain(words().plain("cli.demo.failed", reason=str(exc)))
        return ExitCode.FAILED
    except OSError as exc:
        complain(words().plain("cli.demo.failed", reason=exc.strerror or str(exc)))
        return ExitCode.UNAVAILABLE
    return ExitCode.OK


async def _demo(port: int) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    with tempfile.TemporaryDirectory(prefix="passerelle-demo-") as scratch:
        async with _stage(Path(scratch), port) as stage, _bridge(Path(scratch), stage) as bridge:
            try:
                await _until_up(bridge, stage)
                stage.life.start()
                tell(words().plain("cli.demo.ready", url=stage.page.url))
                tell(words().plain("cli.demo.stop"))
                await _either(stopping, bridge)
            except DemoFailed:
                complain(_last_lines(Path(scratch) / LOG))
                raise


@asynccontextmanager
async def _stage(scratch: Path, port: int) -> AsyncIterator[Stage]:
    """Start the game server, Discord and the page."""
    game = SimGame(scratch / "server", dialect="paper", motd="A Passerelle demo")
    discord = SimDiscord(guild_name=words().plain("cli.demo.community"), keep_messages=500, keep_requests=500)
    channel, status = discord.add_channel("minecraft"), discord.add_channel("status")
    staff = discord.add_role(words().plain("cli.demo.staff-role"))
    discord.add_member("Ada", roles=[staff])
    website_port = _free_port()
    discord.register_oauth(_SECRET, f"http://127.0.0.1:{website_port}/signed-in")
    life = Life(game, seed=7)
    page = DemoPage(
        game,
        discord,
        channel,
        f"http://127.0.0.1:{website_port}/embed/rooms/main",
        port=port,
        life=life,
        beside=status,
    )
    await game.start()
    await discord.start()
    await page.start()
    try:
        yield Stage(
            game=game,
            discord=discord,
            channel=channel,
            status=status,
            staff=staff,
            life=life,
            page=page,
            website_port=website_port,
        )
    finally:
        await life.stop()
        await page.stop()
        await game.stop()
        await discord.stop()


@asynccontextmanager
async def _bridge(scratch: Path, stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the ordinary bridge as a process of its own, and stop it at the end."""
    config = scratch / "bridge.yml"
    config.write_text(yaml.safe_dump(_settings(stage), sort_keys=False), encoding="utf-8")
    config.chmod(0o600)
    log = (scratch / LOG).open("wb")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", "run", str(config)),
        env={**os.environ, SWITCH: "0"},  # a newcomer does not wait for modules to be compiled anew
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        log.close()


def _settings(stage: Stage) -> dict[str, object]:
    """Return what an owner would write for this server and this guild."""
    game, discord = stage.game, stage.discord
    return {
        "data": "data",
        "community": {"name": words().plain("cli.demo.community"), "language": words().language},
        "servers": {
            "survival": {
                "title": "Survival",
                "log": {"path": str(game.log.latest), "time-zone": "UTC"},
                "rcon": {"port": game.rcon.port, "password": game.rcon.password},
                "status": {"port": game.status.port, "every": "5s"},
            }
        },
        "discord": {
            "token": discord.token,
            "guild": str(discord.guild_id),
            "channels": {"main": str(stage.channel.id), "status": str(stage.status.id)},
            "avatar-url": "",
            "api-url": discord.api_url,
            "gateway-url": discord.gateway_url,
        },
        "rooms": {"main": {"servers": ["survival"], "channels": ["main"], "website": "write"}},
        "website": {
            "port": stage.website_port,
            "frame-ancestors": [stage.page.url.rstrip("/")],
            "visitor-interval": "1s",
            "player-fields": ["online", "servers", "first-seen", "last-seen"],
            "sign-in": {
                "client-id": str(discord.bot.id),
                "client-secret": _SECRET,
                "authorize-url": discord.authorize_url,
            },
        },
        "status-channel": {
            "boards": {"main": {"channel": "status", "every": "15s"}},
            "presence": {"lines": ["{online}/{max}"], "every": "15s"},
        },
        "staff": {"roles": {str(stage.staff.id): "admin"}},
        "logging": {"format": "json"},
    }


async def _until_up(bridge: asyncio.subprocess.Process, stage: Stage) -> None:
    """Wait until the bridge answers that it is ready.

    Raises:
        DemoFailed: It ended, or is not ready in time.
    """
    url = f"http://127.0.0.1:{stage.website_port}/readyz"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession() as session:
            while bridge.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
    raise DemoFailed(words().plain("cli.demo.not-up"))


async def _either(stopping: asyncio.Event, bridge: asyncio.subprocess.Process) -> None:
    """Wait for Ctrl-C.

    Raises:
        DemoFailed: The bridge ended first.
    """
    ordered = asyncio.create_task(stopping.wait())
    ended = asyncio.create_task(bridge.wait())
    done, waiting = await asyncio.wait({ordered, ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if ended in done:
        raise DemoFailed(words().plain("cli.demo.ended", code=bridge.returncode or 0))


def _last_lines(log: Path) -> str:
    """Return the end of the bridge's log, which is deleted with the demo's folder."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
