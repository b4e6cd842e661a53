"""The commands as a person runs them: as processes, with what they print and the code they end with."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge import __version__
from bridge.cli.doctor import last_time
from bridge.cli.out import ExitCode
from tests.warm import WarmPython

LINES = (
    "[12:00:00] [Server thread/INFO]: Mira joined the game\r\n"
    "[12:00:01] [Server thread/INFO]: <Mira> Odo left the game\n"
    "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    "[12:00:02] [Server thread/INFO]: Mira was slain by Zombie\n"
    "[12:00:03] [Server thread/INFO]: Mira has made the advancement [Stone Age]\n"
    "[12:00:04] [Server thread/INFO]: Mira lost connection: Disconnected\n"
    "[12:00:04] [Server thread/INFO]: Mira left the game"
)
PYTHON = Path(sys.executable)
Passerelle = Callable[..., subprocess.CompletedProcess[str]]
KINDS = ["player.joined", "chat.said", None, "player.died", "player.advanced", "player.left", None]


@pytest.fixture
def passerelle(warm: WarmPython) -> Passerelle:
    """Return a function that runs a command."""

    def run(
        *arguments: str, stdin: str = "", language: str = "en_GB.UTF-8"
    ) -> subprocess.CompletedProcess[str]:
        environment = {"LC_ALL": language, "RCON_PASSWORD": "a long password"}
        return warm.run("-m", "bridge", *arguments, stdin=stdin, environment=environment)

    return run


@pytest.mark.parametrize(
    "command", [[PYTHON.with_name("passerelle")], [PYTHON, "-m", "bridge"]], ids=["installed", "module"]
)
def test_version(command: list[str | Path]) -> None:
    """By the command that is installed, and by the package; in a Python of its own."""
    done = subprocess.run([*command, "version"], check=False, capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout) == (ExitCode.OK, f"passerelle {__version__}\n")


def test_explain_line_tells_the_meaning_in_words(passerelle: Passerelle) -> None:
    done = passerelle("explain-line", "[12:00:01] [Server thread/INFO]: <Mira> Odo left the game")
    assert done.returncode == ExitCode.OK
    assert done.stdout.splitlines()[0] == "Mira says: Odo left the game"
    assert "chat.said" in done.stdout


def test_explain_line_speaks_french(passerelle: Passerelle) -> None:
    done = passerelle(
        "explain-line", "[12:00:01] [Server thread/INFO]: Mira joined the game", language="fr_FR.UTF-8"
    )
    assert "Mira" in done.stdout.splitlines()[0]
    assert "joined" not in done.stdout.splitlines()[0]


@pytest.mark.parametrize("way", ["file", "gz", "-"])
def test_explain_line_json_prints_one_object_for_each_line(
    passerelle: Passerelle, way: str, tmp_path: Path
) -> None:
    log = tmp_path / "2026-05-01-1.log"
    log.write_bytes(LINES.encode())
    packed = tmp_path / "2026-05-01-1.log.gz"
    packed.write_bytes(gzip.compress(LINES.encode()))
    name = {"file": str(log), "gz": str(packed), "-": "-"}[way]
    done = passerelle("explain-line", "--json", name, stdin=LINES if way == "-" else "")
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert [row["line"] for row in rows] == list(range(1, 8))
    assert [row["kind"] for row in rows] == KINDS
    assert (rows[1]["player"], rows[1]["text"]) == ("Mira", "Odo left the game")
    assert rows[3]["text"] == "was slain by Zombie"
    assert rows[4]["text"] == "Stone Age"
    assert rows[5]["text"] == "Disconnected"
    if way != "-":
        assert rows[0]["at"].startswith("2026-05-01T12:00:00")


def test_a_log_that_is_not_there_is_told(passerelle: Passerelle, tmp_path: Path) -> None:
    done = passerelle("explain-line", "--json", str(tmp_path / "none.log"))
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "none.log" in done.stderr


def test_an_unknown_dialect_is_told_with_those_there_are(passerelle: Passerelle) -> None:
    done = passerelle("explain-line", "--dialect", "klingon", "x")
    assert done.returncode == ExitCode.FAILED
    assert "velocity" in done.stderr


def test_check_tells_all_problems_with_their_lines_and_no_secret(
    passerelle: Passerelle, tmp_path: Path
) -> None:
    config = tmp_path / "bridge.yml"
    config.write_text(
        "servers:\n  a:\n    rcon:\n      prot: 3\n      port: 255750\n      password: hunter2-hunter2\n",
        encoding="utf-8",
    )
    done = passerelle("check", str(config))
    assert done.returncode == ExitCode.SETTINGS
    assert f"{config}:4: servers.a.rcon.prot: is not a setting; did you mean 'port'?" in done.stderr
    assert f"{config}:5: servers.a.rcon.port: 255750 is not a whole number from 1 to 65535" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_check_says_that_good_settings_are_good(passerelle: Passerelle, tmp_path: Path) -> None:
    config = tmp_path / "bridge.yml"
    config.write_text(
        'servers:\n  a:\n    log: {path: latest.log}\n    rcon: {password: "${RCON_PASSWORD}"}\n',
        encoding="utf-8",
    )
    done = passerelle("check", str(config))
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert "servers: 1" in done.stdout


def test_run_with_bad_settings_ends_with_the_code_that_systemd_does_not_restart(
    passerelle: Passerelle, tmp_path: Path
) -> None:
    done = passerelle("run", str(tmp_path / "none.yml"))
    assert done.returncode == ExitCode.SETTINGS
    assert "there is no such file" in done.stderr


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("[12:34:56] [Server thread/INFO]: x", 45296),
        ("[05Sep2024 12:34:56.789] [Server thread/INFO] [x/]: y", 45296),
        ("2013-05-06 12:34:56 [INFO] x", 45296),
        ("[12:34:56 INFO]: x", 45296),
        ("\tat somewhere 12:34", None),
    ],
)
def test_the_last_time_in_a_log(line: str, seconds: int | None) -> None:
    assert last_time(f"{line}\n  continuation") == seconds
