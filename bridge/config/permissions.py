"""Who may use what: every page and every command, in one table to read and to test against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Who(StrEnum):
    """Who may use a page or a command."""

    EVERYONE = "everyone"  # whoever reaches the website, whoever sees the bot's commands
    READERS = "readers"  # everyone, in rooms with ``website: read`` or ``write``
    WRITERS = "writers"  # everyone, in rooms with ``website: write``, at most once per visitor-interval
    SAY_ROLES = "say-roles"  # members with a role of ``discord.say-roles``, and administrators


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may use one thing, and why that is enough."""

    who: Who
    why: str


PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "GET /": Permission(Who.EVERYONE, "the status page; names only where website.show-players allows it"),
        "GET /rooms/{room}": Permission(
            Who.READERS, "the owner opens each room; unknown and closed look alike"
        ),
        "GET /rooms/{room}/stream": Permission(Who.READERS, "the same lines as the page, as they come"),
        "POST /rooms/{room}/lines": Permission(Who.WRITERS, "the owner opens each room for writing"),
        "GET /healthz": Permission(
            Who.EVERYONE, "one word, for watchdogs; tells nothing about the community"
        ),
        "GET /readyz": Permission(Who.EVERYONE, "names of failing parts, without addresses or secrets"),
        "GET /metrics": Permission(Who.EVERYONE, "counts only; keep it from the public in the reverse proxy"),
        "GET /static/{name}": Permission(Who.EVERYONE, "styles, scripts and pictures of the pages"),
        "/list": Permission(Who.EVERYONE, "who is online; hidden players are left out"),
        "/status": Permission(Who.EVERYONE, "what the status page shows"),
        "/say": Permission(Who.SAY_ROLES, "speaks in the game with the bridge's voice"),
    }
)
"""By ``METHOD /path`` for pages and ``/name`` for commands. What is not in the table may not exist."""
