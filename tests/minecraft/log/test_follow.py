"""Following a real file through everything that happens to log files."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.minecraft.log.archives import open_live
from bridge.minecraft.log.follow import Follower
from bridge.minecraft.log.watch import Watch

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class Reading:
    """Follows a file in a task and keeps what came."""

    def __init__(self, path: Path, *, inotify: bool) -> None:
        file = open_live(path, UTC)
        assert file is not None
        self.file = file
        self.data = b""
        self.batches = 0
        self.follower = Follower(file)
        self._watch = Watch(path, inotify=inotify)
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            with self._watch:
                async for lines in self.follower.follow(self._watch):
                    assert lines.piece.start == len(self.data)
                    self.data += lines.piece.data
                    self.batches += 1
        finally:
            self.file.close()


@pytest.fixture(params=[True, False], ids=["inotify", "polling"])
def told(request: pytest.FixtureRequest) -> bool:
    """Whether the system tells of changes."""
    return bool(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "latest.log"
    path.write_bytes(b"")
    return path


@pytest.fixture
async def reading(path: Path, told: bool) -> AsyncIterator[Reading]:
    reading = Reading(path, inotify=told)
    yield reading
    reading.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading.task


def write(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(data)


def move(path: Path) -> Path:
    """Rotate as log4j does, without a new file yet."""
    return path.rename(path.with_name("2024-09-05-1.log"))


def put(path: Path, data: bytes) -> None:
    """Make a new file of that name."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


async def test_lines_come_as_they_are_written(path: Path, reading: Reading, until: Until) -> None:
    for number in range(5):
        before = reading.data
        write(path, b"line %d\n" % number)
        await until(lambda: reading.data == before + b"line %d\n" % number)  # noqa: B023 - awaited at once


async def test_half_a_line_is_not_told(path: Path, reading: Reading, until: Until) -> None:
    write(path, b"one\r\ntw")
    await until(lambda: reading.data == b"one\r\n")
    write(path, b"o\xff\0\n")
    await until(lambda: reading.data == b"one\r\ntwo\xff\0\n")


async def test_many_lines_come_together(path: Path, reading: Reading, until: Until) -> None:
    many = b"".join(b"line %d\n" % number for number in range(20_000))
    write(path, many)
    await until(lambda: reading.data == many)
    assert reading.batches < 10


async def test_after_a_rotation_the_old_file_is_read_to_its_end(
    path: Path, reading: Reading, until: Until
) -> None:
    write(path, b"one\n")
    await until(lambda: reading.data == b"one\n")
    with path.open("ab", buffering=0) as old:
        move(path)
        old.write(b"two\n")
        put(path, b"three\n")
    await asyncio.wait_for(reading.task, 5)
    assert reading.data == b"one\ntwo\n"


async def test_while_nothing_has_the_name_the_old_file_is_followed(
    path: Path, reading: Reading, until: Until
) -> None:
    write(move(path), b"late\n")
    await until(lambda: reading.data == b"late\n")
    put(path, b"")
    await asyncio.wait_for(reading.task, 5)


async def test_a_deleted_and_new_file_is_another_one(path: Path, reading: Reading, until: Until) -> None:
    """Also where the file system gives the new file the number of the old one."""
    write(path, b"one\n")
    await until(lambda: reading.data == b"one\n")
    put(path, b"one\n")
    await asyncio.wait_for(reading.task, 5)


async def test_truncation_ends_the_file(path: Path, reading: Reading, until: Until) -> None:
    write(path, b"one\ntwo\n")
    await until(lambda: reading.data == b"one\ntwo\n")
    os.truncate(path, 0)
    await asyncio.wait_for(reading.task, 5)


async def test_a_file_written_anew_and_longer_is_noticed(path: Path, reading: Reading, until: Until) -> None:
    """Truncated and grown past the old length before anybody looked."""
    write(path, b"one\ntwo\n")
    await until(lambda: reading.data == b"one\ntwo\n")
    with path.open("r+b", buffering=0) as file:
        file.write(b"another beginning, longer than before\n")
    await asyncio.wait_for(reading.task, 5)
    assert reading.data == b"one\ntwo\n"


async def test_a_line_without_end_is_left_out_with_one_warning(
    path: Path, reading: Reading, until: Until
) -> None:
    with capture_logs() as lines:
        write(path, b"one\n")
        await until(lambda: reading.data == b"one\n")
        reading.data += b"x" * 1_200_000 + b"\n"
        for _ in range(12):
            write(path, b"x" * 100_000)
        write(path, b"\ntwo\n")
        await until(lambda: reading.data.endswith(b"\ntwo\n"))
    assert [line["log_level"] for line in lines] == ["warning"]


async def test_a_silent_inotify_is_not_trusted(
    path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on network mounts: accepted, but never a word. After three chance finds it looks often."""
    monkeypatch.setattr("bridge.minecraft.log.watch.BESIDE_S", 0.01)
    reading = Reading(path, inotify=True)
    await until(lambda: reading._watch.told)
    monkeypatch.setattr(reading._watch, "_hear", lambda: None)
    reading._watch.arm()  # from now on nothing is heard
    written = 0
    while reading._watch.told:  # a line that is found by the look after another one was no chance find
        write(path, b"line\n")
        written += 5
        await until(lambda: len(reading.data) == written)  # noqa: B023 - awaited at once
    assert written >= 15
    reading.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading.task
