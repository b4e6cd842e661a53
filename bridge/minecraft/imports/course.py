"""Whether one log file goes on where the one before it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.events import (
    AnyEvent,
    ChatEmoted,
    ChatSaid,
    PlayerAdvanced,
    PlayerDied,
    PlayerJoined,
    PlayerLeft,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)

_TURNS = (PlayerJoined, PlayerLeft, ServerStarted, ServerStarting, ServerStopping)
_ALIVE = (ChatEmoted, ChatSaid, PlayerAdvanced, PlayerDied, PlayerJoined)


class Course:
    """What is known of a server's life where the last file ended."""

    def __init__(self) -> None:
        self._since_start = False  # all was read since the server began
        self._stopped = False
        self._online: set[str] = set()

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Go on by what some lines told."""
        for event in events:
            if not isinstance(event, _TURNS):  # most are not, and there are millions
                continue
            if isinstance(event, PlayerJoined):
                self._online.add(event.player)
            elif isinstance(event, PlayerLeft):
                self._online.discard(event.player)
            elif isinstance(event, ServerStopping):
                self._stopped = True
            else:
                self._stopped, self._since_start = False, True
                self._online.clear()

    def breaks(self, events: Iterable[AnyEvent]) -> bool:
        """Tell whether the first lines of the next file cannot follow: between them something is missing.

        That is so where players act on a server that has stopped and was not started, and where somebody
        leaves who had not come.
        """
        came = set(self._online)
        for event in events:
            if isinstance(event, ServerStarting | ServerStarted):
                return False
            if self._stopped and isinstance(event, _ALIVE):
                return True
            if isinstance(event, PlayerJoined):
                came.add(event.player)
            if isinstance(event, PlayerLeft):
                if self._since_start and not self._stopped and event.player not in came:
                    return True
                came.discard(event.player)
        return False
