"""``passerelle import`` as a person runs it: as a process, beside a database, killed half-way, run twice."""

from __future__ import annotations

import asyncio
import io
import os
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.cli.out import ExitCode
from bridge.cli.progress import Progress
from bridge.config.settings import LogSettings
from bridge.events import ServerId
from bridge.journal import SqliteJournal, Start
from bridge.minecraft.log.source import LogSource
from bridge.store import Store
from bridge.store.engine import FILE_NAME
from bridge.store.schema import Migrate
from tests.old_logs import OldServer
from tests.warm import WarmPython

SETTINGS = "data: {data}\nretention: {{chat: 3650d}}\nservers:\n  survival: {{log: {{path: latest.log}}}}\n"
Import = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(tmp_path: Path) -> OldServer:
    """Return a server with a month of logs, and settings beside them."""
    server = OldServer(tmp_path / "logs", date(2025, 1, 1), lines_a_day=120)
    server.live(30)
    (tmp_path / "bridge.yml").write_text(SETTINGS.format(data="data"), encoding="utf-8")
    return server


@pytest.fixture
def import_logs(warm: WarmPython, tmp_path: Path) -> Import:
    """Return a function that imports the logs of ``logs``."""

    def run(
        *options: str, paths: tuple[str, ...] = ("logs",), language: str = "en_GB.UTF-8"
    ) -> subprocess.CompletedProcess[str]:
        return warm.run(*command(tmp_path, *options, paths=paths), environment={"LC_ALL": language})

    return run


def command(folder: Path, *options: str, paths: tuple[str, ...] = ("logs",)) -> list[str]:
    where = [str(folder / path) for path in paths]
    given = ["--server", "survival", "--config", str(folder / "bridge.yml"), *options]
    return ["-m", "bridge", "import", "logs", *where, *given]


