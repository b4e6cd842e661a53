"""Foreign bodies: parsed or refused, and looked into without surprises."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.features.hooks_in.bodies import DEEPEST, BodyRefused, parsed, scalar, written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Mira"),
        ("player.name", "Odo"),
        ("items.1.price", 9.5),
        ("items.0", None),
        ("items.2.price", None),
        ("items.-1.price", None),
        ("items.x", None),
        ("player", None),
        ("nothing", None),
        ("nothing.at.all", None),
        ("paid", True),
        ("count", 3),
        ("none", None),
        ("name.0", None),
        ("event", "what it is called"),
    ],
)
def test_fields_are_found_by_their_path(path: str, value: object) -> None:
    body = parsed(
        b'{"name": "Mira", "player": {"name": "Odo"}, "items": [{}, {"price": 9.5}], "paid": true,'
        b' "count": 3, "none": null, "event": "its own"}'
    )
    assert scalar(body, "what it is called", path) == value


@pytest.mark.parametrize(
    ("value", "words"), [(True, "true"), (False, "false"), (7, "7"), (9.5, "9.5"), ("a\u202eb\x00", "ab")]
)
def test_values_are_written_as_people_write_them(value: str | float | bool, words: str) -> None:
    assert written(value) == words


@pytest.mark.parametrize("deep", [DEEPEST + 1, 900, 100_000])
@pytest.mark.parametrize(("begin", "end"), [(b'{"a":', b"}"), (b"[", b"]")])
def test_depth_is_refused_and_breaks_nothing(deep: int, begin: bytes, end: bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        parsed(b'{"a":' + begin * deep + b"1" + end * deep + b"}")
    assert refused.value.key == "deep"


def test_what_is_as_deep_as_allowed_is_taken() -> None:
    inside = DEEPEST - 1
    assert parsed(b'{"a":' * inside + b"1" + b"}" * inside)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_every_object_is_taken_as_it_is(body: dict[str, object]) -> None:
    assert parsed(json.dumps(body).encode()) == body


@given(st.binary())
def test_whatever_bytes_come_they_are_taken_or_refused(raw: bytes) -> None:
    with suppress(BodyRefused):
        parsed(raw)


@given(JSON, st.text(alphabet="ab0.", max_size=10))
def test_no_path_leads_out_of_a_body(inside: object, path: str) -> None:
    found = scalar({"a": inside, "b": [inside]}, "", path)
    assert found is None or isinstance(found, str | int | float)
