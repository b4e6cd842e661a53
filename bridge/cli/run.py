"""``passerelle run``: the daemon, its signals and its end."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import sys
from pathlib import Path
from typing import Final

import structlog

from bridge.app import Bridge, built
from bridge.cli.check import loaded_or_told
from bridge.cli.out import ExitCode
from bridge.config.load import Loaded
from bridge.config.logs import configure_for
from bridge.store import StoreError

log = structlog.get_logger(__name__)

_FILES: Final = 8192
STOP_WITHIN_S: Final = 4.0  # of the five that we promise


def run(config: Path) -> ExitCode:
    """Run the bridge until SIGTERM or SIGINT."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return ExitCode.SETTINGS
    configure_for(loaded.settings, sys.stderr)
    _allow_many_files()
    try:
        asyncio.run(_run(loaded))
    except StoreError as exc:
        log.error("the database cannot be used", problem=str(exc))
        return ExitCode.UNAVAILABLE
    return ExitCode.OK


def _allow_many_files() -> None:
    """Let as many browsers read along as the system allows us: each keeps a file open, and 1024 is usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _run(loaded: Loaded) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with built(loaded.settings) as house:
        bridge = Bridge(house, loaded)
        gc.collect()
        gc.freeze()  # what was loaded stays; to look through it again would hold every line up for 0.1 s
        loop.add_signal_handler(signal.SIGHUP, bridge.reload)
        running = asyncio.create_task(bridge.run(), name="bridge")
        ordered = asyncio.create_task(stopping.wait(), name="stop")
        await asyncio.wait({running, ordered}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        ordered.cancel()
        running.cancel()
        _, late = await asyncio.wait({running}, timeout=STOP_WITHIN_S)
        if late:
            log.error("some parts did not stop in time; leaving them", within_s=STOP_WITHIN_S)
        elif not running.cancelled() and (problem := running.exception()) is not None:
            raise problem
    log.info("stopped")
