"""Who sends a request: a visitor, a member of staff, the owner, or another program."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from aiohttp import web

from bridge.config.access import Bundle, Permission


class IdentityKind(StrEnum):
    """How somebody showed who they are."""

    VISITOR = "visitor"  # not at all
    MEMBER = "member"  # signed in with Discord
    OWNER = "owner"  # with a link that the command line printed
    TOKEN = "token"  # noqa: S105 - a program with an API token


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is and what they may do."""

    kind: IdentityKind = IdentityKind.VISITOR
    id: str = ""  # the member's Discord id, the token's id
    name: str = ""
    avatar_url: str | None = None
    bundle: Bundle | None = None
    permissions: frozenset[Permission] = frozenset()
    unchecked: bool = False  # what they may do could not be read for some minutes: then it is nothing
    csrf: str = field(default="", repr=False)  # what every form of theirs must send back

    @property
    def signed_in(self) -> bool:
        """Whether this is a person with a session."""
        return self.kind in (IdentityKind.MEMBER, IdentityKind.OWNER)

    def may(self, permission: Permission) -> bool:
        """Tell whether they hold a permission."""
        return permission in self.permissions


VISITOR: Final = Identity()
_IDENTITY: Final = web.RequestKey("identity", Identity)


def identity_of(request: web.Request) -> Identity:
    """Return who sends a request; known once the request has passed the site's door."""
    found: Identity = request.get(_IDENTITY, VISITOR)
    return found


def remember_identity(request: web.Request, identity: Identity) -> None:
    """Note who sends a request, for everything behind the door."""
    request[_IDENTITY] = identity
