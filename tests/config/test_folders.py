"""A server's folder is named, or found by its log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.config.folders import folder_of_log
from bridge.config.load import Loaded

Load = Callable[..., Loaded]


def test_a_folder_is_found_by_the_log(load_text: Load, tmp_path: Path) -> None:
    server = tmp_path / "game"
    (server / "logs").mkdir(parents=True)
    (server / "server.properties").write_text("server-port=25565\n")
    settings = load_text("servers: {a: {log: {path: game/logs/latest.log}}}").settings
    assert settings.servers["a"].folder == server


def test_a_folder_that_is_named_wins(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "server.properties").touch()
    settings = load_text("servers: {a: {folder: other, log: {path: logs/latest.log}}}").settings
    assert settings.servers["a"].folder == tmp_path / "other"


@pytest.mark.parametrize("log", ["logs/latest.log", "latest.log", "server.log"])
def test_no_folder_is_guessed(tmp_path: Path, log: str) -> None:
    assert folder_of_log(tmp_path / log) is None


def test_a_folder_alone_is_no_way_in(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of("servers: {a: {folder: /srv/minecraft}}")
    assert "has no way in" in problem
