"""Which files are read, in which order, and what their names tell of files that are gone."""

from __future__ import annotations

import gzip
import itertools
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.minecraft.imports.found import LogsRefused, OldLog, Series, find_logs, missing_between

LINE = b"[10:00:00] [Server thread/INFO]: <Mira> hello\n"


def put(
    folder: Path, name: str, data: bytes = LINE, *, on: datetime = datetime(2024, 9, 6, tzinfo=UTC)
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    os.utime(file, (on.timestamp(), on.timestamp()))
    return file


def names(logs: list[OldLog]) -> list[str]:
    return [Path(log.path).name for log in logs]


def test_files_of_a_folder_in_the_order_of_time(tmp_path: Path) -> None:
    for name in (
        "latest.log",
        "2024-09-05-10.log.gz",
        "2024-09-05-9.log.gz",
        "2024-09-04-1.log",
        "debug.log",
    ):
        put(tmp_path, name)
    for name in ("debug-1.log.gz", "2024-13-05-1.log.gz.tmp", "notes.txt", "other.log"):
        put(tmp_path, name)
    found = find_logs([tmp_path], UTC)
    assert names(found) == ["2024-09-04-1.log", "2024-09-05-9.log.gz", "2024-09-05-10.log.gz", "latest.log"]
    assert find_logs([tmp_path, tmp_path / "latest.log"], UTC) == found


def test_a_proxys_files_count_down(tmp_path: Path) -> None:
    for number in (0, 1, 2, 10):
        put(tmp_path, f"proxy.log.{number}", LINE + b"%d" % number)
    found = find_logs([tmp_path], UTC)
    assert names(found) == [f"proxy.log.{number}" for number in (10, 2, 1, 0)]
    gaps = [missing_between(one, two) for one, two in itertools.pairwise(found)]
    assert gaps == [True, False, False]


def test_the_folder_of_the_server_stands_for_its_logs(tmp_path: Path) -> None:
    put(tmp_path / "logs", "latest.log")
    assert names(find_logs([tmp_path], UTC)) == ["latest.log"]


def test_any_file_can_be_named(tmp_path: Path) -> None:
    file = put(tmp_path, "old console.txt")
    (found,) = find_logs([file], UTC)
    assert (found.series, found.day.isoformat()) == (Series.ALONE, "2024-09-06")


def test_of_copies_the_longest_counts(tmp_path: Path) -> None:
    put(tmp_path / "a", "2024-09-05-1.log.gz", LINE * 200)
    whole = put(tmp_path / "b", "2024-09-05-1.log.gz", LINE * 300)
    put(tmp_path / "c", "2024-09-05-1.log.gz", b"another server's\n" * 300)
    found = find_logs([tmp_path / "a", tmp_path / "b", tmp_path / "c"], UTC)
    assert len(found) == 2
    assert str(whole) in [log.path for log in found]


def test_a_mark_stays_when_a_file_is_compressed_and_changes_when_it_grows(tmp_path: Path) -> None:
    plain = put(tmp_path / "a", "2024-09-05-1.log", LINE * 200)
    packed = put(tmp_path / "b", "2024-09-05-1.log.gz", LINE * 200)
    grown = put(tmp_path / "c", "2024-09-05-1.log", LINE * 201)
    marks = [find_logs([file], UTC)[0].mark for file in (plain, packed, grown)]
    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize("what", ["nowhere", "empty"])
def test_what_holds_no_logs_is_refused(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogsRefused) as refused:
        find_logs([tmp_path / what], UTC)
    assert refused.value.path == tmp_path / what
    assert (refused.value.reason is None) is (what == "empty")


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("2024-09-05-1.log.gz", "2024-09-05-2.log.gz", False),
        ("2024-09-05-1.log.gz", "2024-09-05-3.log.gz", True),
        ("2024-09-05-7.log.gz", "2024-09-09-1.log.gz", False),  # a quiet server
        ("2024-09-05-7.log.gz", "2024-09-09-2.log.gz", True),
        ("2024-09-05-7.log.gz", "latest.log", False),
    ],
)
def test_what_numbers_tell(tmp_path: Path, before: str, after: str, missing: bool) -> None:
    found = find_logs([put(tmp_path, before), put(tmp_path, after)], UTC)
    assert missing_between(*found) is missing


@given(st.binary(max_size=200), st.sampled_from(["2024-09-05-1.log.gz", "latest.log", "x.log.gz"]))
def test_no_bytes_keep_a_file_from_being_found(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(data)
        assert len(find_logs([Path(folder) / name], UTC)) == 1
