"""Where a server's world keeps what it counts of players: since 26.1 elsewhere than before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

from bridge.minecraft.files.lists import read_user_cache
from bridge.minecraft.files.properties import ServerProperties, read_properties
from bridge.minecraft.files.reading import FileUnreadable

_UUID_FILE: Final = re.compile(r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.json", re.IGNORECASE)


class FileKind(IntEnum):
    """What a file tells of a player; the numbers are stored."""

    STATISTICS = 0
    ADVANCEMENTS = 1


class PlayerFile(NamedTuple):
    """A file about one player, in the state in which it was seen."""

    kind: FileKind
    uuid: str
    path: Path
    modified_ms: int
    size: int


class Found(NamedTuple):
    """What there is in a server's folder."""

    properties: ServerProperties | None
    world: Path
    layout: str  # "26.1" or "1.21", "" where there are no files yet
    statistics: int  # how many files
    advancements: int
    names: int  # in the user cache
    problem: str = ""


_PLACES: Final = {
    FileKind.STATISTICS: ("players/stats", "stats"),
    FileKind.ADVANCEMENTS: ("players/advancements", "advancements"),
}


def world_of(folder: Path) -> Path:
    """Return the world's folder as ``server.properties`` names it; ``world`` where they say nothing.

    A name that leads out of the server's folder is not followed.
    """
    try:
        name = read_properties(folder).level_name
    except FileUnreadable:
        name = "world"
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts or "\0" in name:
        return folder / "world"
    return folder / name


def player_files(world: Path, *, since_ms: int = 0) -> list[PlayerFile]:
    """Return the files about players that were modified since a moment, the newest of each player and kind.

    A server that was updated has both layouts; what it wrote before the update is not counted twice.

    Raises:
        OSError: A folder is there and cannot be read.
    """
    newest: dict[tuple[FileKind, str], PlayerFile] = {}
    for kind, places in _PLACES.items():
        for place in places:
            for file in _files(kind, world / place):
                known = newest.get((kind, file.uuid))
                if known is None or known.modified_ms < file.modified_ms:
                    newest[kind, file.uuid] = file
    return [file for file in newest.values() if file.modified_ms >= since_ms]


def look_around(folder: Path) -> Found:
    """Return what there is in a server's folder, for people who set it up."""
    properties, problem, names, statistics, advancements = None, "", 0, 0, 0
    world = folder / "world"
    try:
        properties = read_properties(folder)
        world = world_of(folder)
        names = len(read_user_cache(folder))
        kinds = [file.kind for file in player_files(world)]
        statistics = kinds.count(FileKind.STATISTICS)
        advancements = kinds.count(FileKind.ADVANCEMENTS)
    except FileUnreadable as exc:
        problem = str(exc)
    except OSError as exc:
        problem = f"{exc.filename}: {exc.strerror or type(exc).__name__}"
    new, old = ((world / place).is_dir() for place in _PLACES[FileKind.STATISTICS])
    layout = "26.1" if new else "1.21" if old else ""
    return Found(properties, world, layout, statistics, advancements, names, problem)


def _files(kind: FileKind, folder: Path) -> Iterator[PlayerFile]:
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            found = _UUID_FILE.fullmatch(entry.name)
            if found is None:
                continue
            try:
                state = entry.stat()
            except FileNotFoundError:  # replaced at this moment
                continue
            modified_ms = state.st_mtime_ns // 1_000_000
            yield PlayerFile(kind, found[1].lower(), folder / entry.name, modified_ms, state.st_size)
