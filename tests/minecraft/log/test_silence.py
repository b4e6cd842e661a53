"""A start says when the server's life before wrote its last line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import ServerId, ServerStarting
from bridge.journal.records import SourceName
from bridge.minecraft.log.drafts import Drafter
from bridge.minecraft.log.follow import Lines
from bridge.minecraft.log.lines import Piece
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.silence import MOST_BYTES

DAY = date(2026, 5, 1)
START = "[12:30:00] [Server thread/INFO]: Starting minecraft server version 1.21.8"


class Files:
    """Feeds a drafter with files, in pieces of any size, and keeps what starts it told."""

    def __init__(self) -> None:
        parser = LogParser(ServerId("survival"))
        self.drafter = Drafter(
            SourceName("log:survival"), parser, zone=ZoneInfo("UTC"), encoding="cp1252", late_after_s=120.0
        )
        self.since: list[datetime | None] = []

    def file(self, *lines: str, day: date = DAY, together: int = 1) -> None:
        offset = 0
        for begin in range(0, len(lines), together):
            data = "".join(line + "\n" for line in lines[begin : begin + together]).encode()
            piece = Piece(offset, data, b"")
            drafts = self.drafter.drafts(Lines(piece, day), b"", now=datetime(2026, 5, 3, tzinfo=UTC))
            self.since += [
                each.event.silent_since for each in drafts if isinstance(each.event, ServerStarting)
            ]
            offset += len(data)


def at(time: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{time}+00:00")


@pytest.mark.parametrize("together", [1, 2, 100])
def test_the_last_line_stands_in_the_file_before(together: int) -> None:
    """Whatever thread wrote it, and whatever the new process wrote before it told of its start."""
    files = Files()
    files.file(
        "[11:00:00] [Server thread/INFO]: <Mira> hello",
        "[11:20:00] [Worker-Main-2/ERROR]: Encountered an unexpected exception",
        "java.lang.OutOfMemoryError: Java heap space",
        together=together,
    )
    files.file(
        "[12:29:50] [ServerMain/INFO]: Environment: Environment[sessionHost=https://example.org]",
        "[12:29:58] [main/INFO]: Loaded 1290 recipes",
        START,
        together=together,
    )
    assert files.since == [at("11:20:00")]


@pytest.mark.parametrize("together", [1, 2, 100])
def test_the_last_line_can_stand_in_the_same_file(together: int) -> None:
    """As with servers that go on in one file."""
    files = Files()
    files.file(
        "[11:00:00] [Server thread/INFO]: <Mira> hello",
        "[12:29:58] [main/INFO]: Loaded 1290 recipes",
        START,
        START.replace("12:30", "12:40"),
        together=together,
    )
    assert files.since == [at("11:00:00"), at("12:30:00")]


def test_layouts_without_threads_know_a_beginning_by_its_words() -> None:
    files = Files()
    files.file(
        "[11:00:00 INFO]: <Mira> hello",
        "[12:29:50 INFO]: Loading libraries, please wait...",
        "[12:29:58 INFO]: Environment: Environment[sessionHost=https://example.org]",
        "[12:30:00 INFO]: Starting minecraft server version 1.21.8",
    )
    assert files.since == [at("11:00:00")]


def test_the_file_before_can_be_of_another_day() -> None:
    files = Files()
    files.file("[23:59:00] [Server thread/INFO]: <Mira> hello", day=date(2026, 4, 30))
    files.file(START)
    assert files.since == [at("23:59:00", date(2026, 4, 30))]


def test_nothing_is_said_where_nothing_was_read() -> None:
    files = Files()
    files.file(START)
    assert files.since == [None]


def test_what_was_learned_counts() -> None:
    """After a restart of the bridge the lines before its place are read again."""
    files = Files()
    files.drafter.learn(b"[11:00:00] [Server thread/INFO]: <Mira> hello\n", DAY)
    files.file(START)
    assert files.since == [at("11:00:00")]


def test_many_lines_of_a_beginning_are_passed_over() -> None:
    line = "[12:29:58] [main/INFO]: Mod file of no interest to anybody here"
    files = Files()
    files.file("[11:00:00] [Server thread/INFO]: <Mira> hello")
    files.file(*[line] * (2 * MOST_BYTES // len(line)), START)
    assert files.since == [at("11:00:00")]


@given(
    st.lists(
        st.lists(st.sampled_from(["11:00:00", "11:30:00", "x", "", "12:00:00"]), max_size=6), max_size=4
    ),
    st.integers(1, 4),
)
def test_it_is_the_last_line_of_all_before(files_of_times: list[list[str]], together: int) -> None:
    files, last = Files(), None
    for times in files_of_times:
        files.file(*(f"[{time}] [Server thread/INFO]: <Mira> hello" for time in times), together=together)
        if times:  # an empty file is none: nothing of it is ever read
            last = next((at(time) for time in reversed(times) if len(time) == 8), None)
    files.file(START)
    assert files.since == [last]
