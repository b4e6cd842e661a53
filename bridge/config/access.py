"""Who may do what: bundles, permissions, and the roles that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bridge.config.settings import StaffSettings


class Permission(StrEnum):
    """One thing that somebody may do, named ``<area>.<verb>``."""

    STAFF_READ = "staff.read"  # the staff's overview
    CONSOLE_READ = "console.read"  # everything that happens, live, hidden players included
    RECORDS_READ = "records.read"  # the journal, page by page
    PLAYERS_READ = "players.read"  # every field of players
    ROOMS_READ = "rooms.read"  # rooms that are closed to visitors
    ROOMS_POST = "rooms.post"  # speak in rooms under one's own name
    GAME_SAY = "game.say"  # speak in the game with the bridge's voice
    DELIVERIES_READ = "deliveries.read"  # queues, Discord's allowance, what could not be delivered
    DELIVERIES_RETRY = "deliveries.retry"  # send again what was given up
    HEALTH_READ = "health.read"  # every source with its last error
    AUDIT_READ = "audit.read"
    SETTINGS_READ = "settings.read"  # as the daemon sees them, without secrets
    STATISTICS_READ = "statistics.read"  # how many come, when, who stays, who comes no more
    TOKENS_MANAGE = "tokens.manage"  # make and revoke API tokens


class Bundle(StrEnum):
    """The rungs of staff; each may do what the one before it may."""

    PLAYER = "player"  # any member of the guild
    HELPER = "helper"
    MODERATOR = "moderator"
    MANAGER = "manager"
    ADMIN = "admin"


_ADDED: Final[Mapping[Bundle, frozenset[Permission]]] = MappingProxyType(
    {
        Bundle.PLAYER: frozenset(),
        Bundle.HELPER: frozenset(
            {Permission.STAFF_READ, Permission.PLAYERS_READ, Permission.ROOMS_READ, Permission.ROOMS_POST}
        ),
        Bundle.MODERATOR: frozenset({Permission.CONSOLE_READ, Permission.RECORDS_READ, Permission.GAME_SAY}),
        Bundle.MANAGER: frozenset(
            {
                Permission.HEALTH_READ,
                Permission.DELIVERIES_READ,
                Permission.AUDIT_READ,
                Permission.STATISTICS_READ,
            }
        ),
        Bundle.ADMIN: frozenset(Permission),
    }
)


def permissions_of(bundle: Bundle) -> frozenset[Permission]:
    """Return everything that a bundle may do."""
    rungs = list(Bundle)
    return frozenset().union(*(_ADDED[rung] for rung in rungs[: rungs.index(bundle) + 1]))


def bundle_of(settings: StaffSettings, roles: Iterable[str], *, administrator: bool) -> Bundle:
    """Return the bundle that a member's roles carry; who administers the guild administers the bridge."""
    if administrator:
        return Bundle.ADMIN
    return highest(settings.roles[role] for role in roles if role in settings.roles)


def highest(bundles: Iterable[Bundle]) -> Bundle:
    """Return the highest of some bundles; a member without any is a player."""
    rungs = list(Bundle)
    return max(bundles, key=rungs.index, default=Bundle.PLAYER)
