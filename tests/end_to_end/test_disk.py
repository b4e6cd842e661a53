"""The disk is full: the bridge says so once, waits, and tells everything when there is room again."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from bridge.cli.out import ExitCode
from bridge.store.engine import FILE_NAME
from tests.end_to_end.conftest import PLAYERS, WITHIN_S

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Daemon, Town

SIZE: Final = "16m"  # of the disk: room for the database, its write-ahead file and the lines of this test
LINES: Final = 300


class Disk:
    """A small disk of its own for the bridge's data."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(65536)) == 65536:
                pass

    def make_room(self) -> None:
        """Leave most of it free."""
        self._ballast.unlink()


@pytest.fixture
def disk(town: Town) -> Iterator[Disk]:
    data = town.folder / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(data)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False, timeout=WITHIN_S)
    except OSError as exc:
        pytest.skip(f"no disk can be mounted here: {exc}")
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        shutil.copy(town.empty_store, data / FILE_NAME)
        yield Disk(data)
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True, timeout=WITHIN_S)


def numbers(lines: list[str]) -> list[int]:
    """Return the numbers in the lines that have one."""
    return [int(found[1]) for line in lines if (found := re.search(r"n(\d+)", line))]


def complaints(daemon: Daemon) -> list[dict[str, Any]]:
    """Return what the bridge has logged as a failure."""
    lines = (json.loads(line) for line in daemon.said().splitlines())
    return [line for line in lines if line["level"] in ("error", "critical")]


async def test_a_full_disk_is_said_once_and_loses_nothing(town: Town, disk: Disk) -> None:
    async with town.daemon(logging={"level": "info"}) as daemon:
        town.game.chat("Alix", "n0")
        await town.say("n0")
        await town.lines(1)
        await town.seen("n0")
        disk.fill()
        for number in range(1, LINES):
            town.game.chat(PLAYERS[number % 3], f"n{number}")
            await town.say(f"n{number}")
        await daemon.logged("reading waits; nothing is lost")
        await daemon.logged("the journal does not answer; waiting")
        disk.make_room()
        await town.lines(LINES)
        await town.seen(f"n{LINES - 1}")
        await daemon.logged("there is room on the disk again")
        await daemon.stop()
    seen = [line for shown in town.game.received for line in shown.plain.split("\n")]
    assert numbers(town.told()) == list(range(LINES))
    assert numbers(seen) == list(range(LINES))
    assert {line["event"]: line["disk_full"] for line in complaints(daemon)} == {
        "what happens cannot be kept and waits": True,
        "reading waits; nothing is lost": True,
    }
    assert len(complaints(daemon)) == 2
    assert all("free some space" in line["problem"] for line in complaints(daemon))


async def test_a_start_on_a_full_disk_is_refused_clearly(town: Town, disk: Disk) -> None:
    disk.fill()
    async with town.daemon(ready=False) as daemon:
        assert await daemon.running.wait() == ExitCode.UNAVAILABLE
        assert [line["event"] for line in complaints(daemon)] == ["the database cannot be used"]
        assert "free some space" in complaints(daemon)[0]["problem"]
        disk.make_room()
        await daemon.start()
        await daemon.ready()
