"""``passerelle import plan`` as a person runs it."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.cli.out import ExitCode
from bridge.store.engine import FILE_NAME
from tests.old_plan import MIRA, NOAH, Stay, write_plan
from tests.warm import WarmPython

AT = datetime(2024, 3, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
STAYS = [Stay(MIRA, AT + number * HOUR, AT + (number + 1) * HOUR) for number in range(20)]
Import = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def imported(warm: WarmPython, tmp_path: Path) -> Import:
    """Return a function that imports something into ``survival``."""
    config = tmp_path / "bridge.yml"
    config.write_text("data: data\nservers:\n  survival: {log: {path: latest.log}}\n", encoding="utf-8")

    def run(what: str, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
        given = ["--server", "survival", "--config", str(config), *options]
        english = {"LC_ALL": "en_GB.UTF-8"}
        return warm.run("-m", "bridge", "import", what, str(path), *given, environment=english)

    return run


def kinds(folder: Path) -> Counter[str]:
    conn = sqlite3.connect(folder / "data" / FILE_NAME)
    found = Counter(kind for (kind,) in conn.execute("SELECT kind FROM records"))
    conn.close()
    return found


def test_sessions_are_read_once(imported: Import, tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.db", [*STAYS, Stay(NOAH, AT + HOUR, AT)])
    dry = imported("plan", tmp_path / "plan.db", "--dry-run")
    assert dry.returncode == ExitCode.OK, dry.stderr
    assert "Would read 20 sessions (2024-03-01 to 2024-03-02)" in dry.stdout
    assert "1 session makes no sense" in dry.stderr
    assert not (tmp_path / "data").exists()
    for _ in range(2):
        done = imported("plan", tmp_path / "plan.db")
        assert done.returncode == ExitCode.OK, done.stderr
        found = kinds(tmp_path)
        assert (found["player.joined"], found["player.left"], found["server.observed"]) == (20, 20, 1)


def test_what_logs_told_is_not_told_again(imported: Import, tmp_path: Path) -> None:
    lines = (
        "[20:00:00] [Server thread/INFO]: Mira joined the game",
        "[23:30:00] [Server thread/INFO]: Mira left the game",
    )
    packed = tmp_path / "2024-03-01-1.log.gz"
    packed.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    (tmp_path / "bridge.yml").write_text(
        "data: data\ncommunity: {time-zone: UTC}\nservers:\n  survival: {log: {path: latest.log}}\n",
        encoding="utf-8",
    )
    assert imported("logs", packed).returncode == ExitCode.OK
    write_plan(tmp_path / "plan.db", STAYS)
    done = imported("plan", tmp_path / "plan.db")
    assert "3 sessions lie in times that logs have told already" in done.stdout
    assert "Read 17 sessions" in done.stdout
    assert kinds(tmp_path)["player.joined"] == 1 + 17


def test_of_several_servers_one_is_asked_for(imported: Import, tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.db", STAYS, servers=("uuid-a", "uuid-b"))
    done = imported("plan", tmp_path / "plan.db")
    assert done.returncode == ExitCode.FAILED
    assert "--plan-server uuid-a  Server 1 (20 sessions)" in done.stderr
    assert imported("plan", tmp_path / "plan.db", "--plan-server", "Server 2").returncode == ExitCode.OK


def test_another_database_is_refused(imported: Import, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.db").close()
    done = imported("plan", tmp_path / "other.db")
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "other.db cannot be read as a database of Plan" in done.stderr
