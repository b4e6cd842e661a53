"""Asks a server's console how fast it ticks: Paper's ``tps`` and ``mspt``, the game's own ``tick query``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from bridge.events import ServerId
from bridge.minecraft.commands import ListPlayers, Raw
from bridge.minecraft.rcon import Priority, RconError, RconLink, RconTimeout

log = structlog.get_logger(__name__)

ASKED_EVERY_S: Final = 60.0
FIRST_ASKED_AFTER_S: Final = 20.0
"""So long what waited for the bridge to start has the console for itself."""
FULL_TPS: Final = 20.0
"""What a server that keeps up does, unless it was told otherwise."""
_MOST_TPS: Final = 10_000.0  # the most that ``tick rate`` takes
_MOST_MSPT: Final = 600_000.0  # ten minutes: whoever ticks slower does not answer
_CODES: Final = re.compile(r"§.?")
_NUMBER: Final = r"(\d{1,7}(?:[.,]\d{1,6})?)"
_TPS: Final = re.compile(rf"TPS from last[^:]{{0,40}}:\s*\*?{_NUMBER}", re.IGNORECASE)
_TRIPLE: Final = re.compile(rf"{_NUMBER}/{_NUMBER}/{_NUMBER}")
_RATE: Final = re.compile(rf"Target tick rate: {_NUMBER}")
_AVERAGE: Final = re.compile(rf"Average time per tick: {_NUMBER}\s?ms")


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast a server ticks; None where it does not tell."""

    tps: float | None = None  # ticks a second
    mspt: float | None = None  # milliseconds that a tick takes


UNTOLD: Final = Tempo()


def read_tps(reply: str) -> float | None:
    """Return the newest figure of Paper's or Spigot's ``tps``: that of the last minute, or of 5 seconds."""
    found = _TPS.search(_CODES.sub("", reply))
    tps = None if found is None else _number(found[1], most=_MOST_TPS)
    # Spigot measures a little more than there is when it catches up.
    return FULL_TPS if tps is not None and FULL_TPS < tps < 1.1 * FULL_TPS else tps


def read_mspt(reply: str) -> float | None:
    """Return the average of Paper's ``mspt`` over its longest time, a minute."""
    plain = _CODES.sub("", reply)
    if "tick times" not in plain:
        return None
    triples = _TRIPLE.findall(plain)
    return _number(triples[-1][0], most=_MOST_MSPT) if triples else None


def read_tick_query(reply: str) -> Tempo:
    """Return what the game's ``tick query`` tells; the ticks a second follow from how long one takes."""
    plain = _CODES.sub("", reply)
    rate, average = _RATE.search(plain), _AVERAGE.search(plain)
    mspt = None if average is None else _number(average[1], most=_MOST_MSPT)
    target = FULL_TPS if rate is None else _number(rate[1], most=_MOST_TPS)
    if mspt is None or not target:
        return UNTOLD
    return Tempo(tps=round(min(target, 1000.0 / mspt), 2) if mspt else target, mspt=mspt)


def _number(text: str, *, most: float) -> float | None:
    value = float(text.replace(",", "."))
    return value if value <= most else None


class Pace:
    """One server's pace, asked once a minute; it learns which commands the server knows.

    A server that ticks answers its console, so that asking also shows one that hangs.
    """

    def __init__(
        self,
        server: ServerId,
        rcon: RconLink,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = f"pace:{server}"
        self.latest = UNTOLD
        self.unanswered = 0
        """How many times in a row the console took a command and did not answer."""
        self.answers: bool | None = None
        """Whether the console answered the last command; None where none could be sent."""
        self._server = server
        self._rcon = rcon
        self._sleep = sleep
        self._way: Callable[[], Awaitable[Tempo]] | None = None

    async def run(self) -> None:
        """Ask every minute until cancelled."""
        await self._sleep(FIRST_ASKED_AFTER_S)
        while True:
            if not self._rcon.up.is_set():
                self.latest = self._cut_off()
                await self._rcon.up.wait()
            self.latest = await self.ask()
            await self._sleep(ASKED_EVERY_S)

    async def ask(self) -> Tempo:
        """Return how fast the server ticks; nothing is known where the console cannot be used."""
        if not self._rcon.up.is_set():  # the console's own link connects; nobody is hurried for this
            return self._cut_off()
        try:
            return await (self._find() if self._way is None else self._way())
        except RconTimeout:
            self.unanswered, self.answers = self.unanswered + 1, False
            return UNTOLD
        except RconError:
            return self._cut_off()

    def _cut_off(self) -> Tempo:
        """Find out anew how to ask, once there is a console again: the server may have become another."""
        self._way, self.answers = None, None
        return UNTOLD

    async def _find(self) -> Tempo:
        for way in (self._by_tps, self._by_tick_query):
            tempo = await way()
            if tempo != UNTOLD:
                self._way = way
                return tempo
        self._way = self._by_nothing
        log.info("the console does not tell how fast the server ticks", server=self._server)
        return await self._by_nothing()

    async def _by_tps(self) -> Tempo:
        tps = read_tps(await self._command("tps"))
        if tps is None:
            return UNTOLD
        mspt = read_mspt(await self._command("mspt"))
        if mspt is None:  # Spigot has no mspt; newer ones have the game's own command
            mspt = read_tick_query(await self._command("minecraft:tick query")).mspt
        return Tempo(tps=tps, mspt=mspt)

    async def _by_tick_query(self) -> Tempo:
        return read_tick_query(await self._command("tick query"))

    async def _by_nothing(self) -> Tempo:
        """Ask for what every server answers, to see that it does."""
        await self._rcon.command(ListPlayers(), priority=Priority.HOUSEKEEPING)
        self._has_answered()
        return UNTOLD

    async def _command(self, words: str) -> str:
        reply = await self._rcon.command(Raw(words), priority=Priority.HOUSEKEEPING)
        self._has_answered()
        return reply

    def _has_answered(self) -> None:
        self.unanswered, self.answers = 0, True
