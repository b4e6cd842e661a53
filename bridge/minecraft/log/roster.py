"""Who is on the server, as far as its log has told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from bridge.events import (
    AnyEvent,
    Event,
    ListedPlayer,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerListed,
    ServerStarted,
    ServerStarting,
    ServerStopping,
    Speaker,
    SpeakerKind,
)

V = TypeVar("V")

MOST_REMEMBERED: Final = 20_000
"""Names and UUIDs kept besides those online; the oldest go first."""

_NEWEST: Final = 16  # of those that came or went: a line about the same moment stands close by
_SHORTEST: Final = 3  # characters; a shorter name ends others by chance


Told: TypeAlias = int
SEEN: Final[Told] = 0  # playing, though no line has told of the join
LOGIN: Final[Told] = 1  # ``logged in with entity id``
JOINED: Final[Told] = 2  # ``joined the game``
"""Which lines have told of a stay; both are 3."""


class Phase(StrEnum):
    """Where the server is in its life."""

    UNKNOWN = "unknown"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


UNKNOWN: Final = Phase.UNKNOWN
STARTING: Final = Phase.STARTING
RUNNING: Final = Phase.RUNNING
STOPPING: Final = Phase.STOPPING


class Roster:
    """Names online, names just gone, UUIDs by name; bounded whatever the log holds."""

    def __init__(self) -> None:
        self.online: dict[str, Told] = {}
        self.gone: dict[str, None] = {}  # left by one line, a second one may follow
        self.arriving: dict[str, None] = {}  # identified, not yet in
        self.refused: dict[str, None] = {}  # told once, a second line may follow
        self.uuids: dict[str, str] = {}
        self.phase: Phase = Phase.UNKNOWN
        self.speakers: dict[str, Speaker] = {}

    def identify(self, name: str, uuid: str) -> None:
        """Remember which UUID belongs to a name that is about to come in."""
        _remember(self.uuids, name, uuid)
        self.speakers.pop(name, None)
        _remember(self.arriving, name, None)

    def enter(self, name: str, told: Told) -> bool:
        """Note a line that tells of a join; True when it is the first of this stay."""
        before = self.online.get(name)
        self.arriving.pop(name, None)
        self.gone.pop(name, None)
        self.refused.pop(name, None)
        if before is None or before == SEEN or (told == LOGIN and before & LOGIN):
            self.online[name] = told  # a second login without a leave: the leave was never written
            return True
        self.online[name] = before | told
        return False

    def leave(self, name: str, *, final: bool) -> bool:
        """Note a line that tells of a leave; True when it is the first of this stay.

        *final* is for ``left the game``, which nothing follows where ``lost connection`` came before.
        """
        was_online = self.online.pop(name, None) is not None
        self.arriving.pop(name, None)
        if not was_online and name in self.gone:
            if final:
                del self.gone[name]
            return False
        _remember(self.gone, name, None)
        return True

    def glued(self, display: str) -> str | None:
        """Return who is coming in by a name that a team's prefix without a space is glued to, or None."""
        coming = [name for name, told in islice(reversed(self.online.items()), _NEWEST) if told == LOGIN]
        return _within(display, [*islice(reversed(self.arriving), _NEWEST), *coming])

    def glued_gone(self, display: str) -> bool:
        """Tell whether a name with a prefix glued to it is of somebody whose leave has just been told."""
        return _within(display, islice(reversed(self.gone), _NEWEST)) is not None

    def refuse(self, name: str, *, final: bool) -> bool:
        """Note a line that tells of a refused login; True when it is the first about this attempt."""
        self.arriving.pop(name, None)
        if not final:
            _remember(self.refused, name, None)
            return True
        if name in self.refused:
            del self.refused[name]
            return False
        return True

    def see(self, name: str) -> None:
        """Note that a name plays though no line has told of its join: the file began later."""
        if name not in self.online and len(self.online) < MOST_REMEMBERED:
            self.online[name] = SEEN

    def correct(self, names: Collection[str]) -> None:
        """Take these names for those who are online; lines that come later still tell what they tell."""
        for name in [name for name in self.online if name not in names]:
            self.leave(name, final=True)
        for name in names:
            self.see(name)

    def clear(self) -> None:
        """Nobody is online: the server has just started."""
        self.online.clear()
        self.gone.clear()
        self.arriving.clear()
        self.refused.clear()

    def speaker(self, name: str) -> Speaker:
        """Return the player of that name as a speaker, with the UUID where it is known."""
        speaker = self.speakers.get(name)
        if speaker is None:
            speaker = Speaker(kind=SpeakerKind.PLAYER, name=name, id=self.uuids.get(name))
            _remember(self.speakers, name, speaker)
        return speaker

    def restore(self, events: Iterable[Event]) -> None:
        """Rebuild from what the journal holds, oldest first, as if the lines were read again."""
        for event in events:
            self._replay(event)

    def _replay_list(self, players: Iterable[ListedPlayer]) -> None:
        known = {player.name: player.uuid for player in players}
        for name, uuid in known.items():
            if uuid is not None:
                _remember(self.uuids, name, uuid)
        self.correct(known)

    def _replay(self, event: Event | AnyEvent) -> None:
        match event:
            case PlayerIdentified(player=name, uuid=str(uuid)):
                self.identify(name, uuid)
            case PlayerJoined(player=name, uuid=uuid):
                if uuid is not None:
                    self.identify(name, uuid)
                self.enter(name, JOINED)
            case PlayerLeft(player=name):
                self.leave(name, final=True)
            case ServerListed(players=players):
                self._replay_list(players)
            case ServerStarting():
                self.clear()
                self.phase = STARTING
            case ServerStarted():
                self.clear()
                self.phase = RUNNING
            case ServerStopping():
                self.phase = STOPPING
            case _:
                pass


def _within(display: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if len(name) > _SHORTEST and display.endswith(name)), None)


def _remember(kept: dict[str, V], key: str, value: V) -> None:
    if len(kept) >= MOST_REMEMBERED and key not in kept:
        del kept[next(iter(kept))]
    kept[key] = value
