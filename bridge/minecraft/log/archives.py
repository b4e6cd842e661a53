"""Finds a log's rotated files, puts them in order, and knows again the one that was read last.

Every function blocks and belongs into a thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Final

from bridge.minecraft.log.files import LogFile
from bridge.minecraft.log.place import Place

MOST_OPEN: Final = 32
"""Files opened ahead: open ones stay what they are while the server renames and compresses."""

_CERTAIN_BYTES: Final = 1024  # so much of a beginning is not the same on two days
_TRIES: Final = 5  # a name can be gone before it is opened: rotation renames, compression removes

_DATED: Final = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)-(?P<number>\d{1,6})\.log(?P<packed>\.gz)?")
_NUMBERED: Final = re.compile(r"(?P<name>.+\.log)\.(?P<number>\d{1,6})(?P<packed>\.gz)?")


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotated log file by its name."""

    path: Path
    day: date | None  # in its name
    order: tuple[date, int, float]  # older ones come first
    written_at: float  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Trail:
    """The open files to read now, oldest first; the first stands where reading goes on."""

    files: list[LogFile]
    found: bool  # whether the first one holds the place that was asked for


def rotated(path: Path, zone: tzinfo, *, whole: bool = True) -> list[Rotated]:
    """Return the rotated files of the log at *path*, oldest first.

    ``2024-09-05-1.log.gz`` (log4j), ``proxy.log.1`` and ``server.log.2.gz`` (a higher number is older).
    Of a file that is being compressed only the plain one counts. ``debug-1.log.gz`` repeats every line of
    the ordinary log and is none of its files.

    Raises:
        FileNotFoundError: With *whole*: one was renamed or compressed meanwhile, and without its new name
            the list has a hole.
    """
    found: dict[tuple[date | str, int], Rotated] = {}
    for candidate in _siblings(path):
        try:
            one = _described(path, candidate, zone)
        except FileNotFoundError:
            if whole:
                raise
            continue
        if one is not None:
            key = (one.day or "numbered", one.order[1])
            if key not in found or one.path.suffix != ".gz":
                found[key] = one
    return sorted(found.values(), key=lambda one: one.order)


def open_after(path: Path, place: Place | None, *, since: float, zone: tzinfo) -> Trail:
    """Open what has to be read after *place*, at most 32 files.

    Where no file holds the place any more, that is the files written after *since* (seconds since 1970),
    and the log itself in any case. The list is empty when there is nothing.

    Raises:
        OSError: A file cannot be read.
    """
    for _ in range(_TRIES):
        try:
            return _open_after(path, place, since, zone)
        except FileNotFoundError:
            continue  # renamed or removed under us: look again
    return _open_after(path, place, since, zone, whole=False)  # such as a link that leads nowhere


def open_live(path: Path, zone: tzinfo) -> LogFile | None:
    """Open the log that the server writes now; ``None`` when there is none.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return LogFile.open(path, zone=zone, live=True)
    except FileNotFoundError:
        return None


def open_last(path: Path, back: int, zone: tzinfo) -> list[LogFile]:
    """Open so many of the newest rotated files and the log itself, oldest first; what is there.

    Raises:
        OSError: A file cannot be read.
    """
    files: list[LogFile] = []
    try:
        archives = rotated(path, zone)[-back:] if back else []
        files.extend(LogFile.open(one.path, zone=zone, day=one.day) for one in archives)
        if (live := open_live(path, zone)) is not None:
            files.append(live)
    except OSError:
        _close(files)
        raise
    return files


def _siblings(path: Path) -> Iterator[Path]:
    try:
        yield from path.parent.iterdir()
    except FileNotFoundError:
        return


def _described(path: Path, candidate: Path, zone: tzinfo) -> Rotated | None:
    name = candidate.name
    if name == path.name:
        return None
    dated, numbered = _DATED.fullmatch(name), _NUMBERED.fullmatch(name)
    if numbered is not None and _base(path) != numbered["name"]:
        numbered = None
    if dated is None and numbered is None:
        return None
    try:
        day = date.fromisoformat(dated["day"]) if dated else None
    except ValueError:  # no such day
        return None
    written_at = candidate.stat().st_mtime
    if numbered is not None:
        day_written = datetime.fromtimestamp(written_at, tz=zone).date()
        return Rotated(candidate, None, (day_written, -int(numbered["number"]), written_at), written_at)
    assert dated is not None  # noqa: S101 - one of the two matched
    assert day is not None  # noqa: S101 - it stood in the name
    return Rotated(candidate, day, (day, int(dated["number"]), written_at), written_at)


def _base(path: Path) -> str:
    """Return the name that numbers are put after; BungeeCord numbers the newest too: ``proxy.log.0``."""
    numbered = _NUMBERED.fullmatch(path.name)
    return path.name if numbered is None else numbered["name"]


def _open_after(path: Path, place: Place | None, since: float, zone: tzinfo, *, whole: bool = True) -> Trail:
    opened: list[LogFile] = []
    try:
        return _trail(path, place, since, zone, opened, whole=whole)
    except BaseException:  # whatever it was, no file stays open
        _close(opened)
        raise


def _trail(
    path: Path, place: Place | None, since: float, zone: tzinfo, opened: list[LogFile], *, whole: bool
) -> Trail:
    live = open_live(path, zone)
    if live is not None:
        opened.append(live)
    if place is not None and place.offset:
        archives = rotated(path, zone, whole=whole)
        same_day, others = _candidates(archives, place)
        found = _find(same_day, place, zone, opened)
        if found is None and live is not None and live.day == place.day and live.seek(place):
            return Trail([live], found=True)
        found = found or _find(others, place, zone, opened)
        if found is not None:
            one, first = found
            return _with_newer(first, archives[archives.index(one) + 1 :], live, zone, opened)
        # A log that is not rotated at midnight: its day is another by now.
        if live is not None and live.seek(place):
            return Trail([live], found=True)
    newer = [one for one in rotated(path, zone, whole=whole) if one.written_at > since]
    return Trail(_with_newer(None, newer, live, zone, opened).files, found=False)


def _candidates(archives: list[Rotated], place: Place) -> tuple[list[Rotated], list[Rotated]]:
    """Return the files that may hold a place: those of its day, and others; oldest first.

    A server that restarts within a second writes two files that begin alike. Reading the older one again
    tells nothing twice; going on in the newer one would leave out the rest of the older.
    """
    same_day = [one for one in archives if one.day == place.day]
    others = [one for one in archives if one.day is None]
    if place.offset >= _CERTAIN_BYTES:
        others += [one for one in archives if one.day not in (None, place.day)]
    return same_day, others


def _find(
    candidates: list[Rotated], place: Place, zone: tzinfo, opened: list[LogFile]
) -> tuple[Rotated, LogFile] | None:
    for one in candidates:
        file = LogFile.open(one.path, zone=zone, day=one.day)
        opened.append(file)
        if file.seek(place):
            return one, file
        opened.remove(file)
        file.close()
    return None


def _with_newer(
    first: LogFile | None,
    newer: list[Rotated],
    live: LogFile | None,
    zone: tzinfo,
    opened: list[LogFile],
) -> Trail:
    files = [] if first is None else [first]
    for one in newer[:MOST_OPEN]:
        files.append(LogFile.open(one.path, zone=zone, day=one.day))
        opened.append(files[-1])
    if live is not None and len(newer) <= MOST_OPEN:
        files.append(live)
    elif live is not None:
        live.close()  # its turn comes when those before it are read
    return Trail(files, found=first is not None)


def _close(files: Iterable[LogFile]) -> None:
    for file in files:
        file.close()
