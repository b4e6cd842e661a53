"""The site's JSON as typed values: only the fields we read, everything optional that may be missing. Pure."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from bridge.features.nameless.problems import NamelessError, Problem

_T = TypeVar("_T")
_BOM: Final = b"\xef\xbb\xbf"  # PHP files that were saved with one begin every answer with it

MINECRAFT: Final = "Minecraft"
DISCORD: Final = "Discord"


class SiteInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the site says about itself."""

    nameless_version: str | None = None


class Integration(msgspec.Struct, frozen=True, kw_only=True):
    """An account elsewhere that a user has linked."""

    integration: str = ""
    identifier: str | None = None
    verified: bool = False


class SiteUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the site."""

    id: int
    integrations: tuple[Integration, ...] = ()

    def verified(self, integration: str) -> str | None:
        """Return the identifier of an account that the user has proved to own; None without one."""
        for each in self.integrations:
            if each.integration == integration and each.verified:
                return each.identifier
        return None


class UsersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some users."""

    users: tuple[SiteUser, ...]


class SiteAnnouncement(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement that everybody may read."""

    id: int
    header: str = ""  # HTML entities stand in it
    message: str = ""  # HTML


class Announcements(msgspec.Struct, frozen=True, kw_only=True):
    """Every announcement that everybody may read."""

    announcements: tuple[SiteAnnouncement, ...]


class GroupsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of groups that were sent; without a log they were ignored."""

    log: msgspec.Raw = msgspec.Raw(b"")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Whether any answer is an error."""

    error: str | None = None


def is_object(body: bytes) -> bool:
    """Tell whether an answer is a JSON object, as every answer of the API is."""
    try:
        msgspec.json.decode(_without_bom(body), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def read(body: bytes, wanted: type[_T]) -> _T:
    """Return a JSON object as *wanted*; PHP's numbers as texts and yes as 1 are understood.

    Raises:
        NamelessError: It has another shape.
    """
    try:
        return msgspec.json.decode(_without_bom(body), type=wanted, strict=False)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise NamelessError(Problem.UNREADABLE, f"{wanted.__name__}: {exc}") from None


def _without_bom(body: bytes) -> bytes:
    return body.strip().removeprefix(_BOM)
