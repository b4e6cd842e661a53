"""The settings of how servers are watched over: alerts, and times of maintenance."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from bridge.config.base import Settings
from bridge.config.values import Name, Seconds, Snowflake

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKLY: Final = re.compile(rf"(?P<day>{'|'.join(WEEKDAYS)}|day) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)")


def check_weekly(value: str) -> str:
    """Return *value* when it is a time of the week such as ``sunday 04:00``, or of every day.

    Raises:
        ValueError: It is not.
    """
    if _WEEKLY.fullmatch(value) is None:
        raise ValueError("is not a time of the week, such as 'sunday 04:00' or 'day 04:00'")
    return value


def weekly(value: str) -> tuple[int | None, int, int]:
    """Return the day of the week (Monday is 0; None: every day), the hour and the minute."""
    found = _WEEKLY.fullmatch(check_weekly(value))
    if found is None:
        raise ValueError(value)
    day = None if found["day"] == "day" else WEEKDAYS.index(found["day"])
    return day, int(found["hour"]), int(found["minute"])


def check_moment(value: str) -> str:
    """Return *value* when it is a date with a time, such as ``2026-12-01 20:00``.

    Raises:
        ValueError: It is not.
    """
    moment(value)
    return value


def moment(value: str) -> datetime:
    """Return a date with a time, without a zone.

    Raises:
        ValueError: It is none.
    """
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - by the community's clock
    except ValueError as exc:
        raise ValueError("is not a date with a time, such as '2026-12-01 20:00'") from exc


Weekly = Annotated[str, AfterValidator(check_weekly)]
Moment = Annotated[str, AfterValidator(check_moment)]


class MaintenanceSettings(Settings):
    """A time in which servers may be down without anybody being told; every one needs every or from."""

    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    every: Weekly | None = Field(
        None,
        description="When it begins, by the community's clock: sunday 04:00, or day 04:00 for every day.",
    )
    for_s: Seconds = Field(
        1800.0, alias="for", gt=0, le=86400, description="How long it takes, with every; at most 1d."
    )
    begins: Moment | None = Field(
        None, alias="from", description="Instead of every: when it begins once, such as 2026-12-01 20:00."
    )
    ends: Moment | None = Field(None, alias="to", description="When that ends; for after from when not set.")


class AlertKind(StrEnum):
    """What an alert can be about."""

    DOWN = "down"  # for whatever reason, a planned stop included
    CRASH = "crash"
    HANG = "hang"
    OVERLOADED = "overloaded"  # Can't keep up!
    TPS_BELOW = "tps-below"
    MSPT_ABOVE = "mspt-above"
    LATENCY_ABOVE = "latency-above"
    PLAYERS_ABOVE = "players-above"
    PLAYERS_BELOW = "players-below"


MEASURED: Final = frozenset(
    {
        AlertKind.TPS_BELOW,
        AlertKind.MSPT_ABOVE,
        AlertKind.LATENCY_ABOVE,
        AlertKind.PLAYERS_ABOVE,
        AlertKind.PLAYERS_BELOW,
    }
)
"""The kinds that need a value."""


class AlertSettings(Settings):
    """What somebody is told of when it lasts, and when it is over."""

    what: AlertKind = Field(
        description="down, crash, hang, overloaded, tps-below, mspt-above, latency-above, players-above or "
        "players-below."
    )
    value: float | None = Field(
        None, ge=0, le=1_000_000, description="The limit of what is measured: ticks, milliseconds, players."
    )
    for_s: Seconds = Field(
        0.0, alias="for", le=86400, description="How long it must last before it is told, such as 5m."
    )
    servers: tuple[Name, ...] = Field((), description="Names from servers; all of them when not set.")
    channel: Name = Field(description="A name from discord.channels.")
    role: Snowflake | None = Field(
        None, description="The id of a role to ping, in quotes; nobody when not set."
    )
    ping_every_s: Seconds = Field(
        3600.0, alias="ping-every", description="The role is pinged at most once in this time by this alert."
    )
    recovery: bool = Field(True, description="Whether it is told, too, when it is over.")
