"""How each kind of server words and lays out its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

MAIN: Final = "Server thread"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Layout(StrEnum):
    """What stands before a message."""

    CLASSIC = "classic"  # [12:34:56] [Server thread/INFO]: …
    LOGGER = "logger"  # [12:34:56] [Server thread/INFO] [net.minecraft.server.MinecraftServer]: …
    MODLAUNCHER = "modlauncher"  # [05Sep2024 12:34:56.789] [Server thread/INFO] [net.minecraft…/]: …


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A kind of server: its usual version and where its log differs from the game's own."""

    name: str
    version: str = "1.21.11"
    layout: Layout = Layout.CLASSIC
    chat_thread: str = MAIN
    bukkit: bool = False
    keep_per_day: int = 7  # log4j's default; the forks raise it

    def console_prefix(self, at: datetime, thread: str, level: str) -> str:
        """Return what stands before a message on the console; Bukkit's family names no thread there."""
        return f"[{at:%H:%M:%S} {level}]: " if self.bukkit else self.prefix(at, thread, level)

    def prefix(self, at: datetime, thread: str, level: str) -> str:
        """Return what stands before a message, up to and with the space."""
        clock = f"{at:%H:%M:%S}"
        if self.layout is Layout.CLASSIC:
            return f"[{clock}] [{thread}/{level}]: "
        logger = "net.minecraft.server.MinecraftServer"
        if self.layout is Layout.LOGGER:
            return f"[{clock}] [{thread}/{level}] [{logger}]: "
        day = f"{at:%d}{_MONTHS[at.month - 1]}{at:%Y}"
        return f"[{day} {clock}.{at.microsecond // 1000:03}] [{thread}/{level}] [{logger}/]: "


_ASYNC_CHAT: Final = "Async Chat Thread - #0"
_ALL: Final = (
    Dialect(name="vanilla"),
    Dialect(name="26.3", version="26.3"),
    Dialect(name="fabric"),
    Dialect(name="paper", chat_thread=_ASYNC_CHAT, bukkit=True, keep_per_day=1000),
    Dialect(name="spigot", chat_thread=_ASYNC_CHAT, bukkit=True, keep_per_day=1000),
    Dialect(name="forge", layout=Layout.MODLAUNCHER, keep_per_day=1000),
    Dialect(name="neoforge", layout=Layout.MODLAUNCHER, keep_per_day=1000),
    Dialect(name="forge-1.12", version="1.12.2", layout=Layout.LOGGER, keep_per_day=1000),
)
DIALECTS: Final = {dialect.name: dialect for dialect in _ALL}


@cache
def version_key(version: str) -> tuple[int, ...]:
    """Return a version's numbers, which compare as the releases do (1.21.11 before 26.1)."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
