"""Old logs become the facts that the live log would have told, whatever is wrong with the files."""

from __future__ import annotations

import asyncio
import gzip
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config.settings import LogSettings
from bridge.events import ChatSaid, PlayerLeft, ServerId, ServerMissed, ServerObserved, ServerStarting
from bridge.journal.records import Draft, Journal, Record, Start
from bridge.minecraft.imports.found import find_logs
from bridge.minecraft.imports.logs import Facts, FileRead, Hole, LogJob, OldLogs, Told
from bridge.minecraft.log.source import LogSource
from tests.old_logs import OldServer


class MemoryJournal(Journal, Protocol):
    """The journal of conftest.py."""

    records: list[Record]


SURVIVAL = ServerId("survival")
ZONE = ZoneInfo("UTC")
START = "[10:00:00] [Server thread/INFO]: Starting minecraft server version 1.21.4"
DONE = '[10:00:05] [Server thread/INFO]: Done (4.2s)! For help, type "help"'
MIRA = "[10:01:00] [Server thread/INFO]: Mira joined the game"
HELLO = "[10:02:00] [Server thread/INFO]: <Mira> hello"
GONE = "[10:03:00] [Server thread/INFO]: Mira left the game"
STOP = "[10:04:00] [Server thread/INFO]: Stopping the server"


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a packed log of some lines."""

    def write(name: str, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Path:
        data = "".join(line + end for line in lines).encode(encoding)
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return tmp_path / name

    return write


def told(folder: Path, **job: object) -> list[Told]:
    logs = tuple(find_logs([folder], ZONE))
    return list(
        OldLogs(msgspec.structs.replace(LogJob(server=SURVIVAL, logs=logs, zone="UTC"), **job)).read()
    )


def drafts(found: Iterable[Told]) -> list[Draft]:
    return [draft for each in found if isinstance(each, Facts) for draft in each.drafts]


def events(found: Iterable[Told], *kinds: type) -> list[object]:
    return [each.event for each in drafts(found) if isinstance(each.event, kinds)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_fact_of_a_pretend_servers_life_is_found(tmp_path: Path) -> None:
    server = OldServer(tmp_path, date(2025, 1, 1), lines_a_day=300)
    server.live(20)
    found = told(tmp_path)
    kinds = Counter(draft.event.kind for draft in drafts(found))
    assert kinds.pop("server.observed") == len(server.files)
    assert kinds == server.told
    assert sum(each.lines for each in found if isinstance(each, FileRead)) == server.lines
    assert not [each for each in found if isinstance(each, Hole)]
    assert {(draft.source, draft.late) for draft in drafts(found)} == {("import:survival", True)}


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(30, 200))
def test_a_whole_life_has_no_holes_and_one_with_a_file_less_has_one(seed: int, lines_a_day: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = OldServer(Path(folder), date(2025, 1, 1), lines_a_day=lines_a_day, seed=seed)
        server.live(6)
        assert not [each for each in told(Path(folder)) if isinstance(each, Hole)]
        inner = [file for file in server.files[1:-1] if file.with_name(followed_by(file)) in server.files]
        if inner:
            inner[seed % len(inner)].unlink()
            assert len([each for each in told(Path(folder)) if isinstance(each, Hole)]) == 1


def followed_by(file: Path) -> str:
    """Return the name of the day's next file."""
    day, _, number = file.name.removesuffix(".log.gz").rpartition("-")
    return f"{day}-{int(number) + 1}.log.gz"


def test_files_that_follow_each_other_are_one_account(tmp_path: Path) -> None:
    OldServer(tmp_path, date(2025, 1, 1), lines_a_day=60).live(9)
    seen = [event for event in events(told(tmp_path), ServerObserved) if isinstance(event, ServerObserved)]
    assert [event.since for event in seen[1:]] == [event.at for event in seen[:-1]]


async def test_the_live_log_gives_the_same_facts_the_same_ids(tmp_path: Path, journal: MemoryJournal) -> None:
    server = OldServer(tmp_path, date(2025, 1, 1), lines_a_day=200)
    server.live(12)
    newest = server.files[-1]
    (tmp_path / "latest.log").write_bytes(gzip.decompress(newest.read_bytes()))
    newest.unlink()
    log = LogSettings.model_validate({"path": str(tmp_path / "latest.log")})
    source = LogSource(SURVIVAL, log, journal, zone=ZONE, start=Start.BEGINNING)
    running = asyncio.create_task(source.run())
    async with asyncio.timeout(20):
        await source.caught_up.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    found = await asyncio.to_thread(told, tmp_path)
    ours = {draft.id: draft.event for draft in drafts(found) if not draft.id.startswith("import:")}
    assert ours == {record.id: record.event for record in journal.records}


