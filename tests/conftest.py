"""What every test runs under: no blocking calls in the bridge's event loop, the same examples each time."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from blockbuster import BlockBuster
from hypothesis import HealthCheck, settings

from bridge.store.schema import Migrate, migrate_here
from tests.warm import WarmPython

# What tests start keeps the modules it has compiled, or each of them would compile all of ours anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile(
    "steady",
    derandomize=True,  # a test that passed passes again
    database=None,
    deadline=None,  # machines are busy; pytest-timeout stops what hangs
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

# Without colours and the values of variables, which take long to print.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

MAY_BLOCK = (
    ("bridge/store/engine.py", "_engine", "makes a path absolute, without looking at the disk"),
    ("bridge/locales/files.py", "_read", "once for each language, while the bridge starts"),
    ("bridge/config/load.py", "load", "a few kilobytes, at start and on SIGHUP"),
    ("bridge/app.py", "built", "puts the parts together before anything runs"),
    ("/linecache.py", "updatecache", "the source lines of a traceback"),
    ("bridge/minecraft/log/watch.py", "arm", "inotify's descriptor does not block"),
)
"""File and function that may call what blocks elsewhere, with the reason."""


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end, such as modules: it looks through all it knows."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _nothing_blocks() -> Iterator[None]:
    """Fail where the bridge makes a blocking call in a running event loop."""
    guard = BlockBuster(scanned_modules="bridge", excluded_modules=["bridge.simulator"])
    guard.activate()
    for function in guard.functions.values():
        for file, name, _ in MAY_BLOCK:
            function.can_block_in(file, name)
    yield
    guard.deactivate()


@pytest.fixture(scope="session")
def migrate(tmp_path_factory: pytest.TempPathFactory) -> Migrate:
    """Give new databases their tables, as copies of one: to migrate each takes longer than most tests."""
    made = tmp_path_factory.mktemp("tables") / "empty.db"
    migrate_here(made)

    def copied(path: Path) -> None:
        assert not path.stat().st_size, "only a new database is a copy"
        shutil.copyfile(made, path)

    return copied


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmPython]:
    """Start the bridge's processes at once."""
    with WarmPython() as python:
        yield python
