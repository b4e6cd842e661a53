"""Sessions are the same in whatever order the facts come."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.features.sessions.deriving import Deriver
from bridge.statistics.lives import Fact, Session, What, sessions_of
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.store.statistics.sessions import sessions_from

RELOG_MS = 300_000
HOUR_MS = 3_600_000
FOR_ALL = {"begins_ms": -1, "ends_ms": 2**53}


@st.composite
def lives(draw: st.DrawFn) -> list[Fact]:
    """Facts of a server in order, with and without sense, several in one moment."""
    at_ms = 1_700_000_000_000
    facts: list[Fact] = []
    for position in range(draw(st.integers(1, 25))):
        at_ms += draw(st.sampled_from([0, 1000, 4000, 60_000, HOUR_MS]))
        what = draw(st.sampled_from([*What] + [What.JOINED, What.LEFT] * 6))
        account = draw(st.integers(1, 4)) if what in (What.JOINED, What.LEFT, What.LISTED) else 0
        valued = what in (What.STARTING, What.MISSED) and draw(st.booleans())
        value_ms = at_ms - draw(st.integers(0, 10)) * 60_000 if valued else None
        facts.append(Fact(at_ms, position, 0, what, account, value_ms))
    return facts


def lasting(sessions: list[Session]) -> set[Session]:
    """Leave out what was over in the moment it began: which run that belongs to is nobody's concern."""
    return {each for each in sessions if each.ended_ms is None or each.ended_ms > each.began_ms}


@settings(max_examples=60, deadline=None)
@given(facts=lives(), data=st.data())
def test_any_order_gives_the_same_sessions(shared: Sharing, facts: list[Fact], data: st.DataObject) -> None:
    """The facts come in pieces, each in the order of time, the pieces in any."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(facts)), max_size=6)))
    pieces = [facts[a:b] for a, b in itertools.pairwise([0, *cuts, len(facts)]) if a < b]
    pieces = data.draw(st.permutations(pieces))
    restarts = data.draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    stored = shared.derive(pieces, restarts)
    assert lasting(stored) == lasting(sessions_of(sorted(facts)))


class Sharing:
    """One store for all examples, each with a server of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, store: Store) -> None:
        self._loop, self._store, self._server = loop, store, 0

    def derive(self, pieces: list[list[Fact]], restarts: list[bool]) -> list[Session]:
        """Take pieces one after the other, with new memory where it says so; return what is stored."""
        self._server += 1
        return self._loop.run_until_complete(self._derive(self._server, pieces, restarts))

    async def _derive(self, server: int, pieces: list[list[Fact]], restarts: list[bool]) -> list[Session]:
        deriver = Deriver(RELOG_MS)
        for piece, restart in zip(pieces, restarts, strict=True):
            if restart:
                deriver = Deriver(RELOG_MS)
            async with self._store.transaction() as tx:
                await deriver.take(tx, server, piece)
        async with self._store.reading() as conn:
            return await sessions_from(conn, server, **FOR_ALL)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, migrate: Migrate) -> Iterator[Sharing]:
    """A store that all examples share."""
    loop = asyncio.new_event_loop()
    folder: Path = tmp_path_factory.mktemp("sessions")
    store = loop.run_until_complete(Store.open(folder, migrate=migrate))
    yield Sharing(loop, store)
    loop.run_until_complete(store.close())
    loop.close()
