"""The lists that a server keeps: names it has seen, who may come in, who may not, who is an operator."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from bridge.minecraft.files.reading import FileGone, decode_list, read_whole

T = TypeVar("T")

MOST_ENTRIES: Final = 100_000
MOST_TEXT: Final = 500  # characters of a reason
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f§]{1,40}")
_TIME: Final = "%Y-%m-%d %H:%M:%S %z"


class CachedName(NamedTuple):
    """A name that the server has seen."""

    uuid: str
    name: str


class WhitelistedPlayer(NamedTuple):
    """Somebody who may come in."""

    uuid: str
    name: str


class ListedOperator(NamedTuple):
    """Somebody who may use commands, up to a level of 4."""

    uuid: str
    name: str
    level: int


class BannedPlayer(NamedTuple):
    """Somebody who may not come in."""

    uuid: str
    name: str
    created: datetime | None
    source: str  # who did it
    expires: datetime | None  # None: never
    reason: str


class BannedAddress(NamedTuple):
    """An address from which nobody may come in."""

    address: str
    created: datetime | None
    source: str
    expires: datetime | None
    reason: str


def read_user_cache(folder: Path) -> list[CachedName]:
    """Return the names that the server has seen in the last month, at most 1000.

    Raises:
        FileUnreadable: The file is there and cannot be read.
    """
    return _entries(folder / "usercache.json", lambda entry: CachedName(*_player(entry)))


def read_whitelist(folder: Path) -> list[WhitelistedPlayer]:
    """Return who may come in.

    Raises:
        FileUnreadable: The file is there and cannot be read.
    """
    return _entries(folder / "whitelist.json", lambda entry: WhitelistedPlayer(*_player(entry)))


def read_operators(folder: Path) -> list[ListedOperator]:
    """Return who may use commands.

    Raises:
        FileUnreadable: The file is there and cannot be read.
    """
    return _entries(folder / "ops.json", _operator)


def read_banned_players(folder: Path) -> list[BannedPlayer]:
    """Return who may not come in.

    Raises:
        FileUnreadable: The file is there and cannot be read.
    """
    return _entries(folder / "banned-players.json", lambda entry: BannedPlayer(*_player(entry), *_ban(entry)))


def read_banned_addresses(folder: Path) -> list[BannedAddress]:
    """Return from where nobody may come in.

    Raises:
        FileUnreadable: The file is there and cannot be read.
    """
    return _entries(folder / "banned-ips.json", _banned_address)


def read_time(value: object) -> datetime | None:
    """Return a time (UTC) as the game writes it, ``2026-11-22 14:02:31 +0100``; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value, _TIME).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def canonical_uuid(value: object) -> str:
    """Return a UUID in small letters with dashes.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, str) or len(value) not in (32, 36):
        raise ValueError("is no UUID")
    return str(uuid.UUID(value))


def _entries(path: Path, make: Callable[[Mapping[str, object]], T]) -> list[T]:
    """Return what *make* gives for each entry; those that make no sense are left out."""
    try:
        return read_whole(path, lambda data: list(_made(data, make)))
    except FileGone:  # a server that has never had one
        return []


def _made(data: bytes, make: Callable[[Mapping[str, object]], T]) -> Iterator[T]:
    for entry in decode_list(data)[:MOST_ENTRIES]:
        if not isinstance(entry, dict):
            continue
        try:
            made = make(entry)
        except ValueError:  # written by hand, or by a plugin
            continue
        yield made


def _player(entry: Mapping[str, object]) -> tuple[str, str]:
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("has no name")
    return canonical_uuid(entry.get("uuid")), name


def _operator(entry: Mapping[str, object]) -> ListedOperator:
    level = entry.get("level")
    known = isinstance(level, int) and 1 <= level <= 4
    return ListedOperator(*_player(entry), level if known and isinstance(level, int) else 4)


def _banned_address(entry: Mapping[str, object]) -> BannedAddress:
    return BannedAddress(_text(entry.get("ip"), most=64), *_ban(entry))


def _ban(entry: Mapping[str, object]) -> tuple[datetime | None, str, datetime | None, str]:
    created, expires = read_time(entry.get("created")), read_time(entry.get("expires"))
    return created, _text(entry.get("source"), most=64), expires, _text(entry.get("reason"), most=MOST_TEXT)


def _text(value: object, *, most: int) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", value)[:most] if isinstance(value, str) else ""
