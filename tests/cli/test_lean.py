"""The daemon starts itself anew with less in memory."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli import lean

Started = list[list[str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What was started instead of this process, or beside it; nothing is."""
    commands: Started = []
    monkeypatch.setattr(
        os, "execve", lambda _, command, environment: commands.append([*command, *environment])
    )
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.delenv(lean.SWITCH, raising=False)
    return commands


def test_another_process_compiles_what_is_not_compiled(
    started: Started, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path))
    lean.become_lean(["run", "bridge.yml"])
    compiles, runs = started
    assert "-c" in compiles
    assert runs[:7] == [sys.executable, "-OO", "-X", "no_debug_ranges", "-m", "bridge", "run"]
    assert "MALLOC_ARENA_MAX" in runs


def test_what_is_compiled_is_not_compiled_again(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "_is_compiled", lambda _cache: True)
    lean.become_lean(["run", "bridge.yml"])
    assert len(started) == 1


def test_it_can_be_switched_off(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lean.SWITCH, "0")
    lean.become_lean(["run", "bridge.yml"])
    assert started == []


def test_tracebacks_have_no_values_of_variables_whatever_else_is_installed() -> None:
    """The log's library would print them with rich, which the tests have brought."""
    assert importlib.util.find_spec("rich")
    code = (
        "import sys; from bridge.cli.lean import become_lean; become_lean([]);"
        "import structlog; sys.exit('rich.traceback' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-OO", "-c", code], check=False, timeout=30).returncode == 0
