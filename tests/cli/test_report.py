"""``passerelle report`` as a person runs it, beside a bridge that runs and without one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.cli.out import ExitCode
from bridge.journal import SqliteJournal
from bridge.store import Store, StoreError, StoreTooNew
from bridge.store.read_only import ReadOnlyStore
from bridge.store.schema import Migrate
from tests.features.small_log import OVER, derive
from tests.warm import WarmPython

Report = Callable[..., subprocess.CompletedProcess[str]]
WEEK = ("--week", "2026-W27")


@pytest.fixture
def report(warm: WarmPython, config: Path) -> Report:
    """Return a function that asks for a report."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"LC_ALL": "en_GB.UTF-8"}
        return warm.run(
            "-m", "bridge", "report", *arguments, "--config", str(config), environment=environment
        )

    return run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings of a community in Paris that speaks French."""
    file = tmp_path / "bridge.yml"
    file.write_text(
        "data: data\ncommunity: {name: Stonebridge, language: fr, time-zone: Europe/Paris}\n"
        "servers:\n  survival:\n    log: {path: latest.log}\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
async def store(tmp_path: Path, migrate: Migrate) -> Store:
    """A store that knows the small log, held open as the bridge does."""
    store = await Store.open(tmp_path / "data", migrate=migrate)
    async with SqliteJournal(store) as journal:
        await derive(store, journal, OVER)
    return store


async def test_beside_the_bridge_and_after_it(store: Store, report: Report) -> None:
    beside = report(*WEEK)
    await store.close()
    after = report(*WEEK)
    assert (beside.returncode, after.returncode, after.stdout) == (0, 0, beside.stdout), beside.stderr
    assert "# Stonebridge" in beside.stdout
    assert "Mira, 2" in beside.stdout


async def test_each_format(store: Store, report: Report) -> None:
    async with store:
        read = json.loads(report(*WEEK, "--format", "json", "--server", "survival").stdout)
        html = report("--month", "2026-07", "--format", "html").stdout
        last = report()
    assert read["parts"][0]["server"] == "survival"
    assert html.startswith('<!doctype html>\n<html lang="fr">')
    assert "<svg" in html
    assert last.returncode == ExitCode.OK


@pytest.mark.parametrize(
    "arguments",
    [("--week", "2026-07"), ("--month", "2026-W27"), ("--week", "9999-W01"), ("--server", "creative")],
)
async def test_what_there_is_not(store: Store, report: Report, arguments: tuple[str, ...]) -> None:
    async with store:
        done = report(*arguments)
    assert (done.returncode, done.stdout) == (ExitCode.FAILED, "")
    assert arguments[1] in done.stderr


def test_before_the_first_start(report: Report, tmp_path: Path) -> None:
    """Nothing is made where there is nothing."""
    done = report()
    assert done.returncode == ExitCode.UNAVAILABLE
    assert "run the bridge once" in done.stderr
    assert not (tmp_path / "data").exists()


async def test_reading_takes_no_lock_and_cannot_write(store: Store) -> None:
    async with store, await ReadOnlyStore.open(store.path) as reader:
        async with reader.reading() as conn:
            assert (await conn.exec_driver_sql("SELECT count(*) FROM accounts")).scalar_one() == 3
        with pytest.raises(StoreError, match="readonly"):
            async with reader.reading() as conn:
                await conn.exec_driver_sql("DELETE FROM accounts")


@pytest.mark.parametrize(("version", "error"), [("9999", StoreTooNew), ("0001", StoreError)])
async def test_another_version_is_refused(store: Store, version: str, error: type[StoreError]) -> None:
    async with store.transaction() as tx:
        await tx.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (version,))
    with pytest.raises(error, match=version):
        await ReadOnlyStore.open(store.path)
    await store.close()
