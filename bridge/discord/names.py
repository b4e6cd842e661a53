"""The names behind Discord's ids, as far as the session has told them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Protocol

from bridge.discord.wire import MemberPayload, UserPayload

_MOST_MEMBERS: Final = 2000


class Lookup(Protocol):
    """What the session knows about the guild."""

    def role(self, role: str) -> str | None:
        """Return a role's name."""

    def channel(self, channel: str) -> str | None:
        """Return a channel's name."""

    def colour(self, roles: tuple[str, ...]) -> int | None:
        """Return the colour of the highest of these roles that has one, 0xRRGGBB."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The lookup before the first session: knows nothing."""

    def role(self, role: str) -> str | None:  # noqa: ARG002 - the protocol's
        """Return None."""
        return None

    def channel(self, channel: str) -> str | None:  # noqa: ARG002 - the protocol's
        """Return None."""
        return None

    def colour(self, roles: tuple[str, ...]) -> int | None:  # noqa: ARG002 - the protocol's
        """Return None."""
        return None


class Names:
    """Roles and channels from the session; members from their own messages, the latest thousands."""

    def __init__(self) -> None:
        self.lookup: Lookup = Unknown()
        self._members: OrderedDict[str, MemberPayload] = OrderedDict()

    def learn(self, user: str, member: MemberPayload) -> None:
        """Remember a member's nickname, picture and roles."""
        self._members[user] = member
        self._members.move_to_end(user)
        if len(self._members) > _MOST_MEMBERS:
            self._members.popitem(last=False)

    def member(self, user: str) -> MemberPayload | None:
        """Return what is known of a member."""
        return self._members.get(user)

    def name(self, user: UserPayload, member: MemberPayload | None = None) -> str:
        """Return the name that the guild sees: nickname, else display name, else account name."""
        known = member or user.member or self._members.get(user.id)
        nick = known.nick if known is not None else None
        return nick or user.global_name or user.username or user.id
