"""What can keep the site from doing what it is asked, by what somebody can do about it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Problem(StrEnum):
    """Each has a sentence for people under ``nameless.problem`` in the locales."""

    UNREACHABLE = "unreachable"
    PRIVATE = "private"
    BROKEN = "broken"
    NOT_JSON = "not-json"
    UNREADABLE = "unreadable"
    MOVED = "moved"
    WRONG_KEY = "wrong-key"
    API_OFF = "api-off"
    NO_ROUTE = "no-route"
    NO_SERVER = "no-server"
    GROUPS_IGNORED = "groups-ignored"
    REFUSED = "refused"
    DISCORD = "discord"


PASSING: Final = frozenset(
    {Problem.UNREACHABLE, Problem.BROKEN, Problem.NOT_JSON, Problem.UNREADABLE, Problem.DISCORD}
)
"""Those that may go away by themselves; for the others somebody has to change something."""

_WORDS: Final = MappingProxyType(
    {
        Problem.UNREACHABLE: "the NamelessMC site does not answer",
        Problem.PRIVATE: "nameless.url was not asked",
        Problem.BROKEN: "the NamelessMC site failed",
        Problem.NOT_JSON: "nameless.url answers, but not as NamelessMC's API does",
        Problem.UNREADABLE: "the NamelessMC site answered in a way that is not documented",
        Problem.MOVED: "nameless.url redirects; set it to the address that it leads to",
        Problem.WRONG_KEY: "the NamelessMC site does not accept nameless.api-key",
        Problem.API_OFF: "the NamelessMC site's API is switched off: StaffCP, Configuration, API",
        Problem.NO_ROUTE: "the NamelessMC site does not know this request; it needs version 2.1 or newer",
        Problem.NO_SERVER: "the NamelessMC site has no Java server with the id in nameless.servers",
        Problem.GROUPS_IGNORED: "the NamelessMC site does not synchronise groups with nameless.group-server",
        Problem.REFUSED: "the NamelessMC site refused",
        Problem.DISCORD: "Discord does not tell who has which roles",
    }
)


class NamelessError(Exception):
    """Something was not done; holds neither the key nor the site's address.

    Attributes:
        problem: What kind of thing is in the way.
        detail: More about it, technical; may be empty.
    """

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(_WORDS[problem] + (f" ({detail})" if detail else ""))
        self.problem = problem
        self.detail = detail

    @property
    def passing(self) -> bool:
        """Whether it may go away by itself."""
        return self.problem in PASSING
