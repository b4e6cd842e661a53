"""What commands print, how, and the codes they end with."""

from __future__ import annotations

import os
import sys
from enum import IntEnum, StrEnum
from functools import cache

from bridge import __version__
from bridge.locales import Catalogue


class ExitCode(IntEnum):
    """How a command ended, in the numbers of sysexits.h where there is one."""

    OK = 0
    FAILED = 1  # something that was looked at is not well
    UNAVAILABLE = 69  # a port, a file or a database that cannot be used now: trying again may help
    SETTINGS = 78  # trying again does not help: systemd must not restart
    INTERRUPTED = 130


class Mark(StrEnum):
    """The sign before a line; the word behind it tells the same without colour."""

    GOOD = "✓"
    WARNING = "!"
    BAD = "✗"


_COLOURS = {Mark.GOOD: "\x1b[32m", Mark.WARNING: "\x1b[33m", Mark.BAD: "\x1b[31m"}


@cache
def words() -> Catalogue:
    """Return the sentences in the language of the terminal."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Catalogue.load("fr" if spoken.lower().startswith("fr") else "en")


def tell_version() -> ExitCode:
    """Print which Passerelle this is."""
    tell(f"passerelle {__version__}")
    return ExitCode.OK


def tell(text: str) -> None:
    """Print a line for whoever reads or pipes the result."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line about what went wrong, apart from the result."""
    print(text, file=sys.stderr, flush=True)


def marked(mark: Mark, text: str) -> str:
    """Return a line with its sign, coloured on a terminal that wants it."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return f"{mark} {text}"
    return f"{_COLOURS[mark]}{mark}\x1b[0m {text}"
