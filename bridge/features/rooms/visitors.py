"""What a visitor of the website may say, and how often. Pure but for the clock that comes in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bridge.text import clean

LONGEST_NAME: Final = 32  # characters
LONGEST_TEXT: Final = 500  # characters
_MOST_REMEMBERED: Final = 10_000  # visitors
# In the game, a name stands between brackets after its source: <name>, [name].
_NOT_IN_NAMES: Final = re.compile(r"[<>\[\]{}@§\\]")
_RESERVED: Final = frozenset({"server", "console", "rcon"})


@dataclass(frozen=True, slots=True)
class Said:
    """A line that may be said."""

    name: str
    text: str


class Refused(Exception):
    """The line is not taken; ``key`` names the sentence that says why."""

    def __init__(self, key: str, **values: int) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def checked(name: str, text: str) -> Said:
    """Return what a visitor wrote, without what nobody should see.

    Raises:
        Refused: No name or no text, one that is too long, or a name with signs that names do not have.
    """
    name, text = shown(name), shown(text)
    if not 0 < len(name) <= LONGEST_NAME or _NOT_IN_NAMES.search(name) or not any(map(str.isalnum, name)):
        raise Refused("name", max=LONGEST_NAME)
    if folded(name) in _RESERVED:
        raise Refused("name-taken")
    if not text:
        raise Refused("empty")
    if len(text) > LONGEST_TEXT:
        raise Refused("text-long", max=LONGEST_TEXT)
    return Said(name, text)


def shown(typed: str) -> str:
    """Return what was typed as one line, without control characters and changes of direction."""
    return " ".join(unicodedata.normalize("NFC", clean(typed)).split())


def folded(name: str) -> str:
    """Return a name as it is compared: without capitals, and with wide letters as plain ones."""
    return unicodedata.normalize("NFKC", name).casefold()


class Pace:
    """Lets each visitor speak once in a while."""

    def __init__(self, interval_s: float, now: Callable[[], float]) -> None:
        self.interval_s, self._now = interval_s, now
        self._last: dict[str, float] = {}  # in the order in which they spoke

    def take(self, visitor: str) -> None:
        """Note that a visitor speaks.

        Raises:
            Refused: They spoke a moment ago.
        """
        now = self._now()
        last = self._last.get(visitor)
        if last is not None and now - last < self.interval_s:
            raise Refused("too-fast", seconds=max(round(self.interval_s), 1))
        self._last.pop(visitor, None)
        if len(self._last) >= _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]
        self._last[visitor] = now
