"""What the rules of the parser share: the server, who is online, and the names in a sentence."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum, auto
from typing import Final, TypeAlias

from bridge.events import EndId, Event, ServerId, server_end
from bridge.minecraft.log.layouts import Header
from bridge.minecraft.log.names import entity_before, plausible, speech_before
from bridge.minecraft.log.roster import Roster

_SUBJECT: Final = re.compile(
    r"(?P<before>.*?)(?P<name>[^\s\[\](){}<>:|»«\"',;/\\]+)(?P<after>\s*(?:\[[^\]]*\]|\([^)]*\)))?\s*"
)
_BRACKETS: Final = re.compile(r"\s*(?:(?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\}):?\s*)+")


class Verdict(Enum):
    """What a rule says of a line that is no event."""

    KNOWN = auto()  # understood, and nothing new, such as the second line about a join
    FOREIGN = auto()  # a plugin's own business


KNOWN: Final = Verdict.KNOWN
FOREIGN: Final = Verdict.FOREIGN
Outcome: TypeAlias = Event | Verdict | None  # None: this rule does not know the line


class Context:
    """One stream's state, as the rules see it."""

    __slots__ = (
        "bedrock_prefix",
        "chat_apart",
        "end",
        "knocks",
        "parted",
        "proxy",
        "roster",
        "server",
        "velocity",
        "waiting",
    )

    def __init__(self, server: ServerId, *, bedrock_prefix: str, proxy: bool) -> None:
        self.server = server
        self.end: EndId = server_end(server)
        self.roster = Roster()
        self.bedrock_prefix = bedrock_prefix
        self.proxy = proxy  # the stream is known to be a proxy's
        self.chat_apart = False  # chat has a thread of its own: other threads' lines were never typed
        self.velocity = False  # the proxy is Velocity, which tells that it is ready after it listens
        self.knocks = False  # the proxy writes a line when an address reaches it
        self.parted: dict[str, tuple[str, datetime]] = {}  # who left a proxy, which line told it, when
        self.waiting: dict[str, None] = {}  # addresses that reached a proxy and have no name yet

    def plausible(self, name: str) -> bool:
        """Tell whether *name* can be a player's."""
        return plausible(name, prefix=self.bedrock_prefix)

    def subject(
        self, subject: str, header: Header, *, stranger: bool = True, word: bool = True
    ) -> str | None:
        """Return the player that a sentence's first words name, or None when they name no player.

        A team's prefix or suffix may stand around the name. With *stranger* the name of somebody whose join
        was not read may stand there too, as long as nothing else could be meant; with *word* after any one
        word, otherwise only after brackets.
        """
        if subject in self.roster.online:
            return subject
        if plausible(subject, prefix=self.bedrock_prefix):
            return subject if stranger else None
        word = word and header.thread is not None
        return self._decorated(subject, stranger=stranger, word=word) or self._mended(subject)

    def _decorated(self, subject: str, *, stranger: bool, word: bool) -> str | None:
        """The name between a team's prefix and suffix."""
        found = _SUBJECT.fullmatch(subject)
        if found is None or not (found["before"] or found["after"]):
            return None
        before, name = found["before"], found["name"]
        if entity_before(before) or self._names_somebody(before):
            return None
        if speech_before(before) and not self.chat_apart:
            return None
        if name in self.roster.online or name in self.roster.arriving:
            return name
        if not stranger or not self.plausible(name):
            return None
        return name if (word and " " not in before.strip()) or _BRACKETS.fullmatch(before) else None

    def _names_somebody(self, text: str) -> bool:
        return any(word in self.roster.online for word in re.split(r"[\s\[\](){}<>:]+", text) if word)

    def _mended(self, subject: str) -> str | None:
        """The name without colour codes whose section sign was lost in writing."""
        if "?" not in subject:
            return None
        bare = re.sub(r"\?[0-9a-fk-orx]", "", subject)
        return bare if self.plausible(bare) else None


def looks_like_say(subject: str) -> bool:
    """Tell whether a sentence begins like ``[Mira] Mira left the game``, which Mira said."""
    return subject.startswith("[") and "] " in subject


def marks(text: str, *, most: int = 96) -> list[str]:
    """Return the words at the beginning of a message."""
    return text[:most].split(" ")
