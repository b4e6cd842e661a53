"""Places in logs, and ids of facts."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.journal.records import SourceName
from bridge.minecraft.log.archives import open_after, rotated
from bridge.minecraft.log.files import LogFile
from bridge.minecraft.log.place import Place, record_id

DAY = date(2024, 9, 5)
NEXT = date(2024, 9, 6)
AN_HOUR = 3600.0
NOON = 1725537600.0  # of DAY, UTC


def log_bytes(seed: str, lines: int = 200) -> bytes:
    return b"".join(b"[12:00:00] [Server thread/INFO]: %s %d\n" % (seed.encode(), n) for n in range(lines))


def put(folder: Path, name: str, data: bytes, *, at: float = NOON) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    os.utime(path, (at, at))
    return path


def place_in(data: bytes, offset: int, day: date = DAY) -> Place:
    return Place.of(day, offset, data[:4096], data[max(0, offset - 256) : offset])


def names(path: Path, place: Place | None, *, since: float = 0.0) -> tuple[list[str], bool, int]:
    """Return what would be read, whether the place was found, and the offset in the first file."""
    trail = open_after(path, place, since=since, zone=UTC)
    try:
        return (
            [file.path.name for file in trail.files],
            trail.found,
            trail.files[0].offset if trail.files else 0,
        )
    finally:
        for file in trail.files:
            file.close()


@given(st.dates(), st.integers(0, 10**12), st.binary(max_size=10), st.binary(max_size=10))
def test_a_place_is_read_back_as_it_was(day: date, offset: int, head: bytes, before: bytes) -> None:
    place = Place.of(day, offset, head, before)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", "2024-09-05:1:x:y", "1234567890123456789", "2024-02-31:1:" + "0" * 16 + ":" + "0" * 8]
)
def test_what_is_no_place_is_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a date's own error counts too
        Place.parse(text)


def test_an_id_tells_source_day_offset_and_bytes_apart() -> None:
    source = SourceName("log:survival")
    base = record_id(source, DAY.isoformat(), 10, b"line")
    others = {
        record_id(SourceName("log:other"), DAY.isoformat(), 10, b"line"),
        record_id(source, NEXT.isoformat(), 10, b"line"),
        record_id(source, DAY.isoformat(), 11, b"line"),
        record_id(source, DAY.isoformat(), 10, b"lime"),
    }
    assert base not in others
    assert len(others) == 4
    assert base == record_id(source, DAY.isoformat(), 10, b"line")


def test_rotated_files_are_in_order_and_are_the_logs_own(tmp_path: Path) -> None:
    for name in (
        "2024-09-05-10.log.gz",
        "2024-09-05-2.log.gz",
        "2024-09-06-1.log",
        "2024-09-06-1.log.gz",
        "debug-1.log.gz",
        "debug.log",
        "2024-09-04-1.log.gz",
        "latest.log",
        "2024-13-01-1.log",
        "other.log.1",
        "notes.txt",
    ):
        put(tmp_path, name, b"x\n")
    found = [each.path.name for each in rotated(tmp_path / "latest.log", UTC)]
    assert found == ["2024-09-04-1.log.gz", "2024-09-05-2.log.gz", "2024-09-05-10.log.gz", "2024-09-06-1.log"]


def test_a_file_that_vanishes_while_the_folder_is_read_makes_no_silent_hole(tmp_path: Path) -> None:
    """As the plain file does when its compression ends: what it became stands in no older list."""
    data = log_bytes("a")
    put(tmp_path, "2024-09-05-1.log.gz", data)
    path = put(tmp_path, "latest.log", log_bytes("b"))
    gone = tmp_path / "2024-09-05-2.log"
    gone.symlink_to(tmp_path / "nothing")  # listed, and not there when it is looked at
    with pytest.raises(FileNotFoundError):
        rotated(path, UTC)
    whole = names(path, place_in(data, 300))  # a link that never leads anywhere stops nobody for good
    assert whole == (["2024-09-05-1.log.gz", "latest.log"], True, 300)


def test_of_two_files_that_begin_alike_the_older_is_read_on(tmp_path: Path) -> None:
    """A server that restarts within a second writes such: the newer lacks what the older ends with."""
    alike = log_bytes("a")[:2000]
    put(tmp_path, "2024-09-05-1.log", alike + b"[12:00:01] the end of the first\n")
    put(tmp_path, "2024-09-05-2.log", alike + b"[12:00:01] the end of the second\n")
    path = put(tmp_path, "latest.log", alike)
    found = names(path, place_in(alike, 1000))
    assert found == (["2024-09-05-1.log", "2024-09-05-2.log", "latest.log"], True, 1000)


def test_numbered_files_count_backwards(tmp_path: Path) -> None:
    for number in range(4):
        put(tmp_path, f"proxy.log.{number}", b"x\n", at=NOON - number * 60)
    put(tmp_path, "server.log", b"x\n")
    put(tmp_path, "server.log.2.gz", b"x\n", at=NOON - 120)
    put(tmp_path, "server.log.1", b"x\n", at=NOON - 60)
    assert [each.path.name for each in rotated(tmp_path / "proxy.log.0", UTC)] == [
        "proxy.log.3",
        "proxy.log.2",
        "proxy.log.1",
    ]
    assert [each.path.name for each in rotated(tmp_path / "server.log", UTC)] == [
        "server.log.2.gz",
        "server.log.1",
    ]


@pytest.mark.parametrize("offset", [41, 300, 5000])
def test_the_log_itself_is_gone_on_with(tmp_path: Path, offset: int) -> None:
    data = log_bytes("a")
    path = put(tmp_path, "latest.log", data)
    assert names(path, place_in(data, offset)) == (["latest.log"], True, offset)


@pytest.mark.parametrize("name", ["2024-09-05-3.log.gz", "2024-09-05-3.log"])
@pytest.mark.parametrize("offset", [41, 300, 7000])
def test_a_rotated_file_is_finished_then_the_newer_ones(tmp_path: Path, name: str, offset: int) -> None:
    data = log_bytes("a")
    put(tmp_path, "2024-09-05-2.log.gz", log_bytes("before"))
    put(tmp_path, name, data)
    put(tmp_path, "2024-09-05-4.log.gz", log_bytes("b"))
    put(tmp_path, "2024-09-06-1.log.gz", log_bytes("c"))
    path = put(tmp_path, "latest.log", log_bytes("d"), at=NOON + 24 * AN_HOUR)
    assert names(path, place_in(data, offset)) == (
        [name, "2024-09-05-4.log.gz", "2024-09-06-1.log.gz", "latest.log"],
        True,
        offset,
    )


def test_a_file_renamed_by_the_eighth_rotation_is_known_again(tmp_path: Path) -> None:
    data = log_bytes("mine")
    for number in range(1, 8):
        put(tmp_path, f"2024-09-05-{number}.log.gz", data if number == 6 else log_bytes(f"other {number}"))
    path = put(tmp_path, "latest.log", log_bytes("now"))
    found, known, _offset = names(path, place_in(data, 7000))
    assert known
    assert found == ["2024-09-05-6.log.gz", "2024-09-05-7.log.gz", "latest.log"]


def test_two_days_that_begin_alike_are_told_apart_by_their_day(tmp_path: Path) -> None:
    """A server restarted by a timer writes the same first seconds every day."""
    first = log_bytes("same", 5)
    put(tmp_path, "2024-09-05-1.log.gz", first + b"first day\n")
    put(tmp_path, "2024-09-06-1.log.gz", first + b"second day\n")
    path = put(tmp_path, "latest.log", first, at=NOON + 48 * AN_HOUR)
    assert names(path, place_in(first, 80))[0] == ["2024-09-05-1.log.gz", "2024-09-06-1.log.gz", "latest.log"]
    assert names(path, place_in(first, 80, NEXT))[0] == ["2024-09-06-1.log.gz", "latest.log"]


def test_a_file_that_is_gone_leads_to_the_newer_ones(tmp_path: Path) -> None:
    put(tmp_path, "2024-09-05-1.log.gz", log_bytes("old"), at=NOON - AN_HOUR)
    put(tmp_path, "2024-09-05-2.log.gz", log_bytes("new"), at=NOON + AN_HOUR)
    path = put(tmp_path, "latest.log", log_bytes("now"), at=NOON + 2 * AN_HOUR)
    lost = place_in(log_bytes("lost"), 4000)
    assert names(path, lost, since=NOON) == (["2024-09-05-2.log.gz", "latest.log"], False, 0)


def test_the_same_beginning_with_another_end_is_another_file(tmp_path: Path) -> None:
    data = log_bytes("a", 300)
    other = data[:6000] + b"#" + data[6001:]
    path = put(tmp_path, "latest.log", other)
    assert names(path, place_in(data, 6100))[1] is False


def test_a_log_over_midnight_is_known_by_its_bytes(tmp_path: Path) -> None:
    """A proxy's log is not rotated at midnight."""
    data = log_bytes("proxy", 10)
    path = put(tmp_path, "proxy.log.0", data + log_bytes("next"), at=NOON + 24 * AN_HOUR)
    assert names(path, place_in(data, 41)) == (["proxy.log.0"], True, 41)


def test_very_many_files_are_opened_a_part_at_a_time(tmp_path: Path) -> None:
    for number in range(1, 61):
        put(tmp_path, f"2024-09-05-{number}.log", log_bytes(str(number), 3))
    path = put(tmp_path, "latest.log", log_bytes("now"))
    found, _known, _offset = names(path, None)
    assert found == [f"2024-09-05-{number}.log" for number in range(1, 33)]
    last = log_bytes("32", 3)
    assert names(path, place_in(last, len(last)))[0][:2] == ["2024-09-05-32.log", "2024-09-05-33.log"]


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    assert names(tmp_path / "logs" / "latest.log", None) == ([], False, 0)


def test_a_damaged_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    data = os.urandom(100_000).hex().encode() + b"\n"
    packed = gzip.compress(data)
    path = tmp_path / "2024-09-05-1.log.gz"
    path.write_bytes(packed[: len(packed) // 2])
    file = LogFile.open(path, zone=UTC, day=DAY)
    read = b""
    while more := file.look().data:
        read += more
    file.close()
    assert 50_000 < len(read) < len(data)
    assert data.startswith(read)
