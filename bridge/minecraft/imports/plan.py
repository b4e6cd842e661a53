"""Reads what the plugin Plan has kept of a server in its SQLite file: who played from when to when. Blocks.

Two layouts: since 2022 a session names its player and server by number, before by UUID.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import UUID

import msgspec

from bridge.events import AnyEvent, PlayerIdentified, PlayerJoined, PlayerLeft, ServerId, ServerObserved
from bridge.journal.records import Draft, RecordId, import_source
from bridge.minecraft.log.drafts import utc_now

PREFIX: Final = "plan:"
"""Begins the ids of all facts from Plan."""

_TABLES: Final = frozenset({"plan_servers", "plan_sessions", "plan_users"})
_LONGEST_NAME: Final = 36
_AWAY: Final = timedelta(days=14)  # after so long without a session Plan may have been away, not the players
_MOST: Final = 500  # facts at once
_AHEAD: Final = timedelta(days=1)  # more than clocks differ

_BY_NUMBER: Final = "u.id = s.user_id", "v.id = s.server_id"
_BY_UUID: Final = "u.uuid = s.uuid", "v.uuid = s.server_uuid"


class PlanRefused(Exception):
    """This is no database of Plan, or it cannot be read; the message says why."""


class PlanServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server as Plan knows it."""

    uuid: str
    name: str
    sessions: int


class PlanSession(msgspec.Struct, frozen=True, kw_only=True):
    """A stay of a player."""

    id: int
    uuid: str
    name: str
    began: datetime
    ended: datetime


class Times:
    """Stretches of time, put together where they overlap or touch."""

    def __init__(self, stretches: Iterable[tuple[datetime, datetime]]) -> None:
        self._begins: list[datetime] = []
        self._ends: list[datetime] = []
        for begin, end in sorted(stretches):
            if self._ends and begin <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._begins.append(begin)
                self._ends.append(end)

    def hold(self, begin: datetime, end: datetime) -> bool:
        """Tell whether all from *begin* to *end* lies in one of them."""
        at = bisect_right(self._begins, begin) - 1
        return at >= 0 and end <= self._ends[at]


class PlanDatabase:
    """A database of Plan, opened for reading; also a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            PlanRefused: It cannot be opened, or is none.
        """
        try:
            path.stat()
            self._conn = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        except OSError as exc:
            raise PlanRefused(exc.strerror or str(exc)) from exc
        try:
            self._conn.text_factory = lambda data: data.decode(errors="replace")
            self._check()
        except sqlite3.Error as exc:
            self._conn.close()
            raise PlanRefused(str(exc)) from exc
        except PlanRefused:
            self._conn.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._conn.close()

    def servers(self) -> list[PlanServer]:
        """Return the servers that have sessions, those with the most first."""
        _, server = self._joins
        rows = self._rows(f"""
            SELECT v.uuid, v.name, count(*) FROM plan_sessions s JOIN plan_servers v ON {server}
            GROUP BY v.uuid, v.name ORDER BY 3 DESC, 1
        """)  # noqa: S608 - constants
        return [
            PlanServer(uuid=str(uuid), name=str(name or uuid), sessions=count) for uuid, name, count in rows
        ]

    def first_seen(self, server: PlanServer) -> Iterator[tuple[str, str, datetime]]:
        """Yield the UUID and the name of each player of a server, and when they first came."""
        if "plan_user_info" not in self._tables:
            return
        user, at = self._joins
        rows = self._rows(
            f"""
            SELECT u.uuid, u.name, s.registered FROM plan_user_info s
            JOIN plan_users u ON {user} JOIN plan_servers v ON {at} WHERE v.uuid = ?
            """,  # noqa: S608 - constants
            server.uuid,
        )
        for uuid, name, registered in rows:
            known, when = _player(uuid, name), _time(registered)
            if known is not None and when is not None:
                yield *known, when

    def sessions(self, server: PlanServer) -> Iterator[PlanSession | None]:
        """Yield a server's sessions as they began; None for a row that makes no sense."""
        user, at = self._joins
        rows = self._rows(
            f"""
            SELECT s.id, u.uuid, u.name, s.session_start, s.session_end FROM plan_sessions s
            JOIN plan_users u ON {user} JOIN plan_servers v ON {at} WHERE v.uuid = ?
            ORDER BY s.session_start, s.id
            """,  # noqa: S608 - constants
            server.uuid,
        )
        return (_session(row) for row in rows)

    def _check(self) -> None:
        found = self._conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._tables = {str(name) for (name,) in found}
        if missing := sorted(_TABLES - self._tables):
            raise PlanRefused(f"it has no table {missing[0]}")
        columns = {str(row[1]) for row in self._conn.execute("PRAGMA table_info(plan_sessions)")}
        self._joins = _BY_NUMBER if "user_id" in columns else _BY_UUID

    def _rows(self, statement: str, *values: str) -> Iterator[Sequence[Any]]:
        try:
            yield from self._conn.execute(statement, values)
        except sqlite3.Error as exc:
            raise PlanRefused(str(exc)) from exc


