"""Files that a server is writing, and files that nobody should write."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.minecraft.files import FileGone, FileUnreadable, read_whole
from bridge.minecraft.files import reading as files_reading
from bridge.minecraft.files.advancements import parse_advancements
from bridge.minecraft.files.lists import read_operators, read_user_cache
from bridge.minecraft.files.properties import parse_properties
from bridge.minecraft.files.reading import decode_object
from bridge.minecraft.files.statistics import parse_statistics

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_half_a_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "usercache.json"
    path.write_text('{"a": 1')
    waited: list[float] = []

    def pause(wait_s: float) -> None:
        waited.append(wait_s)
        path.write_text('{"a": 1}')

    assert read_whole(path, decode_object, pause=pause) == {"a": 1}
    assert len(waited) == 1


def test_a_file_that_stays_half_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "usercache.json"
    path.write_text('{"a": 1')
    waited: list[float] = []
    with pytest.raises(FileUnreadable, match=r"usercache\.json: .*truncated"):
        read_whole(path, decode_object, pause=waited.append)
    assert len(waited) == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileGone, match="there is no such file"):
        read_whole(tmp_path / "no.json", decode_object)
    assert read_user_cache(tmp_path) == []


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "ops.json").mkdir()
    with pytest.raises(FileUnreadable, match=r"ops\.json: Is a directory"):
        read_operators(tmp_path)


def test_a_file_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_reading, "MOST_BYTES", 1 << 20)
    path = tmp_path / "large.json"
    path.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(FileUnreadable, match="is larger than 1 MB"):
        read_whole(path, decode_object)


def test_a_file_that_is_nested_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"a":' * 100_000)
    with pytest.raises(FileUnreadable, match="is nested too deeply"):
        read_whole(path, parse_statistics, pause=lambda _wait_s: None)


@given(JSON)
def test_any_json_is_statistics_or_refused(value: object) -> None:
    data = json.dumps(value).encode()
    try:
        figures = parse_statistics(data)
    except ValueError:
        assert not isinstance(value, dict)
    else:
        assert all(0 < figure <= 2**53 for figure in figures.values())


@given(JSON)
def test_any_json_is_advancements_or_refused(value: object) -> None:
    try:
        parse_advancements(json.dumps(value).encode())
    except ValueError:
        assert not isinstance(value, dict)


@given(st.binary())
def test_any_bytes_raise_nothing_but_what_is_told(data: bytes) -> None:
    for parse in (parse_statistics, parse_advancements):
        with contextlib.suppress(ValueError):
            parse(data)


@given(st.binary())
def test_any_bytes_have_properties(data: bytes) -> None:
    for key, value in parse_properties(data).items():
        (key + value).encode()


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))
)
def test_properties_come_back_as_java_writes_them(values: dict[str, str]) -> None:
    written = "".join(f"{_escaped(key)}={_escaped(value)}\n" for key, value in values.items())
    assert parse_properties(f"#a comment\n{written}".encode()) == values


def _escaped(text: str) -> str:
    r"""As ``java.util.Properties`` stores it: what is special or not ASCII becomes ``\uXXXX``."""
    units = text.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(
        chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\u{code:04x}" for code in codes
    )
