"""What stands before a message in a log line: the layouts, and what the prefix tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec


class Role(StrEnum):
    """What a thread of the server may speak about."""

    SERVER = "server"  # everything
    CHAT = "chat"  # chat only, whatever it looks like
    LOGIN = "login"  # logins, refusals, lost connections; a proxy's connections
    RCON = "rcon"  # /say and feedback of commands
    OTHER = "other"  # plugins' own threads


SERVER: Final = Role.SERVER
CHAT: Final = Role.CHAT
LOGIN: Final = Role.LOGIN
RCON: Final = Role.RCON
OTHER: Final = Role.OTHER
"""The roles again, by names that cost nothing: a member of an enumeration takes a call to look up."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the prefix of a line tells besides the time."""

    thread: str | None
    level: str
    logger: str | None
    role: Role
    info: bool  # not a warning, an error or debugging
    own: bool  # the logger is one of the game's own
    foreign: bool  # the logger is a plugin's or mod's
    quiet: bool  # foreign, not at INFO, or on another thread: no event but by one of the openings
    openings: tuple[str, ...]  # how a quiet line begins that is an event all the same
    velocity: bool


Parts: TypeAlias = tuple[str, str | None, Header, str]
"""A line taken apart: ``HH:MM:SS``, the day where the line has one, the header, the message."""
Splitter: TypeAlias = Callable[[str], Parts | None]

_ROLES: Final = (
    ("Server thread", Role.SERVER),
    ("Async Chat Thread", Role.CHAT),
    ("Chat Thread", Role.CHAT),
    ("User Authenticator", Role.LOGIN),
    ("Netty", Role.LOGIN),
    ("RCON", Role.RCON),
    ("Rcon", Role.RCON),
    ("Region", Role.SERVER),
    ("Folia Region", Role.SERVER),
    ("Server Shutdown", Role.SERVER),
    ("Server console", Role.SERVER),
    ("Paper Watchdog", Role.SERVER),
    ("Spigot Watchdog", Role.SERVER),
    ("ServerMain", Role.SERVER),
    ("main", Role.SERVER),
    ("Tick", Role.SERVER),
    ("Server Thread", Role.SERVER),
)
"""By how a thread's name begins. On Folia the regions' threads do the work of ``Server thread``."""

_LOUD: Final = frozenset(
    {
        "WARN",
        "WARNING",
        "ERROR",
        "SEVERE",
        "FATAL",
        "DEBUG",
        "TRACE",
        "FINE",
        "FINER",
        "FINEST",
        "CONFIG",
        "ALL",
    }
)
"""Levels that tell no event. Others count as INFO: old servers write the level in the machine's language."""

_OTHERS_TELL: Final = (
    "UUID of ",
    "Disconnecting ",
    "Stopping ",
    "[connected ",
    "[server c",
    "[initial ",
)
"""How events begin that threads other than the server's own tell."""
_WARNINGS_TELL: Final = ("Can't keep up!",)

_OWN: Final = re.compile(
    r"net\.minecraft\.|minecraft/|ne\.mi\.|n\.m\.|Minecraft(?:-Server)?$|minecraft$|BungeeCord$|com\.velocitypowered\."
    r"|CanaryMod$|Mohist$|Magma$|CatServer$|Arclight$|Cauldron$|Thermos$"
)
_OLD_TAGS: Final = ("[Minecraft] ", "[Minecraft-Server] ")
_DATED: Final = re.compile(r"(\d{4}[-/]\d\d[-/]\d\d) (\d\d:\d\d:\d\d)(?:[.,]\d+)? \[([^\]]{1,20})\]:? ")
_CLOCKED: Final = re.compile(r"(\d\d:\d\d:\d\d) \[([^\]]{1,20})\]:? ")
_CONSOLE: Final = re.compile(
    r"\[(\d\d:\d\d:\d\d)(?:\.\d+)? (?:([^\]]*)/)?([^\]/ ]+)\](?:: | \[([^\]]+)\]: | (?!\[))"
)
_STAMPED: Final = re.compile(
    r"(?:(?P<before>\d{4}-\d\d-\d\d) )?\[(?:(?P<day>\d{1,4}[^\d\]\[]{1,24}\d{4,6}|\d{4}-\d\d-\d\d)[ T])?"
    r"(?P<time>\d\d:\d\d:\d\d)(?:[.,]\d+)?\] \[(?P<place>[^\]]+)\]"
    r"(?P<tags>(?: (?:\[[^\]]*\]|\([^)]*\)))*?)(?:: {1,2}|(?<=\)) )"
)
_TAG: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_MOST_CACHED: Final = 4096


