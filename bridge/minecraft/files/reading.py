"""Reads one file that the game server may be writing at this moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

MOST_BYTES: Final = 16 * 1024 * 1024
"""The largest file that is read: the largest of real servers with hundreds of mods have two or three."""
_TRIES: Final = 3
_PAUSE_S: Final = 0.05  # the server writes such a file in a few milliseconds


class FileUnreadable(Exception):
    """The file cannot be read or makes no sense; says which and why."""


class FileGone(FileUnreadable):
    """There is no such file."""


def read_whole(
    path: Path,
    parse: Callable[[bytes], T],
    *,
    tries: int = _TRIES,
    pause: Callable[[float], object] = time.sleep,
) -> T:
    """Return what *parse* makes of a file; where it makes nothing of it, read it again a moment later.

    Args:
        path: The file.
        parse: Raises ValueError for what it cannot understand; half a file is such a thing.
        tries: How often to read it before giving up.
        pause: Waits so many seconds.

    Raises:
        FileGone: There is no such file.
        FileUnreadable: It is too large, cannot be read, or made no sense each time.
    """
    for left in reversed(range(tries)):
        try:
            return parse(_bytes_of(path))
        except (ValueError, RecursionError) as exc:  # msgspec's errors are ValueErrors
            if not left:
                raise FileUnreadable(f"{path}: {_words(exc)}") from exc
        pause(_PAUSE_S)
    raise FileUnreadable(f"{path}: was not read")


def decode_object(data: bytes) -> dict[str, object]:
    """Return what a text of JSON holds.

    Raises:
        ValueError: It is no JSON, only half of it, or no object.
        RecursionError: It is nested deeper than any file of the game.
    """
    return msgspec.json.decode(data, type=dict[str, object])


def decode_list(data: bytes) -> list[object]:
    """Return the entries of a list in JSON.

    Raises:
        ValueError: It is no JSON, only half of it, or no list.
        RecursionError: It is nested deeper than any file of the game.
    """
    return msgspec.json.decode(data, type=list[object])


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as exc:
        raise FileGone(f"{path}: there is no such file") from exc
    except OSError as exc:
        raise FileUnreadable(f"{path}: {exc.strerror or type(exc).__name__}") from exc
    if len(data) > MOST_BYTES:
        raise FileUnreadable(f"{path}: is larger than {MOST_BYTES >> 20} MB, as no file of the game is")
    return data


def _words(exc: Exception) -> str:
    return "is nested too deeply" if isinstance(exc, RecursionError) else str(exc)
