from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from bridge.config.load import Loaded, load
from bridge.config.problems import SettingsError

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

TOKEN = f"{'M' * 24}.GabcdE.{'x' * 38}"


@pytest.fixture
def environ() -> dict[str, str]:
    """Return the variables that the shipped examples name."""
    return {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_GUILD": "110373943822540800",
        "DISCORD_CHANNEL": "110373943822540801",
        "RCON_PASSWORD": "correct horse",
        "COMMUNITY_NAME": "Test",
        "TZ": "Europe/Paris",
    }


@pytest.fixture
def load_text(tmp_path: Path, environ: dict[str, str]) -> Load:
    """Return a function that loads a YAML text as ``bridge.yml`` in the test's folder."""

    def load_it(text: str, more: Mapping[str, str] | None = None) -> Loaded:
        path = tmp_path / "bridge.yml"
        path.write_text(dedent(text), encoding="utf-8")
        path.chmod(0o600)
        return load(path, {**environ, **(more or {})})

    return load_it


@pytest.fixture
def problems_of(load_text: Load) -> Problems:
    """Return a function that gives the problems of a YAML text as ``line: key: words``."""

    def told(text: str, more: Mapping[str, str] | None = None) -> list[str]:
        try:
            load_text(text, more)
        except SettingsError as exc:
            return [str(problem).split("bridge.yml:", 1)[-1] for problem in exc.problems]
        return []

    return told
