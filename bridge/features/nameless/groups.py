"""Carries Discord roles to the groups of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Protocol, TypeAlias

from bridge.discord import DiscordError
from bridge.features.nameless.answers import DISCORD, MINECRAFT, SiteUser
from bridge.features.nameless.api import NamelessApi
from bridge.features.nameless.problems import NamelessError, Problem

EVERY_S: Final = 600.0
MOST_AT_ONCE: Final = 100  # players in one request to the site

_UUID: Final = re.compile(r"[0-9a-f]{32}")
_SNOWFLAKE: Final = re.compile(r"[0-9]{15,20}")

Groups: TypeAlias = tuple[str, ...]
"""A player's groups, in order."""


class Member(Protocol):
    """A member of the guild."""

    @property
    def roles(self) -> frozenset[str]:
        """The ids of their roles."""


class Members(Protocol):
    """Knows the guild's members."""

    async def member(self, member_id: str) -> Member | None:
        """Return a member as they are now; None if the account is not in the guild."""


class GroupSync:
    """Tells the site which groups players have by their roles on Discord.

    Players are told once after the start, and then when something changes. A player who has taken one of
    the two accounts away from the site, or has left the guild, loses the groups.
    """

    def __init__(
        self, api: NamelessApi, members: Members, *, site_id: int, groups: Mapping[str, str]
    ) -> None:
        """Prepare to give *groups*, by the id of the role that each stands for."""
        self._api, self._members = api, members
        self._site_id, self._groups = site_id, groups
        self._told: dict[str, Groups] = {}

    async def once(self) -> None:
        """Look at everybody, and tell the site what has changed.

        What was found before Discord stopped answering is told, too.

        Raises:
            NamelessError: The site or Discord did not do its part.
        """
        linked = dict([pair async for user in self._api.users() if (pair := linked_accounts(user))])
        changed: dict[str, Groups] = {
            uuid: () for uuid, told in self._told.items() if told and uuid not in linked
        }
        try:
            for uuid, member in linked.items():
                groups = await self._groups_of(member)
                if self._told.get(uuid) != groups:
                    changed[uuid] = groups
        except NamelessError:
            await self._tell(changed)
            raise
        await self._tell(changed)

    async def _groups_of(self, member_id: str) -> Groups:
        # One after another: what Discord allows is needed for chat.
        try:
            member = await self._members.member(member_id)
        except DiscordError as exc:
            raise NamelessError(Problem.DISCORD, str(exc)) from exc
        return groups_of(frozenset() if member is None else member.roles, self._groups)

    async def _tell(self, changed: Mapping[str, Groups]) -> None:
        for some in _parts(changed, MOST_AT_ONCE):
            await self._api.set_groups(self._site_id, some)
            self._told |= some


def linked_accounts(user: SiteUser) -> tuple[str, str] | None:
    """Return a user's UUID without dashes and Discord id, if both accounts are proved to be theirs."""
    uuid, member = user.verified(MINECRAFT), user.verified(DISCORD)
    uuid = (uuid or "").replace("-", "").lower()
    if _UUID.fullmatch(uuid) is None or _SNOWFLAKE.fullmatch(member or "") is None:
        return None
    return uuid, member or ""


def groups_of(roles: frozenset[str], groups: Mapping[str, str]) -> Groups:
    """Return the groups that roles stand for, each once, in order."""
    return tuple(sorted({group for role, group in groups.items() if role in roles}))


def _parts(whole: Mapping[str, Groups], most: int) -> Iterator[dict[str, Groups]]:
    items = list(whole.items())
    for start in range(0, len(items), most):
        yield dict(items[start : start + most])
