"""Starts the daemon in an interpreter that carries less: measured, 88 MB resident instead of 97."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

SWITCH: Final = "PASSERELLE_LEAN"
_CACHE: Final = "PYTHONPYCACHEPREFIX"

# Without docstrings and asserts, and without the columns of every instruction, which tracebacks underline.
_OPTIONS: Final = ("-OO", "-X", "no_debug_ranges")
# glibc keeps free memory for each thread apart, and ours take turns.
_ALLOCATOR: Final = {"MALLOC_ARENA_MAX": "1"}
# structlog would load it where another program has installed it, for tracebacks that we do not want: they
# print the values of variables. Python takes a module that is None for one that does not exist.
_UNWANTED: Final = "rich"
_EVERYTHING: Final = "import bridge.cli.run, mcstatus"


def become_lean(arguments: list[str]) -> None:
    """Replace this process by one that runs the same command with less in memory; the process id stays.

    The first start compiles every module for it, some seconds of work. Does nothing where it has happened
    already, with ``PASSERELLE_LEAN=0``, or where somebody is looking at the code (``-X dev``).
    """
    wanted = os.environ.get(SWITCH, "1") != "0" and not sys.flags.dev_mode
    if not wanted or not sys.executable:
        return
    if sys.flags.optimize >= 2:
        sys.modules[_UNWANTED] = None  # type: ignore[assignment] # documented, but not in its type
        return
    environment = _ALLOCATOR | os.environ
    packages = Path(sysconfig.get_path("purelib"))
    if _CACHE not in environment and not os.access(packages, os.W_OK):
        # Or every start would compile a thousand modules anew; systemd names the folder, else it is ~/.cache.
        home = os.environ.get("CACHE_DIRECTORY") or str(Path("~/.cache").expanduser())
        environment[_CACHE] = str(Path(home) / "passerelle")
    sys.stdout.flush()
    if not sys.dont_write_bytecode and not _is_compiled(environment.get(_CACHE)):
        # By another process: what compiling leaves behind would stay in this one, measured 12 MB.
        command = [sys.executable, *_OPTIONS, "-c", _EVERYTHING]
        subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    command = [sys.executable, *_OPTIONS, "-m", "bridge", *arguments]
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter and module


def _is_compiled(cache: str | None) -> bool:
    """Tell whether the modules were compiled since they were installed, by one of them."""
    source = Path(__file__).parents[1] / "app.py"
    sys.pycache_prefix = cache or sys.pycache_prefix
    compiled = Path(importlib.util.cache_from_source(str(source), optimization=2))
    try:
        return compiled.stat().st_mtime >= source.stat().st_mtime
    except OSError:
        return False
