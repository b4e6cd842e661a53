"""Counts the lines that cross and measures how long they take, by finding a line's text on the other side."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from .views import DirectionView, MeterView

_OLDEST_S: Final = 60.0
_STRIPPED: Final = str.maketrans("", "", "\\*_~`|[]()<>#\u200b\u2060 \n")


@dataclass(frozen=True, slots=True)
class _Said:
    key: str
    at_s: float


def _key(text: str) -> str:
    """Reduce a text to what markdown and line breaks leave alone."""
    return text.translate(_STRIPPED).casefold()


class Meter:
    """Is told what was said and what arrived, with monotonic times; :meth:`view` is the sum."""

    def __init__(self) -> None:
        self._game: deque[_Said] = deque(maxlen=200)
        self._discord: deque[_Said] = deque(maxlen=200)
        self._game_to_discord = DirectionView()
        self._discord_to_game = DirectionView()
        self._site_to_both = DirectionView()

    def said_in_game(self, text: str, at_s: float) -> None:
        """A player said something."""
        self._game.append(_Said(_key(text), at_s))

    def said_in_discord(self, text: str, at_s: float) -> None:
        """A member said something."""
        self._discord.append(_Said(_key(text), at_s))

    def arrived_in_discord(self, text: str, at_s: float) -> bool:
        """A webhook or bot message came; whether it brought lines of the game."""
        found = _take(self._game, _key(text), at_s)
        self._game_to_discord = _added(self._game_to_discord, found, at_s)
        return bool(found)

    def arrived_in_game(self, text: str, at_s: float) -> bool:
        """A ``tellraw`` came; what no member said came from the website."""
        found = _take(self._discord, _key(text), at_s)
        if found:
            self._discord_to_game = _added(self._discord_to_game, found, at_s)
        else:
            self._site_to_both = DirectionView(lines=self._site_to_both.lines + 1)
        return bool(found)

    def view(self) -> MeterView:
        """What has crossed so far."""
        return MeterView(
            game_to_discord=self._game_to_discord,
            discord_to_game=self._discord_to_game,
            site_to_both=self._site_to_both,
        )


def _take(waiting: deque[_Said], arrived: str, at_s: float) -> list[_Said]:
    """Remove and return the waiting lines that stand in what arrived, oldest first."""
    found: list[_Said] = []
    for said in tuple(waiting):
        if at_s - said.at_s > _OLDEST_S:
            waiting.remove(said)
        elif said.key and said.key in arrived:
            arrived = arrived.replace(said.key, "", 1)
            waiting.remove(said)
            found.append(said)
    return found


def _added(direction: DirectionView, found: list[_Said], at_s: float) -> DirectionView:
    if not found:
        return direction
    last_ms = round((at_s - found[-1].at_s) * 1000, 1)
    return DirectionView(lines=direction.lines + len(found), last_ms=last_ms)
