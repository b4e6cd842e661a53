"""The kinds of value that settings are made of, and the checks that one value can stand alone.

A check raises ``ValueError`` with words that follow the value: ``is not a time zone``.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import warnings
import zoneinfo
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

SNOWFLAKE_PATTERN: Final = "^[0-9]{15,20}$"
NAME_PATTERN: Final = "^[a-z0-9][a-z0-9-]{0,31}$"
DURATION_PATTERN: Final = r"^[0-9]{1,12}(\.[0-9]{1,6})?(ms|s|m|h|d)$"
LONGEST_S: Final = 3650 * 86400.0  # ten years: longer than anything here means

AVATAR_PLACEHOLDERS: Final = ("uuid", "uuid-nodashes", "name", "username", "player", "size")

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_WEEK_TIME: Final = re.compile(rf"(?:({'|'.join(WEEKDAYS)}) )?([01][0-9]|2[0-3]):([0-5][0-9])")
_DURATION: Final = re.compile(DURATION_PATTERN.replace("(", "(?:"))
_NUMBER: Final = re.compile(r"[0-9.]+")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

TEXT_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        SNOWFLAKE_PATTERN: "a Discord id (15 to 20 digits in quotes)",
        NAME_PATTERN: "a name (small letters, digits and hyphens, at most 32)",
    }
)
"""How the patterns are told to people."""


def parse_duration(value: object) -> float:
    """Return a duration such as ``30s``, ``10m`` or ``90d`` in seconds.

    Raises:
        ValueError: Not a number with one of the units ms, s, m, h, d.
    """
    if isinstance(value, float):
        return value  # a default, already in seconds; YAML's own fractions arrive as text
    if not isinstance(value, str) or _DURATION.fullmatch(value) is None:
        raise ValueError("is not a duration: write a number with a unit, such as 500ms, 30s, 10m, 2h or 90d")
    number = _NUMBER.match(value)
    digits = number.group() if number else ""
    return float(digits) * _UNIT_S[value[len(digits) :]]


def format_duration(seconds: float) -> str:
    """Return seconds as they are written in the settings: ``90d``, ``2h``, ``1.5s``."""
    for unit in ("d", "h", "m"):
        if seconds >= _UNIT_S[unit] and seconds % _UNIT_S[unit] == 0:
            return f"{seconds / _UNIT_S[unit]:.0f}{unit}"
    return f"{seconds:g}s" if seconds == 0 or seconds >= 1 else f"{seconds * 1000:g}ms"


def parse_week_time(value: str) -> tuple[int | None, int, int]:
    """Return the weekday (0: Monday, None: every day), hour and minute of ``04:00`` or ``sunday 04:00``.

    Raises:
        ValueError: It is written in another way.
    """
    found = _WEEK_TIME.fullmatch(value)
    if found is None:
        raise ValueError("is not a time of day or week: write 04:00 for every day, or sunday 04:00")
    day = WEEKDAYS.index(found[1]) if found[1] else None
    return day, int(found[2]), int(found[3])


def check_week_time(value: str) -> str:
    """Return *value* when it is a time of day or week.

    Raises:
        ValueError: It is not.
    """
    parse_week_time(value)
    return value


def check_time_zone(name: str) -> str:
    """Return *name* when it is an IANA time zone.

    Raises:
        ValueError: It is not; the words suggest the nearest one.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found (a KeyError), no name at all, a folder
        pass
    else:
        return name
    near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1)
    hint = f"did you mean '{near[0]}'?" if near else "write it as in Europe/Paris or America/Montreal"
    raise ValueError(f"is not a time zone; {hint}")


def check_regex(pattern: str) -> str:
    """Return *pattern* when it is a regular expression.

    Raises:
        ValueError: It is not; the words tell where it breaks.
    """
    _compile(pattern)
    return pattern


def check_chat_pattern(pattern: str) -> str:
    """Return *pattern* when it is a regular expression with the groups ``player`` and ``text``.

    Raises:
        ValueError: It is not, or a group is missing.
    """
    missing = [name for name in ("player", "text") if name not in _compile(pattern).groupindex]
    if missing:
        groups = " and ".join(f"(?P<{name}>…)" for name in missing)
        raise ValueError(f"does not say where to find everything: it needs {groups}")
    return pattern


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" is no reason to refuse a pattern
            return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as exc:
        raise ValueError(f"is not a regular expression: {exc}") from exc


def check_encoding(name: str) -> str:
    """Return *name* when it is a text encoding that log lines can be in.

    Raises:
        ValueError: Unknown, or not an extension of ASCII (the game's own words are ASCII).
    """
    sample = b"[12:34:56] [Server thread/INFO]: <a> b"
    try:
        known = sample.decode(name) == sample.decode("ascii")
    except (LookupError, ValueError):
        known = False
    if not known:
        raise ValueError("is not an encoding of log lines; write one such as cp1252, utf-8, gbk or cp1251")
    return name


def url_of(*schemes: str) -> Callable[[str], str]:
    """Return a check that a text is an address with one of *schemes* and a host."""
    allowed = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:  # a port or an IPv6 address that is none
            good = False
        if not good or re.search(r"\s", value):
            raise ValueError(f"is not an address that begins with {allowed}")
        return value

    return check


def check_origin(value: str) -> str:
    """Return *value* when it is an origin such as ``https://example.org``.

    Raises:
        ValueError: It has a path or is no http(s) address.
    """
    if value != "'self'":
        url_of("https", "http")(value)
        if re.fullmatch(r"https?://[^/;,'\"]+", value) is None:
            raise ValueError("is not an origin: write scheme and host only, such as https://example.org")
    return value


def check_address(value: str) -> str:
    """Return *value* when it is an IP address or a network such as ``172.16.0.0/12``.

    Raises:
        ValueError: It is neither.
    """
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError as exc:
        raise ValueError("is not an IP address or network, such as 127.0.0.1 or 172.16.0.0/12") from exc
    return value


def check_avatar_url(value: str) -> str:
    """Return *value* when it is empty or an address whose placeholders are known.

    Raises:
        ValueError: It is no http(s) address or has an unknown placeholder.
    """
    for name in re.findall(r"\{([^{}]*)\}", value):
        if name not in AVATAR_PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in AVATAR_PLACEHOLDERS)
            raise ValueError(f"uses {{{name[:40]}}}, which is not known here; known are {known}")
    if value:
        url_of("https", "http")(value.replace("{", "").replace("}", ""))
    return value


Seconds = Annotated[float, BeforeValidator(parse_duration), Field(ge=0, le=LONGEST_S)]
Snowflake = Annotated[str, Field(pattern=SNOWFLAKE_PATTERN)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]  # keys of servers, channels and rooms
Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/]+$")]
WeekTime = Annotated[str, AfterValidator(check_week_time)]
TimeZone = Annotated[str, AfterValidator(check_time_zone)]
Encoding = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(check_encoding)]
Regex = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_regex)]
ChatRegex = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_chat_pattern)]
WebUrl = Annotated[str, AfterValidator(url_of("https", "http"))]
SocketUrl = Annotated[str, AfterValidator(url_of("wss", "ws"))]
Origin = Annotated[str, AfterValidator(check_origin)]
Address = Annotated[str, AfterValidator(check_address)]
AvatarUrl = Annotated[str, AfterValidator(check_avatar_url)]
