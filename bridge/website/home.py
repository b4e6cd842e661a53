"""What features put onto the first page beside the state of the servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, TypeVar

import structlog
from markupsafe import Markup

from bridge.store import StoreError

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_UPCOMING: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """Something that comes next, such as a raid on Friday."""

    title: str
    at: datetime
    path: str | None = None  # of a page of ours that tells more
    where: str | None = None


ProvideUpcoming: TypeAlias = Callable[[str], Awaitable[Sequence[Upcoming]]]
"""Given a language, tells what comes next."""

ProvidePart: TypeAlias = Callable[[str], Awaitable[str]]
"""Given a language, makes a piece of the page: HTML from :meth:`~bridge.website.Site.part`, or nothing."""


class Home:
    """The places of the first page that features fill."""

    def __init__(self) -> None:
        self._upcoming: list[ProvideUpcoming] = []
        self._parts: list[ProvidePart] = []

    def add_upcoming(self, provide: ProvideUpcoming) -> None:
        """Let a feature tell what comes next."""
        self._upcoming.append(provide)

    def add_part(self, provide: ProvidePart) -> None:
        """Let a feature show a piece of its own below the servers."""
        self._parts.append(provide)

    async def upcoming(self, language: str) -> list[Upcoming]:
        """Return what comes next, the soonest first.

        Raises:
            StoreError: The database cannot be read.
        """
        told = [each for provide in self._upcoming for each in await _asked(provide, language) or ()]
        return sorted(told, key=lambda each: each.at)[:MOST_UPCOMING]

    async def parts(self, language: str) -> list[Markup]:
        """Return the pieces of features, in the order in which they were added.

        Raises:
            StoreError: The database cannot be read.
        """
        made = [await _asked(provide, language) or "" for provide in self._parts]
        return [Markup(each) for each in made if each.strip()]  # noqa: S704 - from our own templates


async def _asked(provide: Callable[[str], Awaitable[T]], language: str) -> T | None:
    try:
        return await provide(language)
    except StoreError:  # everybody's trouble, which the page knows how to tell
        raise
    except Exception:  # the first page shows what the others give
        log.exception("a feature could not add to the first page")
        return None
