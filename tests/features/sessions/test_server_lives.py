"""Whole lives of servers, made up with their truth: their logs are imported, and every figure compared.

Days and nights around a change of the clocks, joins, chat, crashes that write nothing, stops, rotations at
midnight and at each start; the files come in any number of imports, in any order.
"""

from __future__ import annotations

import asyncio
import gzip
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bridge.features.sessions.facts import READ
from bridge.features.sessions.making import DayMaker
from bridge.features.sessions.reader import StatisticsReader
from bridge.journal import Draft, ReaderName, Start
from bridge.journal.sqlite import SqliteJournal
from bridge.minecraft.imports.found import find_logs
from bridge.minecraft.imports.logs import Facts, LogJob, OldLogs
from bridge.statistics.calendar import day_number
from bridge.statistics.lives import Flag
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.store.statistics.presences import observed

PARIS: Final = ZoneInfo("Europe/Paris")
AUTUMN: Final = datetime(2025, 10, 24, 21, 0, tzinfo=PARIS)  # clocks go back on the 26th
SPRING: Final = datetime(2026, 3, 27, 21, 0, tzinfo=PARIS)  # and forward on the 29th
TWICE: Final = (datetime(2025, 10, 26, 0, 0, tzinfo=UTC), datetime(2025, 10, 26, 2, 0, tzinfo=UTC))
"""The hour that the clock of Paris shows twice: nobody can tell its lines apart, so that none is written."""
RELOG: Final = timedelta(minutes=5)
PLAYERS: Final = ("Mira", "Noah", "Lena", "Olga")
UUIDS: Final = {name: f"{n}2345678-0000-4000-8000-000000000000" for n, name in enumerate(PLAYERS)}


class Stay(NamedTuple):
    """What is true: one stay of a player."""

    name: str
    began: datetime
    ended: datetime | None
    crash: bool = False


@dataclass
class Life:
    """A server's life: its log files as the game writes them, and what is true of it."""

    now: datetime
    files: list[tuple[str, list[str]]] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    online: dict[str, datetime] = field(default_factory=dict)
    up: bool = False
    first: datetime | None = None
    last: datetime | None = None
    said: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def write(self, *lines: str, fresh: bool = False) -> None:
        local = self.now.astimezone(PARIS)
        day = local.date().isoformat()
        if fresh or not self.files or not self.files[-1][0].startswith(day):
            number = sum(name.startswith(day) for name, _ in self.files) + 1
            self.files.append((f"{day}-{number}.log.gz", []))
        self.files[-1][1].extend(f"[{local:%H:%M:%S}] {line}" for line in lines)
        self.first, self.last = self.first or self.now, self.now

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if TWICE[0] <= self.now < TWICE[1]:
            self.now = TWICE[1]

    def start(self) -> None:
        """Begin to run; whoever was on when it crashed was there until the last line."""
        last = self.last or self.now
        self.stays += [Stay(name, began, last, crash=True) for name, began in self.online.items()]
        self.online.clear()
        self.write("[Server thread/INFO]: Starting minecraft server version 1.21.8", fresh=True)
        self.wait(5)
        self.write('[Server thread/INFO]: Done (3.5s)! For help, type "help"')
        self.up = True

    def join(self, name: str) -> None:
        self.write(
            f"[User Authenticator #1/INFO]: UUID of player {name} is {UUIDS[name]}",
            f"[Server thread/INFO]: {name}[/127.0.0.1:5] logged in with entity id 7 at (0.0, 64.0, 0.0)",
            f"[Server thread/INFO]: {name} joined the game",
        )
        self.online[name] = self.now

    def leave(self, name: str) -> None:
        self.write(
            f"[Server thread/INFO]: {name} lost connection: Disconnected",
            f"[Server thread/INFO]: {name} left the game",
        )
        self.stays.append(Stay(name, self.online.pop(name), self.now))

    def say(self, name: str) -> None:
        self.write(f"[Server thread/INFO]: <{name}> hello")
        self.said[name] += 1

    def stop(self) -> None:
        self.write("[Server thread/INFO]: Stopping the server")
        for name in list(self.online):
            self.leave(name)
        self.up = False

    @property
    def all_stays(self) -> list[Stay]:
        return sorted([*self.stays, *(Stay(name, began, None) for name, began in self.online.items())])


