"""Who was on a server from when to when, from the facts that tell of it, in the order of time.

A server's life is a sequence of runs, each from a start to a stop or a crash. Facts can be missing: a crash
writes no leaves, a log can have a hole. What then has to be guessed is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Final, NamedTuple, TypeAlias

SAME_MS: Final = 5_000  # two joins so close are one, told twice


class What(IntEnum):
    """What a fact says; the numbers are stored."""

    JOINED = 1
    LEFT = 2
    STARTING = 3  # value: when the log's last line before was written
    STOPPING = 4
    STOPPED = 5
    CRASHED = 6
    LISTED = 7  # one player of a list
    LIST_ENDS = 8
    MISSED = 9  # value: since when nothing is known
    FOLLOWED = 10  # nothing before is known
    LOST = 11  # the server does not answer
    RECOVERED = 12
    SEEN = 13  # up to here its log was read


class Fact(NamedTuple):
    """One fact about who is on a server; facts are in order as tuples."""

    at_ms: int
    position: int  # of its record; orders the facts of one moment
    part: int  # orders the facts of one record
    what: What
    account: int = 0  # whom it is about; 0: everybody
    value_ms: int | None = None


class Flag(IntFlag):
    """How much of a session is known, and what ended it; the numbers are stored."""

    BEGAN_GUESSED = 1  # it began then or earlier
    ENDED_GUESSED = 2
    BY_STOP = 4
    BY_CRASH = 8


class Session(NamedTuple):
    """One stay of a player on a server."""

    account: int
    began_ms: int
    ended_ms: int | None  # None: not yet
    flags: Flag = Flag(0)


_Handler: TypeAlias = Callable[[Fact], Iterable[Session]]


class _Open(NamedTuple):
    began_ms: int
    flags: Flag


@dataclass(slots=True)
class Life:
    """The state of a server between two facts."""

    online: dict[int, _Open] = field(default_factory=dict)
    sign_ms: int | None = None  # the last sign of life
    stopping_ms: int | None = None
    lost_ms: int | None = None
    blind_since_ms: int | None = None  # who was on at that moment is not known
    gone: set[int] = field(default_factory=set)  # who has left since then
    listed: set[int] = field(default_factory=set)
    _handlers: dict[What, _Handler] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._handlers = {
            What.JOINED: self._joined,
            What.LEFT: self._left,
            What.STARTING: self._starting,
            What.STOPPING: self._stopping,
            What.STOPPED: self._stopped,
            What.CRASHED: self._crashed,
            What.LISTED: self._on_list,
            What.LIST_ENDS: self._compare,
            What.MISSED: self._missed,
            What.FOLLOWED: self._be_blind,
            What.LOST: self._lost,
            What.RECOVERED: self._seen,
            What.SEEN: self._seen,
        }

    def copy(self) -> Life:
        """Return the same state, to go on with elsewhere."""
        return Life(
            online=dict(self.online),
            sign_ms=self.sign_ms,
            stopping_ms=self.stopping_ms,
            lost_ms=self.lost_ms,
            blind_since_ms=self.blind_since_ms,
            gone=set(self.gone),
            listed=set(self.listed),
        )

    def take(self, fact: Fact) -> Iterator[Session]:
        """Go on by one fact, and yield the sessions that it ends."""
        if self.sign_ms is None and fact.what is not What.STARTING:
            self.blind_since_ms = fact.at_ms  # the first that is known of this server
        yield from self._handle(fact)
        if fact.what is not What.LOST:
            self.sign_ms, self.lost_ms = fact.at_ms, None

    def open_sessions(self) -> Iterator[Session]:
        """Yield who is on."""
        for account, stay in self.online.items():
            yield Session(account, stay.began_ms, None, stay.flags)

    def _handle(self, fact: Fact) -> Iterable[Session]:
        return self._handlers[fact.what](fact)

    def _stopping(self, fact: Fact) -> Iterable[Session]:
        self.stopping_ms = fact.at_ms
        return ()

    def _stopped(self, fact: Fact) -> Iterable[Session]:
        return self._end_all(fact.at_ms, Flag.BY_STOP)

    def _crashed(self, fact: Fact) -> Iterable[Session]:
        return self._end_all(fact.at_ms, Flag.BY_CRASH | Flag.ENDED_GUESSED)

    def _on_list(self, fact: Fact) -> Iterable[Session]:
        self.listed.add(fact.account)
        return ()

    def _lost(self, fact: Fact) -> Iterable[Session]:
        self.lost_ms = self.lost_ms or fact.at_ms
        return ()

    def _seen(self, _fact: Fact) -> Iterable[Session]:
        return ()

    def _joined(self, fact: Fact) -> Iterator[Session]:
        stay = self.online.get(fact.account)
        if stay is not None and fact.at_ms - stay.began_ms <= SAME_MS:
            return
        if stay is not None:  # nobody saw them leave
            yield self._end(fact.account, self.sign_ms or fact.at_ms, Flag.ENDED_GUESSED)
        self.online[fact.account] = _Open(fact.at_ms, Flag(0))

    def _left(self, fact: Fact) -> Iterator[Session]:
        if fact.account in self.online:
            yield self._end(fact.account, fact.at_ms, Flag(0))
        elif self.blind_since_ms is not None and fact.account not in self.gone:
            self.online[fact.account] = _Open(self.blind_since_ms, Flag.BEGAN_GUESSED)
            yield self._end(fact.account, fact.at_ms, Flag(0))

    def _starting(self, fact: Fact) -> Iterator[Session]:
        """End what the run before has left: in good order, or by a crash that wrote nothing."""
        signs = (self.sign_ms, self.lost_ms, fact.value_ms, self.stopping_ms)
        last_ms = min(max((sign for sign in signs if sign is not None), default=fact.at_ms), fact.at_ms)
        why = Flag.BY_CRASH if self.stopping_ms is None else Flag.BY_STOP
        yield from self._end_all(last_ms, why | Flag.ENDED_GUESSED)
        self.stopping_ms = self.blind_since_ms = None
        self.gone.clear()
        self.listed.clear()

    def _compare(self, fact: Fact) -> Iterator[Session]:
        """Believe the list where it and what was seen differ."""
        listed, self.listed = self.listed, set()
        for account in [account for account in self.online if account not in listed]:
            yield self._end(account, self.sign_ms or fact.at_ms, Flag.ENDED_GUESSED)
        for account in sorted(listed - self.online.keys()):
            self.online[account] = _Open(fact.at_ms, Flag.BEGAN_GUESSED)
        self.blind_since_ms = None

    def _missed(self, fact: Fact) -> Iterator[Session]:
        last_ms = max(self.sign_ms or 0, fact.value_ms or 0) or fact.at_ms
        yield from self._end_all(min(last_ms, fact.at_ms), Flag.ENDED_GUESSED)
        self._be_blind(fact)

    def _be_blind(self, fact: Fact) -> Iterable[Session]:
        self.blind_since_ms = fact.at_ms
        self.gone.clear()
        return ()

    def _end_all(self, at_ms: int, flags: Flag) -> Iterator[Session]:
        for account in list(self.online):
            yield self._end(account, at_ms, flags)

    def _end(self, account: int, at_ms: int, flags: Flag) -> Session:
        stay = self.online.pop(account)
        self.gone.add(account)
        return Session(account, stay.began_ms, max(at_ms, stay.began_ms), stay.flags | flags)


def sessions_of(facts: Iterable[Fact], life: Life | None = None) -> list[Session]:
    """Return the sessions that facts in order tell of, those still open among them.

    Args:
        facts: In the order of time.
        life: The state before the first of them, which is moved on; by default nothing is known.
    """
    life = life or Life()
    ended = [session for fact in facts for session in life.take(fact)]
    return [*ended, *life.open_sessions()]