def records(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what the journal holds, by id."""
    with sqlite3.connect(folder / "data" / FILE_NAME) as conn:
        found = {
            row[0]: row[1:] for row in conn.execute("SELECT id, source, kind, at_ms, late, body FROM records")
        }
    conn.close()
    return found


def test_a_dry_run_tells_everything_and_writes_nothing(
    server: OldServer, import_logs: Import, tmp_path: Path
) -> None:
    done = import_logs("--dry-run")
    assert done.returncode == ExitCode.OK, done.stderr
    assert (
        f"{len(server.files)} files: {server.lines:,} lines of 30 days (2025-01-01 to 2025-01-30)"
        in done.stdout
    )
    said = next(line for line in done.stdout.splitlines() if "chat.said" in line)
    assert said.split() == ["chat.said", f"{server.told['chat.said']:,}"]
    assert not (tmp_path / "data").exists()


def test_reading_twice_is_reading_once(server: OldServer, import_logs: Import, tmp_path: Path) -> None:
    assert import_logs().returncode == ExitCode.OK
    once = records(tmp_path)
    kinds = Counter(kind for _, kind, *_ in once.values())
    assert kinds.pop("server.observed") == len(server.files)
    assert kinds == server.told
    again = import_logs()
    assert again.returncode == ExitCode.OK
    assert f"{len(server.files)} files were imported before" in again.stdout
    assert records(tmp_path) == once


def test_what_comes_later_goes_on(import_logs: Import, tmp_path: Path, server: OldServer) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for file in server.files[20:]:
        file.rename(kept / file.name)
    assert import_logs().returncode == ExitCode.OK
    done = import_logs(paths=("logs", "kept"))
    assert f"Read {len(server.files) - 20} files" in done.stdout
    kinds = Counter(kind for _, kind, *_ in records(tmp_path).values())
    assert kinds - Counter({"server.observed": len(server.files)}) == server.told


@pytest.mark.usefixtures("server")
async def test_killed_in_the_middle_it_goes_on(import_logs: Import, warm: WarmPython, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "bridge.yml").write_text(SETTINGS.format(data="data"), encoding="utf-8")
    done = await asyncio.to_thread(import_logs, "--config", str(whole / "bridge.yml"))
    assert done.returncode == ExitCode.OK, done.stderr
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = warm.start(*command(tmp_path), stdout=out, stderr=out)
        async with asyncio.timeout(30):
            while "%" not in said.read_text(encoding="utf-8"):  # noqa: ASYNC110 - another process says it
                await asyncio.sleep(0)
        process.kill()
        await process.wait()
    done = await asyncio.to_thread(import_logs)
    assert done.returncode == ExitCode.OK, done.stderr
    assert records(tmp_path) == records(whole)


@pytest.mark.usefixtures("server")
async def test_a_bridge_that_runs_is_told(import_logs: Import, tmp_path: Path, migrate: Migrate) -> None:
    async with await Store.open(tmp_path / "data", migrate=migrate):
        done = await asyncio.to_thread(import_logs)
        assert done.returncode == ExitCode.UNAVAILABLE
        assert "Stop it, import, and start it again" in done.stderr
        assert (await asyncio.to_thread(import_logs, "--dry-run")).returncode == ExitCode.OK


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.usefixtures("server")
def test_what_root_imports_belongs_to_the_bridges_user(import_logs: Import, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 4711, 4712)
    assert import_logs().returncode == ExitCode.OK
    assert {(file.stat().st_uid, file.stat().st_gid) for file in data.iterdir()} == {(4711, 4712)}


async def test_it_overlaps_with_what_was_read_live(
    import_logs: Import, server: OldServer, tmp_path: Path, migrate: Migrate
) -> None:
    """The live log goes on where it stopped, whatever an import has read meanwhile."""
    for file in server.files[20:]:
        file.rename(tmp_path / file.name)
    log = LogSettings.model_validate({"path": str(server.folder / "latest.log")})
    async with await Store.open(tmp_path / "data", migrate=migrate) as store, SqliteJournal(store) as journal:
        await read_live(log, journal)
    live = records(tmp_path)
    for file in server.files[20:]:
        (tmp_path / file.name).rename(file)
    done = await asyncio.to_thread(import_logs)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "is left to it" in done.stdout
    new = {id_: record for id_, record in records(tmp_path).items() if id_ not in live}
    assert {kind for _, kind, *_ in new.values()} == {"server.observed"}
    async with await Store.open(tmp_path / "data", migrate=migrate) as store, SqliteJournal(store) as journal:
        await read_live(log, journal)
    kinds = Counter(kind for source, kind, *_ in records(tmp_path).values() if source == "log:survival")
    assert {kind: kinds[kind] for kind in server.told} == server.told


async def read_live(log: LogSettings, journal: SqliteJournal) -> None:
    """Read what is in a log as the bridge does."""
    source = LogSource(ServerId("survival"), log, journal, zone=ZoneInfo("UTC"), start=Start.BEGINNING)
    running = asyncio.create_task(source.run())
    async with asyncio.timeout(20):
        await source.caught_up.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_holes_and_damage_are_told(import_logs: Import, server: OldServer) -> None:
    named = [file.name for file in server.files]
    second = next(file for file in server.files[3:] if file.name.endswith("-2.log.gz"))
    day = second.name.removesuffix("-2.log.gz")
    (server.folder / f"{day}-1.log.gz").unlink()
    damaged = next(file for file in server.files[named.index(second.name) + 1 :])
    damaged.write_bytes(damaged.read_bytes()[:-300])
    done = import_logs()
    assert done.returncode == ExitCode.OK
    assert f"{second.name}: something is missing before it" in done.stderr
    assert f"{damaged.name} is damaged after" in done.stderr


@pytest.mark.usefixtures("server")
def test_mistakes_are_told_in_french_too(import_logs: Import, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = import_logs(paths=("empty",), language="fr_FR.UTF-8")
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "ne contient aucun journal" in done.stderr
    done = import_logs("--server", "creative")
    assert done.returncode == ExitCode.SETTINGS
    assert "there are: survival" in done.stderr


class Terminal(io.StringIO):
    """A stream that can be drawn on."""

    def isatty(self) -> bool:
        return True


def test_the_bar_moves_and_goes_away() -> None:
    times = iter([0.0, 0.05, 4.0])
    terminal = Terminal()
    progress = Progress(200, stream=terminal, now=lambda: next(times))
    progress.move(10, "1 line")  # too soon to draw
    assert terminal.getvalue() == ""
    progress.move(100, "20 lines")
    assert "50%" in terminal.getvalue()
    assert "20 lines" in terminal.getvalue()
    assert "4 s" in terminal.getvalue()
    progress.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")
