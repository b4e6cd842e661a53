"""Queries as addresses: whatever is asked comes back the same, and nothing that comes breaks the reading."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from bridge.features.queries.forms import (
    FIELDS,
    KINDS,
    address,
    query_of,
    read_query,
    rows_of,
    rows_of_query,
    sort_of,
)
from bridge.features.queries.table import harmless
from bridge.statistics.filters import AnyFilter, DayByDay, Query, Sort

days = st.none() | st.dates(date(2009, 1, 1), date(2009, 12, 31))
later = st.none() | st.dates(date(2010, 1, 1), date(2099, 12, 31))
VALUES: dict[str, st.SearchStrategy[object]] = {
    "not": st.booleans(),
    "server": st.text("abc-&= é", min_size=1, max_size=9).filter(lambda name: name == name.strip() != ""),
    "from": days,
    "to": later,
    "day": later,
    "text": st.text(min_size=1, max_size=40).filter(lambda text: text == text.strip() and text.isprintable()),
    "uuid": st.uuids().map(str),
    "kinds": st.lists(st.sampled_from(["online", "bedrock"]), min_size=1, max_size=2, unique=True),
    "bands": st.lists(st.sampled_from(["active", "very-active"]), min_size=1, max_size=2, unique=True),
    "week": st.sampled_from(["2026-W01", "2026-W53"]),
    "minutes": st.integers(0, 10**9),
    "begins": st.integers(0, 23),
    "ends": st.integers(1, 24),
    "weekdays": st.lists(st.integers(1, 7), max_size=3, unique=True),
    "earlier": st.booleans(),
}


@st.composite
def filters(draw: st.DrawFn) -> AnyFilter:
    kind = draw(st.sampled_from(list(FIELDS)))
    index = kind is KINDS["activity-index"]
    built: dict[str, object] = {"filter": next(tag for tag, known in KINDS.items() if known is kind)}
    for field in FIELDS[kind]:
        if field.name in VALUES:
            built[field.name] = draw(VALUES[field.name])
        else:
            built[field.name] = draw(st.floats(0, 2) if index else st.integers(0, 99)) + (
                field.name == "at_most"
            ) * (3 if index else 100)
    if issubclass(kind, DayByDay) and built["from"] is not None:
        built["to"] = None  # they may be no more than a year apart
    kept = {name: value for name, value in built.items() if value is not None}
    return msgspec.convert(kept | {"not": draw(st.booleans())}, kind)  # type: ignore[return-value]  # one of them


@given(st.lists(filters(), max_size=20), st.sampled_from(Sort))
def test_a_query_and_its_address_are_the_same(filters_: list[AnyFilter], sort: Sort) -> None:
    query = Query(filters=tuple(filters_), sort=sort)
    written = address(rows_of_query(query), sort)
    given_ = MultiDict(parse_qsl(written))
    assert query_of(rows_of(given_), sort_of(given_)) == query
    assert read_query(msgspec.json.encode(query).decode()) == query


keys = st.sampled_from(
    ["1", "2", "99", "0", "1.from", "1.text", "1.at_least", "2.kinds", "2.not", "sort", "x"]
)
values = st.one_of(
    st.sampled_from(list(KINDS)), st.text(max_size=20), st.sampled_from(["2026-01-01", "3", "-1"])
)


@given(st.lists(st.tuples(keys, values), max_size=12))
def test_any_address_is_read(pairs: list[tuple[str, str]]) -> None:
    given_ = MultiDict(pairs)
    rows, sort = rows_of(given_), sort_of(given_)
    assert all((row.filter is None) is (row.problem is not None) for row in rows)
    again = MultiDict(parse_qsl(address(rows, sort)))
    assert [(row.kind, row.filter) for row in rows_of(again)] == [(row.kind, row.filter) for row in rows]


@given(st.text(max_size=20))
def test_what_was_kept_by_another_version_is_no_query(body: str) -> None:
    assert read_query("{" + body) is None or body.strip() == "}"


@given(st.text(max_size=9))
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert harmless(cell)[:1] not in tuple("=+-@\t\r\n")
    assert harmless(cell).removeprefix("'") in (cell, cell.removeprefix("'"))
