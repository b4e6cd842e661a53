"""What players can be asked for: each filter is a value, and a query is some of them, all of which must hold.

Days are those of the community's time zone. A filter without dates is about all the time that is known, one
without a server about all servers together.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from bridge.statistics.activity import Band
from bridge.statistics.calendar import day_number

EARLIEST: Final = date(2009, 1, 1)  # nobody played before
LATEST: Final = date(2099, 12, 31)
MOST_FILTERS: Final = 20
A_YEAR: Final = 366  # days
LATELY: Final = 90
_LARGEST: Final = 1_000_000_000

Server: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="A server's name.")]
Amount: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
Index: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=5)]
Weekday: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=7, description="From Monday, 1, to Sunday, 7.")]


class FilterRefused(ValueError):
    """A filter whose values contradict each other; ``key`` names the sentence that says how."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class AccountKind(StrEnum):
    """What kind of account a UUID is."""

    ONLINE = "online"  # the game's own sign-in: a random one
    OFFLINE = "offline"  # made of the name by a server that asks nobody
    BEDROCK = "bedrock"  # made of an Xbox number by Floodgate
    UNKNOWN = "unknown"  # nobody has told it


class Filter(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="filter",
    omit_defaults=True,
):
    """One condition on players."""

    negated: Annotated[bool, msgspec.Meta(description="Those for whom it does not hold.")] = msgspec.field(
        default=False, name="not"
    )


class OfServer(Filter, frozen=True, kw_only=True):
    """A condition on what players do on a server, or on all of them together."""

    server: Server | None = None


class InPeriod(OfServer, frozen=True, kw_only=True):
    """A condition on what they do in some days."""

    first: Annotated[date, msgspec.Meta(description="The first day.")] | None = msgspec.field(
        default=None, name="from"
    )
    last: Annotated[date, msgspec.Meta(description="The last day.")] | None = msgspec.field(
        default=None, name="to"
    )

    def __post_init__(self) -> None:
        """See that the days are in order."""
        check_day(self.first)
        check_day(self.last)
        if self.first is not None and self.last is not None and self.first > self.last:
            raise FilterRefused("order", "'from' is later than 'to'")


class Counted(InPeriod, frozen=True, kw_only=True):
    """A condition on how often, or how much, they do something."""

    at_least: Amount = 0
    at_most: Amount | None = None

    def __post_init__(self) -> None:
        """See that the numbers are in order."""
        super().__post_init__()
        check_amounts(self.at_least, self.at_most)


class DayByDay(InPeriod, frozen=True, kw_only=True):
    """A condition on each day of a period, which is therefore at most a year long.

    Without days it is about the last 90, up to ``to`` if that is told; with ``from`` alone, about a year.
    """

    def __post_init__(self) -> None:
        """See that the period is no longer."""
        super().__post_init__()
        if self.first is not None and self.last is not None and (self.last - self.first).days >= A_YEAR:
            raise FilterRefused("long", f"from 'from' to 'to' are more than {A_YEAR} days")

    def days(self, today: int) -> tuple[int, int]:
        """Return the numbers of the first and the last day, seen from a day."""
        if self.first is not None:
            first = day_number(self.first)
            return first, first + A_YEAR - 1 if self.last is None else day_number(self.last)
        last = today if self.last is None else day_number(self.last)
        return last - LATELY + 1, last


class CountedDays(DayByDay, frozen=True, kw_only=True):
    """A condition on how many days there are of a kind."""

    at_least: Amount = 0
    at_most: Amount | None = None

    def __post_init__(self) -> None:
        """See that the numbers are in order."""
        super().__post_init__()
        check_amounts(self.at_least, self.at_most)


