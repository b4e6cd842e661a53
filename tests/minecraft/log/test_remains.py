"""What a server leaves behind: read from the files that a pretend one writes."""

from __future__ import annotations

import gzip
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config.settings import LogSettings
from bridge.events import ServerId
from bridge.minecraft.log.pulse import Pulse
from bridge.minecraft.log.remains import LAST_LINES, crash_report, last_lines

UTC_ZONE = ZoneInfo("UTC")
SERVER = ServerId("survival")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
START = "[12:00:00] [Server thread/INFO]: Starting minecraft server version 1.21.8"
JOIN = "[12:00:01] [Server thread/INFO]: Mira joined the game"
CHAT = "[12:00:02] [Server thread/INFO]: <Mira> my password is sesame"
COMMAND = "[12:00:03] [Server thread/INFO]: Mira issued server command: /login sesame"
TROUBLE = "[12:00:04] [Server thread/ERROR]: Encountered an unexpected exception"
TRACE = "\tat net.minecraft.server.MinecraftServer.tick(MinecraftServer.java:1)"


def log_in(folder: Path, *lines: str) -> LogSettings:
    path = folder / "logs" / "latest.log"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return LogSettings(path=path)


def told(log: LogSettings, *, restarted: bool = False) -> tuple[str, ...]:
    return last_lines(SERVER, log, UTC_ZONE, restarted=restarted)


def test_the_last_lines_are_without_what_players_said_and_did(tmp_path: Path) -> None:
    log = log_in(tmp_path, START, JOIN, CHAT, COMMAND, TROUBLE, TRACE)
    assert told(log) == (START, JOIN, TROUBLE, TRACE)


def test_after_a_start_the_life_before_is_meant(tmp_path: Path) -> None:
    log = log_in(tmp_path, START, JOIN, TROUBLE, START, JOIN)
    assert told(log, restarted=True) == (START, JOIN, TROUBLE)


def test_it_is_looked_for_in_the_file_rotated_last(tmp_path: Path) -> None:
    log = log_in(tmp_path, START, JOIN)
    for number, line in ((1, "[11:00:00] [Server thread/INFO]: old"), (2, TROUBLE)):
        data = gzip.compress(f"{line}\n".encode())
        (log.path.parent / f"2026-11-25-{number}.log.gz").write_bytes(data)
    assert told(log, restarted=True) == (TROUBLE,)


def test_an_archive_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    log = log_in(tmp_path, START)
    packed = gzip.compress("".join(f"{TROUBLE} {number}\n" for number in range(5000)).encode())
    (log.path.parent / "2026-11-25-1.log.gz").write_bytes(packed[: len(packed) // 2])
    assert len(told(log, restarted=True)) in range(LAST_LINES + 1)


def test_no_more_than_the_last_lines_and_nothing_without_a_log(tmp_path: Path) -> None:
    log = log_in(tmp_path, *(f"{TROUBLE} {number}" for number in range(100)))
    assert told(log) == tuple(f"{TROUBLE} {number}" for number in range(70, 100))
    log.path.unlink()
    assert told(log) == told(log, restarted=True) == ()


def test_the_report_of_that_time_is_found(tmp_path: Path) -> None:
    log = log_in(tmp_path, START)
    folder = tmp_path / "crash-reports"
    assert crash_report(log.path, about=NOW) is None
    folder.mkdir()
    for name, age in (("crash-old.txt", timedelta(hours=1)), ("crash-new.txt", timedelta(seconds=20))):
        (folder / name).write_text(f"---- Minecraft Crash Report ----\n// {name}\n" + "x\n" * 100)
        written = (NOW - age).timestamp()
        os.utime(folder / name, (written, written))
    found = crash_report(log.path, about=NOW)
    assert found is not None
    assert (found.name, found.head.splitlines()[1]) == ("crash-new.txt", "// crash-new.txt")
    assert len(found.head.splitlines()) == 40
    assert crash_report(log.path, about=NOW + timedelta(hours=1)) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60) | st.sampled_from([START, JOIN, CHAT, COMMAND, TRACE]), max_size=60))
def test_whatever_the_log_holds_no_chat_gets_out(lines: list[str]) -> None:

    with tempfile.TemporaryDirectory() as folder:
        log = log_in(Path(folder), *[JOIN, *lines, CHAT])
        for restarted in (False, True):
            found = told(log, restarted=restarted)
            assert len(found) <= LAST_LINES
            assert CHAT not in found


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_only_the_game_itself_counts_as_speaking(tmp_path: Path) -> None:
    path = log_in(tmp_path, START).path
    pulse = Pulse(path)
    pulse.look()
    first = pulse.spoke
    assert first is not None
    for line in (
        "[12:00:05] [RCON Listener #1/INFO]: Thread RCON Client /127.0.0.1 started",
        "[12:00:05] [RCON Client /127.0.0.1 #9/INFO]: Thread RCON Client /127.0.0.1 shutting down",
        TRACE,
    ):
        append(path, line)
        pulse.look()
        assert (pulse.spoke, pulse.watchdog) == (first, None)
    append(path, "[12:01:00] [Server Watchdog/ERROR]: A single server tick took 60.00 seconds")
    pulse.look()
    assert pulse.spoke == first
    assert pulse.watchdog is not None
    append(path, "[12:01:01] [Server thread/INFO]: <Mira> [Server Watchdog/ERROR]: ha")
    pulse.look()
    assert pulse.spoke is not None
    assert pulse.spoke >= pulse.watchdog


def test_a_rotated_log_speaks_anew(tmp_path: Path) -> None:
    path = log_in(tmp_path, START, JOIN).path
    pulse = Pulse(path)
    pulse.look()
    path.rename(path.with_name("2026-11-25-1.log"))
    pulse.look()  # for a moment there is none
    log_in(tmp_path, START)
    pulse.look()
    assert pulse.spoke is not None
    assert pulse.spoke == datetime.fromtimestamp(path.stat().st_mtime, UTC)
