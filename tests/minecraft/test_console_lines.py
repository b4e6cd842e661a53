"""Lines of a console: none twice, none lost while they meet, each at its time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import ChatSaid, ServerId, ServerStarting
from bridge.journal.records import Draft, SourceName
from bridge.minecraft.console_lines import (
    REMEMBERED,
    ConsoleDrafter,
    Cutter,
    History,
    Output,
    Tail,
    read_message,
)
from bridge.minecraft.log.parser import LogParser

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def drafter(zone: str = "UTC") -> ConsoleDrafter:
    parser = LogParser(ServerId("survival"))
    return ConsoleDrafter(SourceName("log:survival"), parser, zone=ZoneInfo(zone), late_after_s=120.0)


def texts(drafts: list[Draft]) -> list[str]:
    return [draft.event.text for draft in drafts if isinstance(draft.event, ChatSaid)]


def line(number: int, at: str = "12:00:00") -> str:
    return f"[{at} INFO]: <Mira> n{number}"


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ({"type": "stdout", "data": "a\n"}, Output("a\n")),
        ({"type": "stderr", "data": "a"}, Output("a")),
        ({"type": "logHistory", "lines": ["a\n", 5, "b\n"]}, History(("a\n", "b\n"))),
        ({"type": "logHistory", "lines": None}, History(())),
        ({"type": "authFailure", "reason": "no"}, None),
        ({"type": "stdout", "data": 5}, None),
        ([], None),
    ],
)
def test_what_a_message_says(message: object, read: object) -> None:
    assert read_message(json.dumps(message)) == read


@given(
    st.binary()
    | st.text()
    | st.dictionaries(st.sampled_from(["type", "data", "lines"]), st.none() | st.text())
)
def test_no_message_breaks_the_reader(data: bytes | str | dict[str, str | None]) -> None:
    read_message(json.dumps(data) if isinstance(data, dict) else data)


@given(st.lists(st.text(alphabet="ab é\r", max_size=4), max_size=8), st.data())
def test_lines_are_whole_however_they_are_cut(lines: list[str], data: st.DataObject) -> None:
    stream = "".join(f"{each}\n" for each in lines)
    cutter, got = Cutter(), []
    while stream:
        size = data.draw(st.integers(1, 6))
        piece, stream = stream[:size], stream[size:]
        got += cutter.feed(piece)
    assert got == Cutter().feed("".join(f"{each}\n" for each in lines))
    assert len(got) == len(lines)


def test_history_may_be_of_lines_or_of_pieces() -> None:
    assert Cutter().history(["one", "two"]) == ["one", "two"]
    cutter = Cutter()
    assert cutter.history(["one\nt", "wo\nthr"]) == ["one", "two"]
    assert cutter.feed("ee\n") == ["three"]


def test_a_line_without_end_is_let_go() -> None:
    cutter = Cutter()
    for _ in range(300):
        assert cutter.feed("x" * 1024) == []
    assert cutter.feed("\n<Mira> hello\n")[-1] == "<Mira> hello"


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=40),
    st.integers(0, 40),
    st.integers(REMEMBERED, 50),
    st.integers(0, 8),
)
def test_what_was_read_is_known_again(steps: list[int], read: int, kept: int, again: int) -> None:
    """A server writes lines, some in one second; a connection reads some, the next begins with the last."""
    moment, written = NOON - timedelta(minutes=5), []
    for number, step in enumerate(steps):
        moment += timedelta(seconds=step)
        written.append(line(number, f"{moment:%H:%M:%S}"))
    read = min(read, len(written))
    first = drafter()
    told = first.drafts(written[:read], now=NOON)
    history = written[max(0, len(written) - kept) :]
    missing = max(0, len(written) - kept - read)
    if first.tail is None:
        return
    end = Tail.parse(str(first.tail)).end_in(history)  # type: ignore[union-attr]  # it wrote it
    if end is None:
        assert missing or read - (len(written) - len(history)) < 2
        return
    assert not missing
    second = drafter()
    second.learn(history[:end], now=NOON)
    rest = second.drafts(history[end:], now=NOON)
    assert texts(told) + texts(rest) == [f"n{number}" for number in range(len(written))]
    # Read again from a little before, every fact has the id that it had, but in a second that began earlier.
    third = drafter()
    repeated = third.drafts(written[max(0, read - again) :], now=NOON)
    assert {draft.id for draft in rest} <= {draft.id for draft in repeated} | {draft.id for draft in told}


def test_the_same_words_twice_in_one_second_are_two_facts() -> None:
    drafts = drafter().drafts([line(1), line(1)], now=NOON)
    assert len({draft.id for draft in drafts}) == 2


def test_one_line_alone_is_no_place() -> None:
    """An empty line, or one of a stack trace, is like many others."""
    first = drafter()
    first.learn([line(1), line(2), ""], now=NOON)
    assert first.tail is not None
    assert first.tail.end_in(["", line(3)]) is None
    assert first.tail.end_in([line(2), "", line(3)]) == 2


@pytest.mark.parametrize(
    "text", ["", "x", "2026-05-01:1:2:3", "2026-05-01T12:00:00|a", "2026-05-01T12:00:00+00:00|"]
)
def test_other_places_are_no_places_of_a_console(text: str) -> None:
    assert Tail.parse(text) is None


def test_lines_have_the_day_that_brings_them_before_the_next() -> None:
    lines = [line(1, "23:59:50"), "no time", line(2, "00:00:10"), line(3, "11:59:59")]
    moments = drafter().moments(lines, now=NOON)
    assert [f"{each:%d %H:%M:%S}" for each in moments] == [
        "30 23:59:50",
        "01 00:00:10",
        "01 00:00:10",
        "01 11:59:59",
    ]


@pytest.mark.parametrize(
    ("zone", "now", "at", "utc"),
    [
        ("UTC", "2026-05-02T00:00:01+00:00", "23:59:59", "2026-05-01T23:59:59+00:00"),
        ("UTC", "2026-05-01T23:59:59+00:00", "00:00:01", "2026-05-02T00:00:01+00:00"),  # its clock is ahead
        ("Europe/Paris", "2026-05-01T22:30:00+00:00", "00:30:00", "2026-05-01T22:30:00+00:00"),
        ("America/New_York", "2026-05-02T02:00:00+00:00", "22:00:00", "2026-05-02T02:00:00+00:00"),
    ],
)
def test_a_live_line_is_of_about_now(zone: str, now: str, at: str, utc: str) -> None:
    (draft,) = drafter(zone).drafts([line(1, at)], now=datetime.fromisoformat(now), live=True)
    assert draft.event.at == datetime.fromisoformat(utc)


def test_what_was_old_when_read_is_late() -> None:
    lines = [line(1, "11:50:00"), line(2, "11:59:00")]
    assert [draft.late for draft in drafter().drafts(lines, now=NOON)] == [True, False]
    assert [draft.late for draft in drafter().drafts(lines, now=NOON, live=True)] == [False, False]


def test_a_start_says_since_when_the_console_was_silent() -> None:
    lines = [
        line(1, "11:00:00"),
        "[11:59:50 INFO]: Loading libraries, please wait...",
        "[11:59:55 INFO]: Starting minecraft server version 1.21.8",
    ]
    (starting,) = [
        draft.event for draft in drafter().drafts(lines, now=NOON) if isinstance(draft.event, ServerStarting)
    ]
    assert starting.silent_since == NOON - timedelta(hours=1)