class PlanReading:
    """Makes facts of a server's sessions that were not told already; counts what it meets."""

    def __init__(
        self,
        database: PlanDatabase,
        plan: PlanServer,
        server: ServerId,
        told: Times,
        *,
        now: datetime | None = None,
    ) -> None:
        self.sessions = 0  # met, whether or not they became facts
        self.known = 0  # told already by logs
        self.senseless = 0
        self.first: datetime | None = None  # of those that became facts
        self.last: datetime | None = None
        self._database, self._plan, self._server, self._told = database, plan, server, told
        self._latest = (now or utc_now()) + _AHEAD
        self._stretch: tuple[datetime, datetime] | None = None
        self._leaving: list[tuple[datetime, str, PlayerLeft]] = []  # a heap

    def batches(self) -> Iterator[list[Draft]]:
        """Yield the facts, some hundreds at once.

        Raises:
            PlanRefused: The database cannot be read to its end.
        """
        waiting: list[Draft] = []
        for draft in self._drafts():
            waiting.append(draft)
            if len(waiting) >= _MOST:
                yield waiting
                waiting = []
        yield waiting

    def _drafts(self) -> Iterator[Draft]:
        server = self._server
        for uuid, name, at in self._database.first_seen(self._plan):
            if at < self._latest:
                yield self._draft(
                    f"user:{uuid}", PlayerIdentified(at=at, server=server, player=name, uuid=uuid)
                )
        for session in self._database.sessions(self._plan):
            self.sessions += 1
            if session is None or session.ended > self._latest:
                self.senseless += 1
                continue
            yield from self._gone(session.began)
            yield from self._widened(session)
            if self._told.hold(session.began, session.ended):
                self.known += 1
                continue
            self.first = self.first or session.began
            self.last = max(self.last or session.ended, session.ended)
            yield from self._facts(session)
        yield from self._gone(None)
        if self._stretch is not None:
            yield self._observed(*self._stretch)

    def _gone(self, until: datetime | None) -> Iterator[Draft]:
        """Yield the leaves up to a time: facts in the order of time are counted at once."""
        while self._leaving and (until is None or self._leaving[0][0] <= until):
            _, key, event = heappop(self._leaving)
            yield self._draft(key, event)

    def _facts(self, session: PlanSession) -> Iterator[Draft]:
        server, name, uuid = self._server, session.name, session.uuid
        key = f"{session.id}:{int(session.began.timestamp() * 1000)}"
        yield self._draft(
            f"{key}:identified", PlayerIdentified(at=session.began, server=server, player=name, uuid=uuid)
        )
        yield self._draft(
            f"{key}:joined", PlayerJoined(at=session.began, server=server, player=name, uuid=uuid)
        )
        left = PlayerLeft(at=session.ended, server=server, player=name, uuid=uuid)
        heappush(self._leaving, (left.at, f"{key}:left", left))

    def _widened(self, session: PlanSession) -> Iterator[Draft]:
        """Take a session into the stretch that Plan has seen; yield the one that ended before it."""
        if self._stretch is None:
            self._stretch = session.began, session.ended
        elif session.began - self._stretch[1] > _AWAY:
            yield self._observed(*self._stretch)
            self._stretch = session.began, session.ended
        else:
            self._stretch = self._stretch[0], max(self._stretch[1], session.ended)

    def _observed(self, since: datetime, until: datetime) -> Draft:
        times = f"{int(since.timestamp())}:{int(until.timestamp())}"
        return self._draft(f"observed:{times}", ServerObserved(at=until, server=self._server, since=since))

    def _draft(self, key: str, event: AnyEvent) -> Draft:
        id_ = RecordId(f"{PREFIX}{self._plan.uuid}:{key}")
        return Draft(id=id_, source=import_source(self._server), place=key, event=event, late=True)


def _session(row: Sequence[Any]) -> PlanSession | None:
    id_, uuid, name, start_ms, end_ms = row
    player, began, ended = _player(uuid, name), _time(start_ms), _time(end_ms)
    if player is None or began is None or ended is None or ended < began:
        return None
    return PlanSession(id=id_, uuid=player[0], name=player[1], began=began, ended=ended)


def _player(uuid: object, name: object) -> tuple[str, str] | None:
    if not isinstance(uuid, str) or not isinstance(name, str):
        return None
    try:
        known = str(UUID(uuid))
    except ValueError:
        return None
    sound = name.isprintable() and name.strip() and len(name) <= _LONGEST_NAME
    return (known, name) if sound else None


def _time(ms: object) -> datetime | None:
    if not isinstance(ms, int) or ms <= 0:
        return None
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # far beyond the year 9999
        return None