def test_a_missing_number_is_a_hole(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz", START, DONE, MIRA, HELLO)
    put("2024-09-05-3.log.gz", HELLO.replace("10:02", "15:00"), GONE.replace("10:03", "15:01"))
    found = told(tmp_path)
    (hole,) = [each for each in found if isinstance(each, Hole)]
    assert (hole.since, hole.at) == (at("2024-09-05T10:02"), at("2024-09-05T15:00"))
    kinds = [draft.event.kind for draft in drafts(found)]
    assert kinds[4:7] == ["server.observed", "server.missed", "chat.said"]
    first, second = (each for each in events(found, ServerObserved) if isinstance(each, ServerObserved))
    assert (first.at, second.since) == (hole.since, hole.at)


@pytest.mark.parametrize(
    ("before", "after", "holes"),
    [
        ((START, DONE, MIRA, STOP), (HELLO, GONE), 1),  # it was stopped, and people talk
        ((START, DONE, MIRA, STOP), (GONE,), 0),  # the end of stopping, after midnight
        ((START, DONE, MIRA, STOP), (START, DONE, HELLO), 0),
        ((START, DONE, MIRA), (HELLO, GONE), 0),  # midnight
        ((START, DONE), (GONE,), 1),  # nobody had come
        ((HELLO,), (GONE,), 0),  # who was there is not known
        ((START, DONE, MIRA, GONE), (MIRA, GONE), 0),  # a quiet server
        ((START, DONE, MIRA), (START, DONE, MIRA), 0),  # a crash
    ],
)
def test_what_the_lines_tell_of_a_hole(
    tmp_path: Path, put: Callable[..., Path], before: tuple[str, ...], after: tuple[str, ...], holes: int
) -> None:
    put("2024-09-05-1.log.gz", *before)
    put("2024-09-09-1.log.gz", *after)
    found = told(tmp_path)
    assert len(events(found, ServerMissed)) == holes
    assert len(events(found, ServerObserved)) == 2


def test_after_a_hole_who_was_online_is_not_known(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz", START, DONE, MIRA)
    put("2024-09-05-3.log.gz", MIRA.replace("10:01", "15:01"), GONE.replace("10:03", "15:03"))
    kinds = Counter(draft.event.kind for draft in drafts(told(tmp_path)))
    assert kinds["player.joined"] == 2


def test_a_start_says_since_when_the_log_was_silent(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz", START, DONE, MIRA, HELLO)
    put("2024-09-05-2.log.gz", START.replace("10:00:00", "18:00:00"))
    _, again = (each for each in events(told(tmp_path), ServerStarting) if isinstance(each, ServerStarting))
    assert again.silent_since == at("2024-09-05T10:02")


def test_a_truncated_file_is_told_and_the_rest_goes_on(tmp_path: Path, put: Callable[..., Path]) -> None:
    file = put("2024-09-05-1.log.gz", START, DONE, MIRA, *(HELLO + str(number) for number in range(3000)))
    file.write_bytes(file.read_bytes()[:-2000])
    put("2024-09-06-1.log.gz", HELLO, GONE)
    found = told(tmp_path)
    damaged, whole = (each for each in found if isinstance(each, FileRead))
    assert damaged.problem
    assert damaged.damaged_at
    assert 0 < damaged.events["chat.said"] < 3000
    assert not whole.problem
    assert len(events(found, PlayerLeft)) == 1
    (hole,) = [each for each in found if isinstance(each, Hole)]
    assert hole.at == at("2024-09-06T10:02")


def test_a_file_that_is_no_gzip_is_told(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz").write_bytes(b"not packed at all")
    put("2024-09-05-2.log.gz", HELLO)
    first, second = (each for each in told(tmp_path) if isinstance(each, FileRead))
    assert (first.damaged_at, second.lines) == (0, 1)


def test_windows_line_ends_and_other_charsets(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz", HELLO + " à tous", end="\r\n", encoding="cp1252")
    (said,) = events(told(tmp_path), ChatSaid)
    assert isinstance(said, ChatSaid)
    assert said.text == "hello à tous"


def test_an_hour_that_comes_twice(tmp_path: Path, put: Callable[..., Path]) -> None:
    lines = [HELLO.replace("10:02", time) for time in ("01:30", "02:30", "02:10", "02:50", "03:10")]
    put("2024-10-27-1.log.gz", *lines)
    (tmp_path / "latest.log").write_text("")
    found = told(tmp_path, zone="Europe/Paris")
    (seen,) = events(found, ServerObserved)
    assert isinstance(seen, ServerObserved)
    assert (seen.since, seen.at) == (at("2024-10-26T23:30"), at("2024-10-27T02:10"))
    assert len(events(found, ChatSaid)) == 5


def test_files_that_were_imported_are_read_again_only_for_who_is_online(
    tmp_path: Path, put: Callable[..., Path]
) -> None:
    put("2024-09-05-1.log.gz", START, DONE, MIRA)
    put("2024-09-06-1.log.gz", HELLO, GONE)
    whole = told(tmp_path)
    logs = find_logs([tmp_path], ZONE)
    logs[0] = msgspec.structs.replace(logs[0], read_through=at("2024-09-05T10:01"))
    rest = told(tmp_path, logs=tuple(logs))
    assert drafts(rest) == drafts(whole)[-3:]
    assert len([each for each in rest if isinstance(each, FileRead)]) == 1


def test_what_the_live_log_has_still_to_tell_is_left_to_it(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("2024-09-05-1.log.gz", START, DONE, MIRA, HELLO, GONE)
    put("2024-09-06-1.log.gz", HELLO)
    found = told(tmp_path, until=at("2024-09-05T10:02"))
    assert not events(found, ChatSaid, PlayerLeft)
    (seen,) = events(found, ServerObserved)
    assert isinstance(seen, ServerObserved)
    assert seen.at == at("2024-09-05T10:02")
    assert [each.left for each in found if isinstance(each, FileRead)] == [True, True]


@pytest.mark.parametrize(
    ("name", "hours", "odd"),
    [("latest.log", 0, False), ("latest.log", 2, True), ("2024-09-05-1.log.gz", 2, False)],
)
def test_a_file_that_was_copied_without_its_time_is_told(
    tmp_path: Path, put: Callable[..., Path], name: str, hours: int, odd: bool
) -> None:
    written = at("2024-09-05T10:02").timestamp() + hours * 3600
    os.utime(put(name, HELLO), (written, written))
    (read,) = (each for each in told(tmp_path) if isinstance(each, FileRead))
    assert read.odd is odd


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_no_bytes_stop_the_reading(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(contents, 1):
            (Path(folder) / f"2024-09-05-{number}.log").write_bytes(data)
        found = told(Path(folder))
        assert len([each for each in found if isinstance(each, FileRead)]) == len(contents)
