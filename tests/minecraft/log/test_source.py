"""From a pretend server's log into a journal, through rotations, stops and failures."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bridge.config.settings import LogSettings
from bridge.events import (
    PlayerJoined,
    PlayerLeft,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerMissed,
    ServerStarting,
    kind_of,
)
from bridge.journal.records import Draft, Journal, JournalError, JournalFull, Record, Start
from bridge.minecraft.log.place import Place
from bridge.minecraft.log.source import LogSource, LogState
from bridge.simulator.game import SimGame
from bridge.simulator.game.values import offline_uuid

SERVER = ServerId("survival")


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]
    appends: list[int]
    failures: list[JournalError]
    read_failures: list[JournalError]

    @property
    def said(self) -> list[str]: ...
    async def until(self, condition: Callable[[], bool]) -> None: ...


Run = Callable[..., AbstractAsyncContextManager[LogSource]]


@pytest.fixture
def path(game: SimGame) -> Path:
    return game.log.latest


@pytest.fixture
def running(path: Path, journal: MemoryJournal) -> Run:
    """Return a context manager of a source that reads the pretend server's log."""

    @contextlib.asynccontextmanager
    async def run(
        *,
        start: Start = Start.END,
        into: Journal = journal,
        log: Path = path,
        zone: str = "UTC",
        wait: bool = True,
    ) -> AsyncIterator[LogSource]:
        settings = LogSettings.model_validate({"path": log})
        source = LogSource(SERVER, settings, into, zone=ZoneInfo(zone), start=start)
        task = asyncio.create_task(source.run())
        try:
            if wait:
                await asyncio.wait_for(source.caught_up.wait(), 5)
            yield source
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return run


def say(game: SimGame, *texts: str) -> None:
    for text in texts:
        game.chat("Mira", text)


def copy(path: Path, to: Path) -> bytes:
    data = path.read_bytes()
    to.write_bytes(data)
    return data