def header_of(thread: str | None, level: str, logger: str | None) -> Header:
    """Return what thread, level and logger say together."""
    own = logger is not None and _OWN.match(logger) is not None
    foreign = logger is not None and not own
    info = level.upper() not in _LOUD
    role = _role_of(thread)
    return Header(
        thread=thread,
        level=level,
        logger=logger,
        role=role,
        info=info,
        own=own,
        foreign=foreign,
        quiet=foreign or not info or role is OTHER,
        openings=() if foreign else _OTHERS_TELL if info else _WARNINGS_TELL,
        velocity=logger is not None and logger.startswith("com.velocitypowered."),
    )


def _role_of(thread: str | None) -> Role:
    if thread is None:
        return Role.SERVER  # this layout has no threads
    return next((role for beginning, role in _ROLES if thread.startswith(beginning)), Role.OTHER)


class Threaded:
    """``[12:34:56] [Server thread/INFO]: ``, with or without a logger, a date, fractions of a second."""

    def __init__(self) -> None:
        self._headers: dict[str, Header] = {}

    def split(self, line: str) -> Parts | None:
        """Return the line's parts, or None when it has another layout."""
        if line[9:12] == "] [":
            end = line.find("]", 12)
            if line[end + 1 : end + 3] == ": ":
                header = self._headers.get(line[12:end])
                if header is not None and line[0] == "[":
                    return (line[1:9], None, header, line[end + 3 :])
        return self._split_longer(line)

    def _split_longer(self, line: str) -> Parts | None:
        """Split a line with a logger, a date or fractions of a second."""
        begin = line.find("] [", 9, 48) + 3
        if begin == 2 or line[0] != "[":
            return self._split_slowly(line)
        end = line.find("]", begin)
        if line[end + 1 : end + 3] == " [":
            end = line.find("]: ", end + 3)
        header = self._headers.get(line[begin:end])
        if header is None or line[end + 1 : end + 3] != ": ":
            return self._split_slowly(line)
        day, _, time = line[1 : begin - 3].rpartition(" ")
        message = line[end + 3 :]
        return (time[:8], day or None, header, message[1:] if message[:1] == " " else message)

    def _split_slowly(self, line: str) -> Parts | None:
        found = _STAMPED.match(line)
        if found is None:
            return None
        header = self._header(found["place"], found["tags"])
        message = line[found.end() :]
        return (found["time"], found["day"] or found["before"], header, message)

    def _header(self, place: str, tags: str) -> Header:
        key = place + ("]" + tags[:-1] if tags else "")  # as it stands in the line, without its ends
        header = self._headers.get(key)
        if header is None:
            if len(self._headers) >= _MOST_CACHED:
                self._headers.clear()
            header = _threaded_header(place, [tag[1:-1] for tag in _TAG.findall(tags)])
            self._headers[key] = header
        return header


def _threaded_header(place: str, tags: list[str]) -> Header:
    thread, slash, level = place.rpartition("/")
    logger = tags[0] if tags else None
    if slash:
        return header_of(thread, level, logger)
    if tags:  # CanaryMod: [logger] [LEVEL], then perhaps [NOTICE]
        return header_of(None, tags[0], place)
    return header_of(None, place, None)


def split_console(line: str) -> Parts | None:
    """Split ``[12:34:56 INFO]: ``, the console of Bukkit and Velocity; Geyser has a thread as well."""
    found = _CONSOLE.match(line)
    if found is None:
        return None
    header = _console_header(found[2], found[3], found[4])
    return (found[1], None, header, line[found.end() :])


def split_dated(line: str) -> Parts | None:
    """Split ``2013-05-06 12:34:56 [INFO] ``: before 1.7, Forge's old files with a tag, Glowstone."""
    found = _DATED.match(line)
    if found is None:
        return None
    return _untagged(found[2], found[1], found[3], line[found.end() :])


def split_clocked(line: str) -> Parts | None:
    """Split ``12:34:56 [INFO] ``: BungeeCord; the level may be in the machine's language."""
    found = _CLOCKED.match(line)
    if found is None:
        return None
    return (found[1], None, _console_header(None, found[2], None), line[found.end() :])


def _untagged(time: str, day: str, level: str, message: str) -> Parts:
    for tag in _OLD_TAGS:
        if message.startswith(tag):
            return (time, day, _console_header(None, level, tag[1:-2]), message[len(tag) :])
    return (time, day, _console_header(None, level, None), message)


_CONSOLE_HEADERS: Final[dict[tuple[str | None, str, str | None], Header]] = {}


def _console_header(thread: str | None, level: str, logger: str | None) -> Header:
    key = (thread, level, logger)
    header = _CONSOLE_HEADERS.get(key)
    if header is None:
        if len(_CONSOLE_HEADERS) >= _MOST_CACHED:
            _CONSOLE_HEADERS.clear()
        header = _CONSOLE_HEADERS[key] = header_of(thread, level, logger)
    return header
