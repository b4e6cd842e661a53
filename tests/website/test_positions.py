"""Positions as requests carry them."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bridge.website.positions import read_position, seen_through


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_a_position_is_read(position: int) -> None:
    assert read_position(str(position)) == position


@pytest.mark.parametrize("written", ["", "-1", "+1", "1.0", " 1", "٣", "²", "1e3", "9" * 19])
def test_what_is_no_position_is_none(written: str) -> None:
    assert read_position(written) is None


@pytest.mark.parametrize(
    ("header", "query", "seen"),
    [("7", "3", 7), ("", "3", 3), ("x", "3", 3), ("", "", None), ("", "x", None), ("0", "3", 0)],
)
def test_the_header_goes_before_the_address(header: str, query: str, seen: int | None) -> None:
    request = make_mocked_request("GET", f"/stream?after={query}", headers={"Last-Event-ID": header})
    assert seen_through(request) == seen