@st.composite
def lives(draw: st.DrawFn) -> Life:
    life = Life(now=draw(st.sampled_from([AUTUMN, SPRING])).astimezone(UTC))
    life.start()
    for _ in range(draw(st.integers(1, 40))):
        life.wait(draw(st.sampled_from([7, 40, 200, 1000, 5000, 20_000])))
        deed = draw(st.sampled_from(["join", "join", "join", "leave", "leave", "say", "stop", "crash"]))
        away = [name for name in PLAYERS if name not in life.online]
        if not life.up:
            life.start()
        elif deed == "join" and away:
            life.join(draw(st.sampled_from(away)))
        elif deed == "leave" and life.online:
            life.leave(draw(st.sampled_from(sorted(life.online))))
        elif deed == "say" and life.online:
            life.say(draw(st.sampled_from(sorted(life.online))))
        elif deed == "stop":
            life.stop()
        elif deed == "crash":
            life.up = False
    return life


def truth_of_days(life: Life, now: datetime) -> dict[tuple[str, int], int]:
    """Reckon, second by second in the largest pieces there are, how long each played on each day of Paris."""
    played: dict[tuple[str, int], int] = defaultdict(int)
    for stay in life.all_stays:
        at, ended = stay.began, stay.ended or now
        while at < ended:
            day = at.astimezone(PARIS).date()
            midnight = datetime.combine(day + timedelta(days=1), time(), PARIS).astimezone(UTC)
            until = min(ended, midnight)
            played[stay.name, day_number(day)] += round((until - at).total_seconds())
            at = until
    return {key: seconds for key, seconds in played.items() if seconds}


def truth_of_starts(life: Life) -> dict[str, int]:
    """Count the sessions of each player: who is back within the time of a relog goes on."""
    starts: dict[str, int] = defaultdict(int)
    last: dict[str, datetime] = {}
    for stay in sorted(life.all_stays, key=lambda each: each.began):
        before = last.get(stay.name)
        starts[stay.name] += before is None or stay.began - before > RELOG
        last[stay.name] = stay.ended or datetime.max.replace(tzinfo=UTC)
    return dict(starts)


