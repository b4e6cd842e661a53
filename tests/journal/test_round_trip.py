from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.events import AnyEvent, ChatSaid, HookReceived
from bridge.journal.records import Draft, RecordId, SourceName
from bridge.journal.rows import PERISHABLE, decode_event, encode_drafts
from bridge.store.times import from_ms

# What JSON and SQLite can hold: all of Unicode but halves of surrogate pairs.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TIMES = st.integers(315_532_800_000_000, 4_102_444_800_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    datetime: TIMES,
    str: TEXTS,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
}


def values_of(annotation: object) -> st.SearchStrategy[Any]:
    """Values that a field of that annotation can have."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if supertype := getattr(annotation, "__supertype__", None):
        return values_of(supertype)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return structs_of(annotation)
    args = get_args(annotation)
    if get_origin(annotation) is tuple:
        return st.lists(values_of(args[0]), max_size=3).map(tuple)
    if args:
        return st.one_of([values_of(arg) for arg in args])
    assert isinstance(annotation, type)
    return st.from_type(annotation)


def structs_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values of a struct, with any mix of its optional fields."""
    hints = get_type_hints(kind)
    return st.fixed_dictionaries(
        {field.name: values_of(hints[field.name]) for field in msgspec.structs.fields(kind)}
    ).map(lambda fields: kind(**fields))


@pytest.mark.parametrize("kind", get_args(AnyEvent), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_as_it_was(kind: type[Any]) -> None:
    @settings(max_examples=12)
    @given(event=structs_of(kind))
    def check(event: AnyEvent) -> None:
        draft = Draft(id=RecordId("r"), source=SourceName("s"), place="p", event=event)
        row = encode_drafts([draft]).values
        *_, name, at_ms, _recorded_at_ms, _late, perishable, body = row
        assert isinstance(body, str)
        assert decode_event(body) == event
        assert name == event.kind
        assert perishable == isinstance(event, PERISHABLE)
        assert isinstance(at_ms, int)
        assert abs((from_ms(at_ms) - event.at).total_seconds()) <= 0.0005

    check()


def test_what_is_perishable_is_what_has_chat_in_it() -> None:
    """A new kind with a speaker's words must not be forgotten by retention."""
    worded = {kind for kind in get_args(AnyEvent) if {"speaker", "text"} <= set(kind.__struct_fields__)}
    assert worded | {HookReceived} == set(PERISHABLE)


def test_unknown_fields_of_a_newer_version_are_passed_over() -> None:
    body = (
        '{"kind":"chat.said","at":"2026-07-01T12:00:00Z","end":"server:a","text":"hi","tomorrow":1,'
        '"speaker":{"kind":"player","name":"Steve","mood":"good"}}'
    )
    event = decode_event(body)
    assert isinstance(event, ChatSaid)
    assert event.text == "hi"
