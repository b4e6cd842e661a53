"""The settings of reports that come by themselves, and of mail."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr

from bridge.config.base import Settings
from bridge.config.values import Host, Name, Port, Seconds
from bridge.config.watching import WEEKDAYS, weekly

_MONTHLY: Final = re.compile(r"(?P<day>[1-9]|1\d|2[0-8]) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)")
# What a mailbox may be called is a science; this is what people have, and nothing that could end a header.
_ADDRESS: Final = re.compile(r"[^\s@<>\",;:()\\\[\]]{1,64}@[^\s@<>\",;:()\\\[\]]{1,253}")


def check_day_of_week(value: str) -> str:
    """Return *value* when it is a time of one day of the week, such as ``monday 09:00``.

    Raises:
        ValueError: It is not.
    """
    if not value.startswith(WEEKDAYS):
        raise ValueError("is not a time of the week, such as 'monday 09:00'")
    weekly(value)
    return value


def monthly(value: str) -> tuple[int, int, int]:
    """Return the day of the month, the hour and the minute.

    Raises:
        ValueError: It is no time of a month.
    """
    found = _MONTHLY.fullmatch(value)
    if found is None:
        raise ValueError("is not a day of the month from 1 to 28 with a time, such as '1 09:00'")
    return int(found["day"]), int(found["hour"]), int(found["minute"])


def check_monthly(value: str) -> str:
    """Return *value* when it is a day of the month with a time, such as ``1 09:00``.

    Raises:
        ValueError: It is not.
    """
    monthly(value)
    return value


def check_mail_address(value: str) -> str:
    """Return *value* when mail can be sent to it.

    Raises:
        ValueError: It cannot.
    """
    if _ADDRESS.fullmatch(value) is None or not value.isascii():
        raise ValueError("is not a mail address, such as staff@example.org")
    return value


MailAddress = Annotated[str, AfterValidator(check_mail_address)]


class WeeklyReportSettings(Settings):
    """When the report of the last whole week comes, and to whom; it needs channel or mail."""

    channel: Name | None = Field(None, description="A name from discord.channels; best one for staff.")
    at: Annotated[str, AfterValidator(check_day_of_week)] = Field(
        "monday 09:00", description="A day of the week and a time by the community's clock."
    )
    mail: tuple[MailAddress, ...] = Field((), description="Addresses that get it, too; needs the block mail.")


class MonthlyReportSettings(Settings):
    """When the report of the last whole month comes, and to whom; it needs channel or mail."""

    channel: Name | None = Field(None, description="A name from discord.channels; best one for staff.")
    at: Annotated[str, AfterValidator(check_monthly)] = Field(
        "1 09:00", description="A day of the month, at most 28, and a time by the community's clock."
    )
    mail: tuple[MailAddress, ...] = Field((), description="Addresses that get it, too; needs the block mail.")


class ReportsSettings(Settings):
    """Reports that come by themselves."""

    weekly: WeeklyReportSettings | None = Field(None, description="The report of each week.")
    monthly: MonthlyReportSettings | None = Field(None, description="The report of each month.")


class MailSecurity(StrEnum):
    """How a connection to the mail server is encrypted."""

    STARTTLS = "starttls"  # it begins in the open and changes over; usual on port 587
    TLS = "tls"  # from the first byte; usual on port 465
    NONE = "none"  # for a server on this machine


class MailSettings(Settings):
    """The mail server through which reports go out."""

    host: Host = Field(description="The name of the mail server.")
    port: Port = Field(587, description="Its port: 587 with starttls, 465 with tls.")
    tls: MailSecurity = Field(
        MailSecurity.STARTTLS, description="starttls, tls, or none for a server on this machine."
    )
    user: str | None = Field(None, min_length=1, description="The user to log in as; no log-in when not set.")
    password: SecretStr | None = Field(None, min_length=1, description="The user's password.")
    sender: MailAddress = Field(alias="from", description="The address that mail comes from.")
    timeout_s: Seconds = Field(
        30.0, alias="timeout", gt=0, description="How long the server may take for one answer."
    )
