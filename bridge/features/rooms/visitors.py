"""What a visitor of the website may say, and how often. Pure but for the clock that comes in."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from bridge.text import clean

LONGEST_NAME: Final = 32  # characters
LONGEST_TEXT: Final = 500  # characters
_MOST_REMEMBERED: Final = 10_000  # visitors


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
        Refused: No name or no text, or one that is too long.
    """
    name = " ".join(unicodedata.normalize("NFC", clean(name)).split())
    text = " ".join(unicodedata.normalize("NFC", clean(text)).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("name", max=LONGEST_NAME)
    if not text:
        raise Refused("empty")
    if len(text) > LONGEST_TEXT:
        raise Refused("text-long", max=LONGEST_TEXT)
    return Said(name, text)


class Pace:
    """Lets each visitor speak once in a while."""

    def __init__(self, interval_s: float, now: Callable[[], float]) -> None:
        self.interval_s, self._now = interval_s, now
        self._last: dict[str, float] = {}

    def take(self, visitor: str) -> None:
        """Note that a visitor speaks.

        Raises:
            Refused: They spoke a moment ago.
        """
        now = self._now()
        last = self._last.get(visitor)
        if last is not None and now - last < self.interval_s:
            raise Refused("too-fast", seconds=round(self.interval_s))
        if len(self._last) >= _MOST_REMEMBERED:
            self._last = {who: at for who, at in self._last.items() if now - at < self.interval_s}
        self._last[visitor] = now


def visitor_of(peer: str | None, forwarded: str | None, trusted: Collection[str]) -> str:
    """Return what tells one visitor from another: the address, or its network for IPv6.

    Args:
        peer: Who opened the connection.
        forwarded: The header ``X-Forwarded-For``, believed only from a *trusted* peer.
        trusted: Addresses of our own reverse proxies.
    """
    address = peer or "unknown"
    if forwarded and peer in trusted:
        address = forwarded.rpartition(",")[2].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:  # one household has a whole /64
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
