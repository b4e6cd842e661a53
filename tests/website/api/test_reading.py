"""Whatever is sent is read into its type or refused with a pointer; cursors come back as they were."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from bridge.website.api.paging import cursor_of, place_of, position_of
from bridge.website.api.problems import ApiRefused
from bridge.website.api.reading import read_query, read_values


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of every form."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    server: Annotated[str, msgspec.Meta(max_length=8)] | None = None
    loud: bool = False
    kind: tuple[str, ...] = ()


NAMES = st.sampled_from(["limit", "server", "loud", "kind", "Limit", "", "next"]) | st.text(max_size=5)
VALUES = st.sampled_from(["1", "0", "-1", "1e3", "true", "null", "", "501", "٣"]) | st.text(max_size=12)


def refusal(read: Callable[[], object]) -> ApiRefused | None:
    """Return how something is refused; None if it is read."""
    try:
        read()
    except ApiRefused as exc:
        return exc
    return None


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_parameters_are_read_or_each_wrong_one_is_named(pairs: list[tuple[str, str]]) -> None:
    query = MultiDict(pairs)
    refused = refusal(lambda: read_query(query, Query))
    if refused is not None:
        assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert refused.errors
        assert {error.pointer for error in refused.errors} <= {f"?{name}" for name in query}
    else:
        found = read_query(query, Query)
        assert 1 <= found.limit <= 500
        assert found.kind == tuple(query.getall("kind", []))
        assert set(query) <= {"limit", "server", "loud", "kind"}


class Path(msgspec.Struct, frozen=True):
    """A position."""

    position: Annotated[int, msgspec.Meta(ge=1)]


@given(st.text(max_size=20))
def test_a_path_leads_somewhere_or_nowhere(typed: str) -> None:
    refused = refusal(lambda: read_values({"position": typed}, Path))
    assert refused is None or refused.status == HTTPStatus.NOT_FOUND
    assert refused or read_values({"position": typed}, Path).position >= 1


@given(st.text(min_size=1, max_size=50).filter(str.isprintable))
def test_a_cursor_comes_back_as_its_place(place: str) -> None:
    assert place_of(cursor_of(place)) == place


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_a_cursor_comes_back_as_its_position(position: int) -> None:
    assert position_of(cursor_of(position)) == position


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_refused(typed: str) -> None:
    refused = refusal(lambda: place_of(typed))
    if refused is not None:
        assert [error.pointer for error in refused.errors] == ["?cursor"]
    else:
        assert cursor_of(place_of(typed)) == typed


@pytest.mark.parametrize("place", ["--1", "1.5", "٣", "9" * 19, "Nora"])
def test_a_cursor_of_another_list_is_refused(place: str) -> None:
    with pytest.raises(ApiRefused):
        position_of(cursor_of(place))
