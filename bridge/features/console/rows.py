"""Records as rows of the console: when, what, where, who, and what of it matters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, kind_of
from bridge.features.announcing import announced_html
from bridge.features.naming import Names
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
_ORIGINS: Final = ("hook", "feed")
_NAMES: Final = ("player", "author", "origin")
_WORDS: Final = (
    "text",
    "title",
    "command",
    "reason",
    "event",
    "version",
    "message",
    "took_s",
    "behind_ms",
)
_LONGEST: Final = 300  # characters of a row


_ANNOUNCED: Final = kind_of(AnnouncementMade)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record; ``what`` may be HTML of ours, which says so itself, everything else is plain text."""

    position: int
    at: datetime
    kind: str
    late: bool
    where: str = ""
    who: str = ""
    what: str = ""


class _When(msgspec.Struct):
    at: datetime


_announcement_of: Final = msgspec.json.Decoder(AnnouncementMade).decode


@dataclass(frozen=True, slots=True)
class Namer:
    """Makes rows that name servers, channels and rooms as the settings do."""

    settings: BridgeSettings

    def row(self, record: RawRecord) -> Row:
        """Return a record as a row."""
        body: dict[str, Any] = msgspec.json.decode(record.body)
        speaker = body.get("speaker")
        who = speaker.get("name", "") if isinstance(speaker, dict) else _first(body, _NAMES)
        return Row(
            position=record.position,
            at=msgspec.json.decode(record.body, type=_When).at,
            kind=record.kind,
            late=record.late,
            where=self._where(body),
            who=str(who),
            what=self._what(record, body),
        )

    def _what(self, record: RawRecord, body: Mapping[str, Any]) -> str:
        if record.kind != _ANNOUNCED:
            return _first(body, _WORDS)[:_LONGEST]
        event = _announcement_of(record.body)
        return announced_html(event, mask=self.settings.privacy.mask_addresses, most=_LONGEST)

    def _where(self, body: Mapping[str, Any]) -> str:
        names = Names(self.settings)
        if "end" in body:
            return names.end(str(body["end"]))
        servers = [body["server"]] if "server" in body else body.get("servers", ())
        channels = body.get("channels", ())
        return ", ".join([*map(names.server, servers), *map(names.channel, channels)]) or _first(
            body, _ORIGINS
        )


def belongs(kind: str, area: str) -> bool:
    """Tell whether records of a kind are shown in an area; the empty one holds all but the noisy ones."""
    return kind not in _NOISE and (not area or kind.startswith(AREAS[area]))


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(body[name]) for name in names if body.get(name) not in (None, "")), "")