def append(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(data)


async def test_a_first_start_floods_nobody_and_knows_who_is_on(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    """What stands in the log is not told; what comes after is, and a leave has its join."""
    game.join("Mira")
    say(game, "before")
    async with running() as source:
        assert source.parser.online == ("Mira",)
        assert source.state is LogState.FOLLOWING
        say(game, "after")
        game.leave("Mira")
        await journal.until(lambda: isinstance(journal.records[-1].event, PlayerLeft))
    kinds = [record.event.kind for record in journal.records]
    assert kinds == ["server.followed", "server.listed", "chat.said", "player.left"]
    listed = journal.records[1].event
    assert isinstance(listed, ServerListed)
    assert [(player.name, player.uuid) for player in listed.players] == [("Mira", offline_uuid("Mira"))]


async def test_a_first_start_knows_who_is_on_since_before_midnight(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    game.join("Mira")
    game.join("Alix")
    for number in range(4):
        game.rotate(date(2026, 5, 1 + number))
        say(game, f"day {number}")
    game.leave("Alix")
    await game.log.packed()
    async with running() as source:
        assert source.parser.online == ("Mira",)
        say(game, "after")
        await journal.until(lambda: journal.said == ["after"])
    listed = journal.records[1].event
    assert isinstance(listed, ServerListed)
    assert [player.uuid for player in listed.players] == [offline_uuid("Mira")]
    async with running() as source:
        assert source.parser.online == ("Mira",), "also after a restart of the bridge"


async def test_a_first_start_is_a_checkpoint(game: SimGame, journal: MemoryJournal, running: Run) -> None:
    """Stopped before the first fact, it tells what came meanwhile."""
    say(game, "before")
    async with running():
        pass
    say(game, "meanwhile")
    async with running():
        assert journal.said == ["meanwhile"]
    kinds = [record.event.kind for record in journal.records]
    assert kinds == ["server.followed", "server.listed", "chat.said"]


async def test_it_goes_on_where_it_stopped(game: SimGame, journal: MemoryJournal, running: Run) -> None:
    texts: list[str] = []
    for number in range(4):
        async with running():
            assert journal.said == texts
            texts += [f"live {number}"]
            say(game, texts[-1])
            await journal.until(lambda: journal.said == texts)  # noqa: B023 - awaited at once
        texts += [f"down {number}"]
        say(game, texts[-1])


async def test_it_resumes_inside_a_rotated_file(game: SimGame, journal: MemoryJournal, running: Run) -> None:
    """And goes through the newer ones, whatever they are called by now."""
    async with running():
        say(game, "live")
        await journal.until(lambda: journal.said == ["live"])
    expected = ["live"]
    for number in range(9):  # the eighth rotation of a day renames the others
        say(game, f"down {number}")
        game.rotate()
        await game.log.packed()
        expected.append(f"down {number}")
    # Only seven are kept: what stood in the first two is gone with its file.
    async with running():
        assert journal.said == ["live", *expected[3:]]


async def test_nothing_is_lost_within_seven_rotations(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        say(game, "live")
        await journal.until(lambda: journal.said == ["live"])
    expected = ["live"]
    for number in range(6):
        say(game, f"down {number}")
        game.rotate(compress=number % 2 == 0)
        await game.log.packed()
        expected.append(f"down {number}")
    say(game, "now")
    async with running():
        assert journal.said == [*expected, "now"]


async def test_rotation_while_it_reads(game: SimGame, journal: MemoryJournal, running: Run) -> None:
    """At midnight and at a restart; the last lines before and the first after are both there."""
    async with running() as source:
        expected: list[str] = []
        for number in range(4):
            expected += [f"last {number}", f"first {number}"]
            say(game, f"last {number}")
            game.rotate()
            say(game, f"first {number}")
            await journal.until(lambda: journal.said == expected)  # noqa: B023 - awaited at once
        await game.restart()
        game.join("Noah")
        await journal.until(lambda: isinstance(journal.records[-1].event, PlayerJoined))
        assert source.parser.online == ("Noah",)
    kinds = [record.event.kind for record in journal.records if record.event.kind.startswith("server.")]
    assert kinds == [
        "server.followed",
        "server.listed",
        "server.stopping",
        "server.starting",
        "server.started",
    ]


async def test_two_rotations_at_once_lose_nothing(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    """A server in a crash loop rotates faster than a bridge that is held up by its journal."""
    async with running() as source:
        journal.failures = [JournalError("held up")]
        say(game, "first")
        expected = ["first"]
        async with asyncio.timeout(5):
            while source.state is not LogState.BLOCKED:  # noqa: ASYNC110 - a state has no event
                await asyncio.sleep(0)
        for number in range(3):
            game.rotate()
            say(game, f"crash {number}")
            expected.append(f"crash {number}")
        await journal.until(lambda: journal.said == expected)


async def test_truncation_deletion_and_a_late_file(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        say(game, "one")
        await journal.until(lambda: journal.said == ["one"])
        game.log.truncate()
        say(game, "two")
        await journal.until(lambda: journal.said == ["one", "two"])
        game.log.delete()
        say(game, "three")
        await journal.until(lambda: journal.said == ["one", "two", "three"])


async def test_copy_and_truncate_loses_nothing(
    game: SimGame, path: Path, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        say(game, "one")
        await journal.until(lambda: journal.said == ["one"])
    say(game, "two")
    copy(path, path.with_name("latest.log.1"))
    game.log.truncate()
    say(game, "three")
    async with running():
        assert journal.said == ["one", "two", "three"]


async def test_a_log_of_nobodys_layout_is_told_once(
    tmp_path: Path, journal: MemoryJournal, running: Run
) -> None:
    """Silence would look as if nothing happened on the server."""
    odd = tmp_path / "odd.log"
    odd.write_text("".join(f"{number} | INFO | Mira >> hello\n" for number in range(30)))
    with capture_logs() as told:
        for _ in range(2):
            async with running(log=odd, start=Start.BEGINNING):
                append(odd, b"31 | INFO | Mira >> bye\n")
    warned = [each for each in told if each["event"].startswith("no line of this log")]
    assert [each["log_level"] for each in warned] == ["warning"] * 2
    assert {each["lines"] for each in warned} == {30, 31}
    assert not journal.said


async def test_a_log_that_does_not_exist_yet(tmp_path: Path, journal: MemoryJournal, running: Run) -> None:
    """Nor does its folder; everything in it is new when it appears."""
    log = tmp_path / "elsewhere" / "logs" / "latest.log"
    async with running(log=log) as source:
        assert source.state is LogState.WAITING
        other = SimGame(log.parent.parent, clock=lambda: datetime.now(UTC))
        await other.start()
        say(other, "hello")
        await journal.until(lambda: journal.said == ["hello"])
        await other.stop()


async def test_half_lines_invalid_bytes_and_line_ends_of_windows(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        game.log.newline = "\r\n"
        say(game, "windows")
        await journal.until(lambda: journal.said == ["windows"])
        game.log.raw(b"[12:00:00] [Server thread/INFO]: <Mi")
        await asyncio.sleep(0)
        game.log.raw(b"ra> caf\xe9\r\n")
        await journal.until(lambda: journal.said == ["windows", "café"])
        game.log.raw(b"x" * 1_000_000)
        game.log.raw(b"\n")
        say(game, "after")
        await journal.until(lambda: journal.said[-1] == "after")


async def test_the_same_line_has_the_same_id_live_and_from_the_archive(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    game.log.newline = "\r\n"
    async with running():
        game.join("Mira")
        say(game, "one", "two")
        await journal.until(lambda: journal.said == ["one", "two"])
    game.rotate()
    await game.log.packed()
    records = len(journal.records)
    second = type(journal)()
    async with running(start=Start.BEGINNING, into=second):
        live = {
            record.id
            for record in journal.records
            if not isinstance(record.event, ServerFollowed | ServerListed)
        }
        assert live <= {record.id for record in second.records}
    for record in second.records:
        await journal.append(
            Draft(id=record.id, source=record.source, place=record.place, event=record.event)
        )
    started = [
        record for record in second.records if record.event.kind in ("server.starting", "server.started")
    ]
    assert len(journal.records) == records + len(started)


async def test_a_full_disk_loses_nothing_and_is_told_once(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running() as source:
        with capture_logs() as lines:
            journal.failures = [JournalFull("no space left on device")]
            say(game, "one", "two")
            await journal.until(lambda: journal.said == ["one", "two"])
            assert source.state is not LogState.STOPPED
        told = [line for line in lines if line["log_level"] == "error"]
        assert [line["disk_full"] for line in told] == [True]


async def test_a_journal_that_cannot_be_read_is_tried_again(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    say(game, "before")
    journal.read_failures = [JournalError("database is locked")]
    async with running(wait=False):
        await journal.until(lambda: bool(journal.records))
    assert not journal.read_failures


async def test_a_lost_file_is_told_and_the_newer_ones_are_read(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        say(game, "one")
        await journal.until(lambda: journal.said == ["one"])
    say(game, "lost")
    game.log.delete()
    say(game, "two")
    with capture_logs() as lines:
        async with running():
            assert journal.said == ["one", "two"]
    assert [line["log_level"] for line in lines if "gone" in line["event"]] == ["warning"]
    (one, missed, _two) = journal.records[2:]
    assert isinstance(missed.event, ServerMissed)
    assert missed.event.since == one.event.at
    assert missed.event.at >= missed.event.since


async def test_a_hole_is_told_once_and_with_the_first_line_after_it(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    """Stopped between the hole and the next line, it finds the hole again."""
    async with running():
        say(game, "one")
        await journal.until(lambda: journal.said == ["one"])
    game.log.delete()
    for _ in range(2):
        async with running():
            assert not [each for each in journal.records if isinstance(each.event, ServerMissed)]
    say(game, "two")
    for _ in range(2):
        async with running():
            assert journal.said == ["one", "two"]
    assert [record.event.kind for record in journal.records[2:]] == [
        "chat.said",
        "server.missed",
        "chat.said",
    ]


async def test_a_start_says_since_when_the_log_was_silent(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    """The last line of the life before stands in another file, and the bridge was down meanwhile."""
    async with running():
        say(game, "last words")
        await journal.until(lambda: journal.said == ["last words"])
    await game.crash()
    await game.start()
    async with running():
        pass
    (said,) = [each.event for each in journal.records if each.event.kind == "chat.said"]
    (starting,) = [each.event for each in journal.records if isinstance(each.event, ServerStarting)]
    assert starting.silent_since == said.at


async def test_facts_that_were_old_when_read_are_late(
    game: SimGame, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        pass
    game._clock = lambda: datetime.now(UTC) - timedelta(minutes=3)
    if game._clock().date() == datetime.now(UTC).date():  # else the line would be of tomorrow
        say(game, "old")
    game._clock = lambda: datetime.now(UTC)
    say(game, "new")
    async with running():
        pass
    late = {record.event.text: record.late for record in journal.records if record.event.kind == "chat.said"}  # type: ignore[union-attr]  # chat has a text
    assert late["new"] is False
    assert late.get("old", True) is True


async def test_the_place_in_each_record_is_after_its_line(
    game: SimGame, path: Path, journal: MemoryJournal, running: Run
) -> None:
    async with running():
        say(game, "one", "two")
        await journal.until(lambda: journal.said == ["one", "two"])
    data = copy(path, path.with_name("copy"))
    for record, text in zip(journal.records[2:], (b"one\n", b"two\n"), strict=True):
        place = Place.parse(record.place)
        end = data.index(text) + len(text)
        assert place == Place.of(place.day, end, data[:4096], data[max(0, end - 256) : end])


class Dying:
    """A journal whose process is killed at the *fatal*-th append, before or after the commit."""

    def __init__(self, journal: MemoryJournal, fatal: int, *, kept: bool) -> None:
        self._journal = journal
        self._left = fatal
        self._kept = kept
        self.died = asyncio.Event()
        self.last, self.recent, self.reader = journal.last, journal.recent, journal.reader

    async def append(self, *drafts: Draft) -> None:
        self._left -= 1
        if self._left > 0 or self._kept:
            await self._journal.append(*drafts)
        if self._left <= 0:
            self.died.set()
            await asyncio.Event().wait()  # nothing runs any more; the test cancels the task


@pytest.fixture
def small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every append hold a few lines only, so that there are many moments to die at."""
    monkeypatch.setattr("bridge.minecraft.log.files.READ_BYTES", 900)


@pytest.mark.parametrize("death", [(1, True), (2, True), (5, True), (2, False), (5, False)])
async def test_killed_at_any_append_the_facts_are_those_of_one_run(
    game: SimGame, journal: MemoryJournal, running: Run, small_reads: None, death: tuple[int, bool]
) -> None:
    assert small_reads is None
    fatal, kept = death
    for number in range(40):
        game.join(f"Player{number}")
        game.chat(f"Player{number}", f"hello {number}")
        game.refuse(f"Stranger{number}")
        if number % 3:
            game.leave(f"Player{number}")
        if number % 10 == 9:
            game.rotate()
    await game.log.packed()
    async with running(start=Start.BEGINNING):
        whole = [(record.id, record.event, record.place) for record in journal.records]
    again = type(journal)()
    for deaths in range(200):
        dying = Dying(again, fatal, kept=kept)
        async with running(start=Start.BEGINNING, into=dying, wait=False) as source:
            ends = [asyncio.create_task(each.wait()) for each in (dying.died, source.caught_up)]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=5)
            done = source.caught_up.is_set()
            for task in ends:
                task.cancel()
        if done:
            assert deaths > 5
            break
    assert [(record.id, record.event, record.place) for record in again.records] == whole
    assert kind_of(PlayerJoined) in {event.kind for _id, event, _place in whole}


async def test_a_server_that_writes_days_into_its_lines(
    tmp_path: Path, journal: MemoryJournal, running: Run
) -> None:
    """Before 1.7 one file holds years; each line's id has the line's own day."""
    log = tmp_path / "server.log"
    lines = "2013-05-06 12:34:56 [INFO] Mira [/127.0.0.1:1] logged in with entity id 1 at (0, 0, 0)\n"
    append(log, lines.encode() + b"2013-05-07 00:00:01 [INFO] <Mira> hello\n")
    async with running(log=log, start=Start.BEGINNING):
        assert journal.said == ["hello"]
    record = journal.records[-1]
    assert record.event.at.date() == date(2013, 5, 7)
    assert ":2013-05-07:" in record.id
    assert record.late
