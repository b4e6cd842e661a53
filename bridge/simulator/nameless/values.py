"""What the pretend site holds, and what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object on its way from or to the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """An account elsewhere that a user of the site has linked."""

    name: str  # ``Minecraft`` or ``Discord``
    identifier: str  # the UUID without dashes, or the snowflake
    username: str
    verified: bool = True


@dataclass(slots=True, kw_only=True)
class SiteUser:
    """A user of the site."""

    id: int
    username: str
    banned: bool = False
    active: bool = True
    integrations: list[Integration] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteGroup:
    """A group of users."""

    id: int
    name: str
    staff: bool = False
    order: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAnnouncement:
    """An announcement; only those for guests (group 0) are told through the API."""

    id: int
    header: str
    message: str  # HTML
    pages: tuple[str, ...] = ("index",)
    groups: tuple[int, ...] = (0,)


@dataclass(slots=True, kw_only=True)
class SiteServer:
    """A game server as the site knows it, with its last report; Bedrock servers take none."""

    id: int
    bedrock: bool = False
    reports: int = 0
    players: JsonObject = field(default_factory=dict)
    most_players: int | None = None
    motd: str | None = None
    interval_s: int = 10
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as the API took it."""

    method: str
    route: str  # without ``/api/v2/``
    query: dict[str, str]
    body: JsonObject | None
    pretty: bool  # asked as ``/api/v2/…``, not through ``index.php``
    key_from: str | None  # the header that carried the key
