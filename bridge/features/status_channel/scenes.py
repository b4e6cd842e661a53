"""What is known of a server at a moment, put together for boards, signs and the presence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.restarts import next_restart
from bridge.features.servers import ServerView, State, players_on, view
from bridge.features.status_channel.lives import Life, Lives
from bridge.features.telling import Teller
from bridge.store import StoreError
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.samples import MINUTE_MS, MinuteState, latest_sample
from bridge.store.statistics.sessions import Online
from bridge.store.statistics.sessions import players_on as sessions_on
from bridge.store.times import from_ms, to_ms

log = structlog.get_logger(__name__)

_FRESH: Final = timedelta(minutes=3)  # so old may the sample be that tells of maintenance


class Phase(StrEnum):
    """How a server is, as the status channel tells it; the words are under ``status-channel.phase``."""

    UP = "up"
    STARTING = "starting"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who is on."""

    name: str
    since: datetime | None = None
    guessed: bool = False  # since then or longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One server as it is shown; None where it is not known. Nobody who must not be named is in it."""

    id: ServerId
    title: str
    phase: Phase
    since: datetime | None = None  # when it became so
    online: int | None = None  # without those who must not be named
    maximum: int | None = None
    players: tuple[Present, ...] | None = None  # None: nobody tells
    version: str | None = None
    address: str | None = None
    restart: datetime | None = None

    @property
    def unnamed(self) -> int:
        """How many are on whose names nobody tells."""
        return max((self.online or 0) - len(self.players or ()), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the database tells of a server."""

    present: Sequence[Online] = ()
    maintained: bool = False


class Lookout:
    """Looks at servers."""

    def __init__(self, parts: Parts, teller: Callable[[], Teller], lives: Lives) -> None:
        self._parts, self._teller, self._lives = parts, teller, lives

    async def scenes(self, servers: Iterable[str]) -> list[Scene]:
        """Return how servers are now, in that order; without names all of them."""
        chosen = [ServerId(name) for name in servers if name in self._parts.servers]
        return [await self._scene(server) for server in chosen or self._parts.servers]

    async def _scene(self, server: ServerId) -> Scene:
        told = await self._told(server)
        teller, now = self._teller(), self._parts.now()
        source = self._parts.servers[server]
        names = players_on(source, now=now)
        zone = ZoneInfo(teller.settings.community.time_zone)
        return scene(
            view(source, teller, now=now),
            self._lives.of(server),
            told,
            names=names,
            hidden=teller.is_hidden,
            restart=next_restart(source.settings.restarts, zone=zone, now=now),
            now=now,
        )

    async def _told(self, server: ServerId) -> Told:
        """Ask the database; how a server is is shown even when it cannot be read."""
        try:
            async with self._parts.store.reading() as conn:
                present = await sessions_on(conn, server)
                number = (await numbers_of_servers(conn)).get(server)
                latest = None if number is None else await latest_sample(conn, number)
        except StoreError as exc:
            log.warning("a server is shown without what the database tells", problem=str(exc))
            return Told()
        oldest = to_ms(self._parts.now() - _FRESH)
        planned = latest is not None and latest.state is MinuteState.PLANNED
        return Told(
            present=present,
            maintained=planned and latest is not None and latest.minute * MINUTE_MS >= oldest,
        )


def scene(
    seen: ServerView,
    life: Life,
    told: Told,
    *,
    names: frozenset[str] | None,
    hidden: Callable[[str], bool],
    restart: datetime | None,
    now: datetime,
) -> Scene:
    """Put together what is known of a server.

    Args:
        seen: What its ways in say now.
        life: What the last facts say.
        told: What the database says.
        names: Who is on, those who must not be named too; None where nobody tells.
        hidden: Whether somebody must not be named.
        restart: When it restarts next by plan.
        now: The moment.
    """
    phase = phase_of(seen, life, maintained=told.maintained, now=now)
    up = phase is Phase.UP
    if up and names is None and told.present:
        names = frozenset(each.name for each in told.present)
    secret = sum(map(hidden, names or ()))
    online = None if seen.online is None else max(seen.online - secret, 0)
    if up and online is None and names is not None:
        online = len(names) - secret
    return Scene(
        id=seen.id,
        title=seen.title,
        phase=phase,
        since=_since(phase, life),
        online=online if up else None,
        maximum=seen.maximum if up else None,
        players=_present(names, told.present, hidden) if up and names is not None else None,
        version=seen.version,
        address=seen.address,
        restart=restart,
    )


def phase_of(seen: ServerView, life: Life, *, maintained: bool, now: datetime) -> Phase:
    """Return how a server is; where no status port is asked, by what its log told last."""
    if seen.state is State.UP:
        return Phase.UP
    if life.is_starting(now):
        return Phase.STARTING
    if seen.state is State.DOWN:
        return Phase.MAINTENANCE if maintained else Phase.DOWN
    if not seen.unasked:
        return Phase.UNKNOWN
    if life.started is not None:
        return Phase.UP
    return Phase.UNKNOWN if life.ended is None else Phase.DOWN


def _since(phase: Phase, life: Life) -> datetime | None:
    match phase:
        case Phase.UP:
            return life.started or life.answering
        case Phase.STARTING:
            return life.starting
        case Phase.DOWN | Phase.MAINTENANCE:
            return life.ended or life.silent
    return None


def _present(
    names: Iterable[str], sessions: Sequence[Online], hidden: Callable[[str], bool]
) -> tuple[Present, ...]:
    """Return who may be named, those first who have been there longest."""
    known = {each.name.casefold(): each for each in sessions}
    found: list[Present] = []
    for name in names:
        if not hidden(name):
            session = known.get(name.casefold())
            since = None if session is None else from_ms(session.since_ms)
            found.append(Present(name=name, since=since, guessed=session is not None and session.guessed))
    return tuple(sorted(found, key=_order))


def _order(present: Present) -> tuple[float, str]:
    since = float("inf") if present.since is None else present.since.timestamp()
    return since, present.name.casefold()
