"""``passerelle check`` tells what it found in a server's folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.cli.check import check
from bridge.cli.out import ExitCode
from bridge.simulator.game import SimGame

SETTINGS = "servers:\n  survival:\n    title: Survival\n    log: {path: game/logs/latest.log}\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    path = tmp_path / "bridge.yml"
    path.write_text(SETTINGS)
    return path


def test_what_is_there_is_counted(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game = SimGame(tmp_path / "game", clock=lambda: datetime.now(UTC))
    game.log.open()
    game.write_properties()
    for name in ("Mira", "Theo"):
        game.join(name)
        game.leave(name)
    game.log.close()
    assert check(settings) == ExitCode.OK
    told = capsys.readouterr().out.splitlines()[-1]
    assert f"Survival: the folder {tmp_path / 'game'} with the world world" in told
    assert "statistics of 2 players, advancements of 2, 2 names at hand" in told


def test_a_world_that_is_new(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "game" / "logs").mkdir(parents=True)
    (tmp_path / "game" / "server.properties").write_text("level-name=earth\n")
    assert check(settings) == ExitCode.OK
    assert "the world earth has counted nothing yet" in capsys.readouterr().out


def test_a_folder_that_is_none(settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.write_text(SETTINGS.replace("log:", "folder: elsewhere\n    log:"))
    assert check(settings) == ExitCode.OK
    assert f"{tmp_path / 'elsewhere'}/server.properties: there is no such file" in capsys.readouterr().out
