"""Makes sessions of facts, whatever order they come in: years of old logs after what is live, for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.lives import Fact, Life, Session, What
from bridge.store.statistics.presences import add_facts, facts_between, start_after, start_before
from bridge.store.statistics.sessions import (
    mark_relogs,
    replace_sessions,
    sessions_at,
    sessions_from,
)

Key: TypeAlias = tuple[int, int, int]

_MOST_KEPT: Final = 4  # states of a server: that of now, that of an import under way, and one each before
_NEVER_MS: Final = 2**53


class _Kept(NamedTuple):
    """A server's state after a fact."""

    key: Key  # of that fact
    life: Life


class Changed(NamedTuple):
    """What has become of a server's sessions: those that are no more as they were, and those that now are."""

    gone: tuple[Session, ...]
    new: tuple[Session, ...]


class Deriver:
    """Keeps the table of sessions as the facts have it.

    Every fact belongs to one run of its server: what was before a start changes nothing after it. With a fact
    from earlier its run is gone through again, from the newest state that is known before it; with one that
    comes last, as nearly all do, that is one step.
    """

    def __init__(self, relog_ms: int) -> None:
        self._relog_ms = relog_ms
        self._kept: dict[int, list[_Kept]] = defaultdict(list)  # by server, the newest last
        self._last: dict[int, Key] = {}  # of each server's facts, where that is known

    def forget(self) -> None:
        """Ask the store anew, as what was derived may not have been kept."""
        self._kept.clear()
        self._last.clear()

    async def take(self, tx: AsyncConnection, server: int, facts: Sequence[Fact]) -> Changed:
        """Keep facts about one server, and return what has changed by them."""
        facts = sorted(facts)
        await add_facts(tx, server, facts)
        first, last = _key(facts[0]), _key(facts[-1])
        newest = server in self._last and first > self._last[server]
        ends_ms = None if newest else await start_after(tx, server, facts[-1].at_ms)
        begin = await self._beginning(tx, server, first)
        run = facts if begin.key == self._last.get(server) else await _run(tx, server, begin, ends_ms)
        self._forget_between(server, first, ends_ms)
        new = self._go_through(server, begin.life.copy(), run, last, ends_ms)
        old = await self._stored(tx, server, begin, ends_ms)
        if newest or ends_ms is None:
            self._last[server] = max(last, _key(run[-1]))
        changed = Changed(tuple(old - new), tuple(new - old))
        await replace_sessions(tx, server, changed.gone, changed.new)
        await self._mark_relogs(tx, server, changed)
        return changed

    async def _beginning(self, tx: AsyncConnection, server: int, first: Key) -> _Kept:
        """Return the newest state before a fact: one that is kept, or that before its run's start."""
        start_ms = await start_before(tx, server, first[0] - 1)
        before = [each for each in self._kept[server] if each.key < first]
        kept = max(before, key=lambda each: each.key, default=None)
        if kept is not None and (start_ms is None or kept.key[0] >= start_ms):
            return kept
        return _Kept((start_ms or 0, -1, 0), Life())

    def _forget_between(self, server: int, first: Key, ends_ms: int | None) -> None:
        self._kept[server] = [
            each
            for each in self._kept[server]
            if each.key < first or (ends_ms is not None and each.key[0] > ends_ms)
        ]

    def _go_through(
        self, server: int, life: Life, run: Sequence[Fact], last: Key, ends_ms: int | None
    ) -> set[Session]:
        """Return the sessions of a run, without those that began when it was over."""
        ended: list[Session] = []
        for fact in run:
            ended += life.take(fact)
            if _key(fact) == last:
                self._keep(server, last, life.copy())
        if ends_ms is None and _key(run[-1]) != last:
            self._keep(server, _key(run[-1]), life)
        found = {(each.account, each.began_ms): each for each in (*ended, *life.open_sessions())}
        return {each for each in found.values() if ends_ms is None or each.began_ms < ends_ms}

    async def _stored(
        self, tx: AsyncConnection, server: int, begin: _Kept, ends_ms: int | None
    ) -> set[Session]:
        """Return what the table has of those sessions: begun after that state, or still open in it."""
        stored = set(await sessions_at(tx, server, list(begin.life.open_sessions())))
        if begin.key == self._last.get(server):
            return stored  # nothing is known of what comes after it
        begins_ms, ends = begin.key[0], _NEVER_MS if ends_ms is None else ends_ms
        later = await sessions_from(tx, server, begins_ms=begins_ms, ends_ms=ends)
        # One that was over in the moment it began may belong to what was before.
        stored |= {each for each in later if (each.began_ms, each.ended_ms) != (begins_ms, begins_ms)}
        blind_ms = begin.life.blind_since_ms
        if blind_ms is not None and blind_ms < begins_ms:
            guessed = await sessions_from(tx, server, begins_ms=blind_ms, ends_ms=blind_ms + 1)
            stored |= {each for each in guessed if each.ended_ms is None or each.ended_ms > begins_ms}
        return stored

    async def _mark_relogs(self, tx: AsyncConnection, server: int, changed: Changed) -> None:
        all_of_them = [*changed.gone, *changed.new]
        if not all_of_them:
            return
        await mark_relogs(
            tx,
            server,
            sorted({each.account for each in all_of_them}),
            begins_ms=min(each.began_ms for each in all_of_them),
            ends_ms=max(each.ended_ms or each.began_ms for each in all_of_them) + self._relog_ms,
            within_ms=self._relog_ms,
        )

    def _keep(self, server: int, key: Key, life: Life) -> None:
        kept = [each for each in self._kept[server] if each.key != key]
        self._kept[server] = [*kept, _Kept(key, life)][-_MOST_KEPT:]


async def _run(tx: AsyncConnection, server: int, begin: _Kept, ends_ms: int | None) -> list[Fact]:
    """Return the facts after a state, up to the next start and that included."""
    ends = _NEVER_MS if ends_ms is None else ends_ms + 1
    found = await facts_between(tx, server, begins_ms=begin.key[0], ends_ms=ends)
    later = [fact for fact in found if _key(fact) > begin.key]
    if begin.key[0] and begin.key[1] < 0:  # what came before the start in its own moment is not of this run
        later = later[next((n for n, fact in enumerate(later) if fact.what is What.STARTING), 0) :]
    if ends_ms is None:
        return later
    end = next(n for n, fact in enumerate(later) if fact.what is What.STARTING and fact.at_ms == ends_ms)
    return later[: end + 1]


def _key(fact: Fact) -> Key:
    return fact.at_ms, fact.position, fact.part