class Town:
    """One store for all examples, each with a server of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, store: Store, journal: SqliteJournal) -> None:
        self.loop, self.store, self.journal, self.server = loop, store, journal, 0

    def imports(self, life: Life, order: list[int]) -> list[list[Draft]]:
        """Return what the files tell, those of each number in *order* together."""
        imports: list[list[Draft]] = []
        with tempfile.TemporaryDirectory() as folder:
            for name, lines in life.files:
                Path(folder, name).write_bytes(gzip.compress("".join(f"{e}\n" for e in lines).encode()))
            logs = find_logs([Path(folder)], PARIS)
            for number in sorted(set(order)):
                chosen = tuple(log for log, part in zip(logs, order, strict=True) if part == number)
                job = LogJob(server=f"s{self.server}", logs=chosen, zone="Europe/Paris")
                drafts: list[Draft] = []
                for told in OldLogs(job).read():
                    drafts += told.drafts if isinstance(told, Facts) else ()
                imports.append(drafts)
        return imports

    async def derive(self, imports: list[list[Draft]], now: datetime) -> None:
        """Let facts arrive, and make everything of them."""
        for drafts in imports:
            await self.journal.append(*drafts)
        reader = await self.journal.reader(ReaderName("statistics"), READ, start=Start.BEGINNING)
        relog_ms = round(RELOG.total_seconds() * 1000)
        task = asyncio.create_task(StatisticsReader(reader, self.store, PARIS, relog_ms=relog_ms).run())
        while await reader.position() < await self.journal.head():
            await asyncio.sleep(0)
            if task.done():
                await task
        task.cancel()
        await asyncio.wait([task])
        await DayMaker(self.store, PARIS, lambda: now).make_all()

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        number = f"(SELECT number FROM server_numbers WHERE server = 's{self.server}')"  # noqa: S608 - ours
        async with self.store.reading() as conn:
            return [tuple(row) for row in await conn.execute(text(query.replace("OURS", number)))]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, migrate: Migrate) -> Iterator[Town]:
    """A store that all examples share."""
    loop = asyncio.new_event_loop()
    store = loop.run_until_complete(Store.open(tmp_path_factory.mktemp("lives"), migrate=migrate))
    journal = SqliteJournal(store)
    yield Town(loop, store, journal)
    loop.run_until_complete(journal.close())
    loop.run_until_complete(store.close())
    loop.close()


@settings(max_examples=20, deadline=None)
@given(life=lives(), data=st.data())
def test_every_figure_is_that_of_the_truth(town: Town, life: Life, data: st.DataObject) -> None:
    starts = [n for n, (_, lines) in enumerate(life.files) if "Starting" in lines[0]]
    cut = data.draw(st.sampled_from(starts))
    check(town, life, [int(n < cut) for n in range(len(life.files))], life.now + timedelta(hours=1))


def check(town: Town, life: Life, order: list[int], now: datetime) -> None:
    """Compare what is made of a life with what is true of it; newer files may be imported before older."""
    town.server += 1
    imports = town.imports(life, order)
    town.loop.run_until_complete(compare(town, life, imports, now))


async def compare(town: Town, life: Life, imports: list[list[Draft]], now: datetime) -> None:
    """Compare every figure."""
    await town.derive(imports, now)
    stored = await town.rows(
        """SELECT name, began_ms, ended_ms, flags FROM play_sessions
        JOIN accounts ON accounts.number = account WHERE server = OURS"""
    )
    found = sorted(
        Stay(str(n), at(b), None if e is None else at(e), bool(int(str(f)) & Flag.BY_CRASH))
        for n, b, e, f in stored
    )
    truth = [stay for stay in life.all_stays if stay.ended != stay.began]
    assert [stay for stay in found if stay.ended != stay.began] == truth
    days = await town.rows(
        """SELECT name, start, seconds FROM player_periods JOIN accounts ON accounts.number = account
        WHERE server = OURS AND span = 0 AND seconds > 0"""
    )
    assert {(str(n), int(str(d))): s for n, d, s in days} == truth_of_days(life, now)
    starts = await town.rows(
        """SELECT name, starts, said FROM player_periods JOIN accounts ON accounts.number = account
        WHERE server = OURS AND span = 3"""
    )
    assert {n: s for n, s, _ in starts} == truth_of_starts(life)
    assert {n: said for n, _, said in starts if said} == dict(life.said)
    (server,) = (await town.rows("SELECT OURS"))[0]
    async with town.store.reading() as conn:
        seen = await observed(conn, int(str(server)))
    assert life.first is not None
    assert life.last is not None
    whole = [(round(life.first.timestamp() * 1000), round(life.last.timestamp() * 1000))]
    if len(imports) == 1:
        assert seen == whole
    else:  # what lies between two imports nobody has seen
        assert (seen[0][0], seen[-1][1]) == whole[0]


def at(ms: object) -> datetime:
    return datetime.fromtimestamp(int(str(ms)) / 1000, UTC)


def test_a_session_over_the_night_of_the_longer_day(town: Town) -> None:
    """From 1:30 to 3:30 by the clock are three hours in that night, and one in that of spring."""
    autumn, spring = (datetime(*day, 1, 30, tzinfo=PARIS) for day in ((2025, 10, 26), (2026, 3, 29)))
    for begin, hours in ((autumn, 3), (spring, 1)):
        life = Life(now=begin.astimezone(UTC) - timedelta(seconds=5))
        life.start()
        life.join("Mira")
        life.now += timedelta(hours=hours)
        assert life.now.astimezone(PARIS).time() == time(3, 30)
        life.leave("Mira")
        check(town, life, [0] * len(life.files), life.now)
        day = day_number(date(begin.year, begin.month, begin.day))
        assert truth_of_days(life, life.now) == {("Mira", day): hours * 3600}
