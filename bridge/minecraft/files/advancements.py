"""Which advancements a player has made, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from bridge.minecraft.files.lists import read_time
from bridge.minecraft.files.reading import decode_object, read_whole

MOST_KEYS: Final = 20_000
_KEY: Final = re.compile(r"[\w.-]+:[\w./-]{1,180}")
_RECIPE: Final = re.compile(r"[\w.-]+:recipes/")


def read_advancements(path: Path, *, tries: int = 3) -> dict[str, datetime | None]:
    """Return the advancements that a player has made, by key, with the time (UTC) where it is told.

    Raises:
        FileGone: There is no such file.
        FileUnreadable: It cannot be read.
    """
    return read_whole(path, parse_advancements, tries=tries)


def parse_advancements(data: bytes) -> dict[str, datetime | None]:
    """Return those in the text of a file that are done; recipes are none that anybody would tell.

    Raises:
        ValueError: It is no file of advancements.
        RecursionError: It is nested too deeply.
    """
    done: dict[str, datetime | None] = {}
    for key, made in decode_object(data).items():
        if isinstance(made, dict) and made.get("done") is True and _is_told(key):
            done[key] = _when(made.get("criteria"))
            if len(done) >= MOST_KEYS:
                break
    return done


def _is_told(key: str) -> bool:
    return _KEY.fullmatch(key) is not None and _RECIPE.match(key) is None


def _when(criteria: object) -> datetime | None:
    """Return when the last of what it takes was met: nothing is added to one that is done."""
    if not isinstance(criteria, Mapping):
        return None
    times = [at for at in map(read_time, criteria.values()) if at is not None]
    return max(times, default=None)
