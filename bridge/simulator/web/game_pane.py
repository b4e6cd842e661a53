"""The game pane: the server's screens and log as the page draws them, and visitors as players."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from bridge.simulator.game import GameEvent, Life, Logged, Shown, SimGame

from .discord_pane import Refused
from .views import LogView, RosterView, RunView, ShownView

_NAME: Final = re.compile(r"[A-Za-z0-9_]{3,16}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f§]+")
MOST_TYPED: Final = 256  # what the game's client lets a player type


class GamePane:
    """One pretend server, with the visitors as its players."""

    def __init__(self, game: SimGame, life: Life | None) -> None:
        self.game = game
        self._life = life
        self._players: dict[str, str] = {}  # names by visitor
        self.shown: deque[ShownView] = deque(maxlen=200)
        self.log: deque[LogView] = deque(maxlen=300)

    def view(self, event: GameEvent) -> ShownView | LogView | RosterView | None:
        """Return what the page is told of an event, and keep it for later visitors."""
        if isinstance(event, Logged):
            line = LogView(at=event.time.timestamp(), level=event.level, thread=event.thread, text=event.text)
            self.log.append(line)
            return line
        if isinstance(event, Shown):
            return self._shown(event)
        return self.roster()

    def _shown(self, event: Shown) -> ShownView | None:
        if event.players is not None:  # a private line; the page shows what everybody sees
            return None
        runs = tuple(
            RunView(
                text=run.text,
                colour=run.colour,
                formats=tuple(sorted(run.formats)),
                link=run.link,
                hover=run.hover,
            )
            for run in event.line.runs
        )
        line = ShownView(at=event.time.timestamp(), origin=event.kind, runs=runs)
        self.shown.append(line)
        return line

    def roster(self) -> RosterView:
        """Who is online now."""
        return RosterView(players=tuple(self.game.online), running=self.game.running)

    def type(self, visitor: str, name: str, text: str) -> str:
        """Let the visitor type as a player, who joins with the first line; returns a command's answer.

        Raises:
            Refused: The name or the text is none the game takes, or the server is down.
        """
        text = _CONTROL.sub(" ", text).strip()
        if not self.game.running:
            raise Refused("server_down")
        if not _NAME.fullmatch(name):
            raise Refused("bad_name")
        if len(text) > MOST_TYPED:
            raise Refused("too_long", most=MOST_TYPED)
        self._become(visitor, name)
        answer = self.game.type(name, text)
        self.greeted(name, text)
        return answer

    def greeted(self, name: str, text: str) -> None:
        """Let a simulated player answer a greeting, wherever it was said."""
        if self._life is not None:
            self._life.greeted(name, text)

    def _become(self, visitor: str, name: str) -> None:
        before = self._players.get(visitor)
        if name in self.game.online and before != name:
            raise Refused("taken", name=name)
        if before is not None and before != name:
            self.game.leave(before)
        self._players[visitor] = name
        self.game.join(name)

    def gone(self, visitor: str) -> None:
        """Let the visitor's player leave."""
        name = self._players.pop(visitor, None)
        if name is not None and self.game.running:
            self.game.leave(name)
