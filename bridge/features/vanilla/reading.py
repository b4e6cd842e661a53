"""One look through a server's folder: which files about players are new, and what they hold. Blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bridge.minecraft.files import (
    FileGone,
    FileKind,
    FileUnreadable,
    PlayerFile,
    player_files,
    read_advancements,
    read_statistics,
    read_user_cache,
)
from bridge.minecraft.files.worlds import world_of
from bridge.statistics.calendar import day_at
from bridge.store.statistics.vanilla_files import AdvancementsRead, FiguresRead, FileState


class Readings(NamedTuple):
    """What some files held."""

    figures: list[FiguresRead]
    advancements: list[AdvancementsRead]
    unreadable: dict[FileState, str]  # and why


def files_since(folder: Path, since_ms: int) -> list[PlayerFile]:
    """Return the files about players in a server's folder that were modified since a moment.

    Raises:
        OSError: A folder cannot be read.
    """
    return player_files(world_of(folder), since_ms=since_ms)


def names_known(folder: Path) -> dict[str, str]:
    """Return the names of players by UUID as the server has them at hand; nothing where it has none.

    Raises:
        FileUnreadable: The list is there and cannot be read.
    """
    return {known.uuid: known.name for known in read_user_cache(folder)}


def state_of(file: PlayerFile) -> FileState:
    """Return a file in the state in which it was seen, as it is stored."""
    return FileState(file.kind, file.uuid, file.modified_ms, file.size)


def read_files(files: Iterable[PlayerFile], zone: ZoneInfo, *, now_ms: int) -> Readings:
    """Return what files hold; one that is gone again is passed over, one that makes no sense is named."""
    readings = Readings([], [], {})
    for file in files:
        try:
            _read(file, readings, zone, now_ms)
        except FileGone:
            continue
        except FileUnreadable as exc:
            readings.unreadable[state_of(file)] = str(exc)
    return readings


def _read(file: PlayerFile, readings: Readings, zone: ZoneInfo, now_ms: int) -> None:
    state = state_of(file)
    if file.kind is FileKind.ADVANCEMENTS:
        readings.advancements.append(AdvancementsRead(state, read_advancements(file.path)))
        return
    # A file's time can be anything; no figure stands for a moment that has not come.
    day = day_at(min(max(file.modified_ms, 0), now_ms), zone)
    readings.figures.append(FiguresRead.of(state, day, read_statistics(file.path)))


def in_chunks(files: list[PlayerFile], most: int) -> Iterator[list[PlayerFile]]:
    """Yield files in groups of at most so many."""
    for begin in range(0, len(files), most):
        yield files[begin : begin + most]
