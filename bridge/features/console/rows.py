"""Records as rows of the console: when, what, where, who, and what of it matters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec

from bridge.journal import RawRecord

AREAS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "chat": ("chat.", "announcement."),
        "players": ("player.",),
        "servers": ("server.",),
        "others": ("hook.", "feed."),
    }
)
"""What the page can be narrowed down to, by the beginnings of kinds."""

_NOISE: Final = frozenset({"server.sampled"})  # twice a minute, and on other pages as figures
_PLACES: Final = ("server", "end", "hook", "feed", "origin")
_NAMES: Final = ("player", "author")
_WORDS: Final = (
    "text",
    "title",
    "command",
    "reason",
    "markup",
    "event",
    "version",
    "message",
    "took_s",
    "behind_ms",
)
_LONGEST: Final = 300  # characters of a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record; everything in it is plain text."""

    position: int
    at: datetime
    kind: str
    late: bool
    where: str = ""
    who: str = ""
    what: str = ""


class _When(msgspec.Struct):
    at: datetime


def row_of(record: RawRecord) -> Row:
    """Return a record as a row."""
    body: dict[str, Any] = msgspec.json.decode(record.body)
    speaker = body.get("speaker")
    who = speaker.get("name", "") if isinstance(speaker, dict) else _first(body, _NAMES)
    return Row(
        position=record.position,
        at=msgspec.json.decode(record.body, type=_When).at,
        kind=record.kind,
        late=record.late,
        where=_first(body, _PLACES),
        who=str(who),
        what=_first(body, _WORDS)[:_LONGEST],
    )


def belongs(kind: str, area: str) -> bool:
    """Tell whether records of a kind are shown in an area; the empty one holds all but the noisy ones."""
    return kind not in _NOISE and (not area or kind.startswith(AREAS[area]))


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(body[name]) for name in names if body.get(name) not in (None, "")), "")
