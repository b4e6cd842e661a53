"""The pretend game server as a process: one line of JSON with its ports, then it runs until it is ended."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .control import Control
from .dialects import DIALECTS
from .life import Life
from .server import SimGame


def main(argv: Sequence[str] | None = None) -> int:
    """Run a pretend server until SIGTERM or Ctrl-C; returns the exit code."""
    asyncio.run(_run(_arguments(argv)))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bridge.simulator game", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where logs/latest.log goes")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="vanilla")
    parser.add_argument("--version", help="a Minecraft version; the dialect's usual one when not given")
    parser.add_argument("--rcon-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--rcon-password", default="simulated")
    parser.add_argument("--status-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--management-secret", help="there is a management port when given")
    parser.add_argument("--management-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--console-password", help="there is a console web socket when given")
    parser.add_argument("--console-port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--control-port", type=int, default=0, help="the /sim/ door; 0 for any free port")
    parser.add_argument("--player", action="append", default=[], help="is online from the start; repeatable")
    parser.add_argument("--life", action="store_true", help="let players live on it")
    parser.add_argument("--seed", type=int, default=1, help="which day they live")
    parser.add_argument("--pace", type=float, default=1.0, help="1: a line every 2 to 5 seconds; 0: at once")
    return parser.parse_args(argv)


async def _run(arguments: argparse.Namespace) -> None:
    game = SimGame(
        arguments.folder,
        dialect=arguments.dialect,
        version=arguments.version,
        rcon_port=arguments.rcon_port,
        rcon_password=arguments.rcon_password,
        status_port=arguments.status_port,
        management_secret=arguments.management_secret,
        management_port=arguments.management_port,
        console_password=arguments.console_password,
        console_port=arguments.console_port,
        players=arguments.player,
    )
    control, life = (
        Control(game, port=arguments.control_port),
        Life(game, seed=arguments.seed, pace=arguments.pace),
    )
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    await game.start()
    await control.start()
    if arguments.life:
        life.start()
    _tell(game, control)
    await ended.wait()
    await life.stop()
    await control.stop()
    await game.stop()


def _tell(game: SimGame, control: Control) -> None:
    facts = {
        "rcon_port": game.rcon.port,
        "status_port": game.status.port,
        "management_port": game.management.port,
        "console_port": game.console.port,
        "control_port": control.port,
        "log": str(game.log.latest),
    }
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