class NameContains(Filter, frozen=True, kw_only=True, tag="name"):
    """A part of the name, in capitals or not."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    earlier: Annotated[bool, msgspec.Meta(description="Earlier names, too.")] = False


class UuidIs(Filter, frozen=True, kw_only=True, tag="uuid"):
    """The UUID of the account, with or without dashes."""

    uuid: Annotated[
        str,
        msgspec.Meta(
            pattern="^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"
        ),
    ]


class AccountIs(Filter, frozen=True, kw_only=True, tag="account"):
    """The kind of account."""

    kinds: Annotated[tuple[AccountKind, ...], msgspec.Meta(min_length=1, max_length=4)]


class FirstSeen(InPeriod, frozen=True, kw_only=True, tag="first-seen"):
    """When they first came."""


class LastSeen(InPeriod, frozen=True, kw_only=True, tag="last-seen"):
    """When they were there last."""


class Newcomer(Filter, frozen=True, kw_only=True, tag="newcomer"):
    """Who first came in a week."""

    week: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-W[0-9]{2}$", examples=["2026-W45"])]

    def __post_init__(self) -> None:
        """See that there is such a week."""
        check_day(monday_of(self.week))


class Played(InPeriod, frozen=True, kw_only=True, tag="played"):
    """Who was there, for so many minutes in all."""

    minutes: Amount = 0


class PlayTime(Counted, frozen=True, kw_only=True, tag="play-time"):
    """For how many minutes they played."""


class Sessions(Counted, frozen=True, kw_only=True, tag="sessions"):
    """How many sessions they began; who soon comes back goes on with the one before."""


class DaysPlayed(CountedDays, frozen=True, kw_only=True, tag="days-played"):
    """On how many different days they were there."""


class LongestBreak(CountedDays, frozen=True, kw_only=True, tag="longest-break"):
    """How many days in a row they stayed away between two on which they were there, at most."""


class SessionLength(OfServer, frozen=True, kw_only=True, tag="session-length"):
    """How many minutes a session of theirs lasts, in the mean of all."""

    at_least: Amount = 0
    at_most: Amount | None = None

    def __post_init__(self) -> None:
        """See that the numbers are in order."""
        check_amounts(self.at_least, self.at_most)


class Deaths(Counted, frozen=True, kw_only=True, tag="deaths"):
    """How often they died."""


class Advancements(Counted, frozen=True, kw_only=True, tag="advancements"):
    """How many advancements they made."""


class LinesSaid(Counted, frozen=True, kw_only=True, tag="lines-said"):
    """How many lines they said in the game."""


class Crashes(Counted, frozen=True, kw_only=True, tag="crashes"):
    """How many of their sessions ended with a crash of the server."""


class ActivityIndex(Filter, frozen=True, kw_only=True, tag="activity-index"):
    """How active they are, or were on a day, as a number."""

    day: Annotated[date, msgspec.Meta(description="On which day; today by default.")] | None = None
    at_least: Index = 0.0
    at_most: Index | None = None

    def __post_init__(self) -> None:
        """See that the day can be, and the numbers are in order."""
        check_day(self.day)
        check_amounts(self.at_least, self.at_most)


class ActivityBand(Filter, frozen=True, kw_only=True, tag="activity-band"):
    """How active they are, or were on a day, in words."""

    bands: Annotated[tuple[Band, ...], msgspec.Meta(min_length=1, max_length=5)]
    day: Annotated[date, msgspec.Meta(description="On which day; today by default.")] | None = None

    def __post_init__(self) -> None:
        """See that the day can be."""
        check_day(self.day)


class PlayedOn(Filter, frozen=True, kw_only=True, tag="played-on"):
    """Who ever was on a server."""

    server: Server


class FirstServer(Filter, frozen=True, kw_only=True, tag="first-server"):
    """The server on which they were first."""

    server: Server


class Hours(DayByDay, frozen=True, kw_only=True, tag="hours"):
    """Who began a session at such an hour, on such a day of the week; hours can lead over midnight."""

    begins: Annotated[int, msgspec.Meta(ge=0, le=23, description="From this hour on.")] = 0
    ends: Annotated[int, msgspec.Meta(ge=1, le=24, description="Before this hour.")] = 24
    weekdays: Annotated[tuple[Weekday, ...], msgspec.Meta(max_length=7)] = ()

    @property
    def hours(self) -> tuple[int, ...]:
        """The hours of the day."""
        if self.begins < self.ends:
            return tuple(range(self.begins, self.ends))
        return (*range(self.begins, 24), *range(self.ends))


class OnlineNow(OfServer, frozen=True, kw_only=True, tag="online"):
    """Who plays now."""


AnyFilter: TypeAlias = (
    NameContains
    | UuidIs
    | AccountIs
    | FirstSeen
    | LastSeen
    | Newcomer
    | Played
    | PlayTime
    | Sessions
    | DaysPlayed
    | LongestBreak
    | SessionLength
    | Deaths
    | Advancements
    | LinesSaid
    | Crashes
    | ActivityIndex
    | ActivityBand
    | PlayedOn
    | FirstServer
    | Hours
    | OnlineNow
)
"""Every filter there is."""


class Sort(StrEnum):
    """What players are in order of: names from A, times from the newest, amounts from the most."""

    LAST_SEEN = "last-seen"
    FIRST_SEEN = "first-seen"
    NAME = "name"
    PLAY_TIME = "play-time"
    RECENT_PLAY_TIME = "recent-play-time"  # of the last 30 days
    SESSIONS = "sessions"
    ACTIVITY = "activity"


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which players, and in which order."""

    filters: Annotated[
        tuple[AnyFilter, ...], msgspec.Meta(max_length=MOST_FILTERS, description="All of them must hold.")
    ] = ()
    sort: Sort = Sort.LAST_SEEN


def check_day(day: date | None) -> None:
    """See that a day can be one of a community.

    Raises:
        FilterRefused: It cannot.
    """
    if day is not None and not EARLIEST <= day <= LATEST:
        raise FilterRefused("day", f"a day lies between {EARLIEST} and {LATEST}")


def check_amounts(at_least: float, at_most: float | None) -> None:
    """See that two limits are in order.

    Raises:
        FilterRefused: They are not.
    """
    if at_most is not None and at_least > at_most:
        raise FilterRefused("amounts", "'at_least' is more than 'at_most'")


def monday_of(week: str) -> date:
    """Return the first day of a week that is written as ``2026-W45``.

    Raises:
        FilterRefused: There is no such week.
    """
    found = re.fullmatch(r"(\d{4})-W(\d{2})", week, re.ASCII)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else date.min
    except ValueError as exc:
        raise FilterRefused("week", f"there is no week {week}") from exc
