from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.minecraft.log.clock import LineClock, day_of_file, day_of_text, today_in
from bridge.minecraft.log.decode import LONGEST_LINE, decode

_PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("time", "hour"), [("00:30:00", 23), ("01:59:59", 0), ("03:00:00", 1), ("12:00:00", 10)]
)
def test_the_day_on_which_the_clocks_go_forward(time: str, hour: int) -> None:
    at = LineClock(date(2024, 3, 31), _PARIS).utc(time)
    assert at is not None
    assert at.hour == hour


def test_the_hour_that_comes_twice_is_taken_the_first_time() -> None:
    clock = LineClock(date(2024, 10, 27), _PARIS)
    assert clock.utc("02:30:00") == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert clock.utc("03:30:00") == datetime(2024, 10, 27, 2, 30, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2009, 1, 1), max_value=datetime(2037, 1, 1)))  # noqa: DTZ001 - local
def test_any_second_of_any_day_agrees_with_the_zones_own_reckoning(local: datetime) -> None:
    local = local.replace(microsecond=0, fold=0)
    clock = LineClock(local.date(), _PARIS)
    assert clock.utc(local.strftime("%H:%M:%S")) == local.replace(tzinfo=_PARIS).astimezone(UTC)


@pytest.mark.parametrize("text", ["", "24:00:00", "12:60:00", "12-00-00", "aa:bb:cc", "12:00", "12:00:0x"])
def test_what_is_no_time_has_no_instant(text: str) -> None:
    assert LineClock(date(2024, 1, 1), _PARIS).utc(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2013-05-06", date(2013, 5, 6)),
        ("2024/01/02", date(2024, 1, 2)),
        ("05Sep2024", date(2024, 9, 5)),
        ("05sept2024", date(2024, 9, 5)),
        ("285월2026", date(2026, 5, 28)),
        ("0212月2025", date(2025, 12, 2)),
        ("05thg 92024", date(2024, 9, 5)),
        ("0513월2024", date(2024, 9, 5)),
        ("05сент.2024", date(2024, 9, 5)),  # noqa: RUF001 - a month in Russian
        ("31авг.2024", date(2024, 8, 31)),  # noqa: RUF001 - same
        ("01out.2024", date(2024, 9, 1)),
        ("31feb2024", date(2024, 9, 5)),
        ("2024-02-31", date(2024, 9, 5)),
        ("yesterday", date(2024, 9, 5)),
    ],
)
def test_a_day_is_read_in_any_language_near_the_files_own(text: str, day: date) -> None:
    assert day_of_text(text, near=date(2024, 9, 5)) == day


def test_a_rotated_files_name_tells_its_day() -> None:
    assert day_of_file("logs/2024-09-05-12.log.gz") == date(2024, 9, 5)
    assert day_of_file("2024-13-05-1.log") is None
    assert day_of_file("latest.log") is None
    assert today_in(_PARIS, now=datetime(2024, 9, 4, 22, 30, tzinfo=UTC)) == date(2024, 9, 5)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("é€".encode(), "é€"),
        ("é€".encode("cp1252"), "é€"),
        (b"a\x00b\r\n", "ab"),
        (b"\x1b[38;2;1;2;3mred\x1b[m\x1b[K", "red"),
        (b">....\r[12:00:00 INFO]: x", "[12:00:00 INFO]: x"),
        (b"\x81\xff", "\ufffdÿ"),
    ],
)
def test_bytes_become_text_without_what_a_terminal_adds(raw: bytes, text: str) -> None:
    assert decode(raw) == text


@given(st.binary(max_size=200), st.sampled_from(["cp1252", "cp932", "cp1251", "no-such-charset"]))
def test_any_bytes_become_text_in_any_charset(raw: bytes, charset: str) -> None:
    text = decode(raw, charset)
    assert "\x00" not in text
    assert "\x1b" not in text


def test_a_long_line_is_cut_between_characters() -> None:
    assert decode("é".encode() * LONGEST_LINE) == "é" * (LONGEST_LINE // 2)
    assert decode(b"x" + "é".encode() * LONGEST_LINE) == "x" + "é" * (LONGEST_LINE // 2 - 1)
