"""The pretend Discord as a process: one line of JSON with its addresses, then it runs until it is ended."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence

from bridge.simulator.discord.control import Control, with_limits
from bridge.simulator.discord.limits import UNLIMITED, RateLimits
from bridge.simulator.discord.sim import SimDiscord


def main(argv: Sequence[str] | None = None) -> int:
    """Run a pretend Discord until SIGTERM or Ctrl-C.

    Returns the exit code: 1 if a client asked for something that is not simulated, told on stderr.
    """
    return asyncio.run(_run(_arguments(argv)))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bridge.simulator discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--token", default="simulated.bot.token")
    parser.add_argument("--guild", help="the guild's id; a new one when not given")
    parser.add_argument(
        "--channel", action="append", default=[], metavar="NAME[=ID]", help="repeatable; one called general"
    )
    parser.add_argument("--member", action="append", default=[], metavar="NAME", help="repeatable; one Alex")
    parser.add_argument("--rate-limits", choices=("on", "off"), default="on")
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=COUNT/SECONDS",
        help="replace one limit, such as webhook=5/2 or identify=off; repeatable",
    )
    parser.add_argument("--keep-messages", type=int, help="per channel; all when not given")
    parser.add_argument("--keep-requests", type=int, help="in the log; all when not given")
    return parser.parse_args(argv)


def _rates(arguments: argparse.Namespace) -> RateLimits:
    changes: dict[str, list[float] | None] = {}
    for one in arguments.limit:
        name, _, value = one.partition("=")
        count, _, seconds = value.partition("/")
        changes[name.replace("-", "_")] = None if value == "off" else [int(count), float(seconds)]
    return with_limits(RateLimits() if arguments.rate_limits == "on" else UNLIMITED, changes)


async def _run(arguments: argparse.Namespace) -> int:
    sim = SimDiscord(
        token=arguments.token,
        guild=arguments.guild,
        rates=_rates(arguments),
        keep_messages=arguments.keep_messages,
        keep_requests=arguments.keep_requests,
    )
    Control(sim)
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    await sim.start(arguments.port)
    for one in arguments.channel or ["general"]:
        name, _, number = one.partition("=")
        sim.add_channel(name, number or None)
    for name in arguments.member or ["Alex"]:
        sim.add_member(name)
    _tell(sim)
    await ended.wait()
    await sim.close()
    for error in sim.errors:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    return 1 if sim.errors else 0


def _tell(sim: SimDiscord) -> None:
    facts = {
        "api_url": sim.api_url,
        "gateway_url": sim.gateway_url,
        "control_url": f"{sim.world.base_url}/sim",
        "token": sim.token,
        "guild": sim.guild_id,
        "channels": {one.name: one.id for one in sim.world.channels.values()},
    }
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
