from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import AnyEvent, ChatSaid, EndId, PlayerDied, ServerId, Speaker, SpeakerKind, kind_of
from bridge.features.console.rows import AREAS, belongs, row_of
from bridge.journal import RawRecord, RecordId, SourceName

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def stored(event: AnyEvent) -> RawRecord:
    return RawRecord(
        position=7,
        id=RecordId("x"),
        source=SourceName("log:survival"),
        recorded_at=AT,
        late=False,
        kind=event.kind,
        body=msgspec.json.encode(event).decode(),
    )


def test_a_row_tells_when_where_who_and_what() -> None:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="Mira")
    row = row_of(stored(ChatSaid(at=AT, end=EndId("server:survival"), speaker=speaker, text="hello")))
    assert (row.at, row.where, row.who, row.what) == (AT, "server:survival", "Mira", "hello")
    row = row_of(stored(PlayerDied(at=AT, server=ServerId("survival"), player="Noah", text="fell")))
    assert (row.where, row.who, row.what) == ("survival", "Noah", "fell")


@given(st.text(max_size=2000))
def test_whatever_was_said_makes_a_row_of_bounded_length(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    speaker = Speaker(kind=SpeakerKind.PLAYER, name=text[:16])
    row = row_of(stored(ChatSaid(at=AT, end=EndId("server:s"), speaker=speaker, text=text)))
    assert row.what == text[:300]


@pytest.mark.parametrize("event_type", get_args(AnyEvent))
def test_every_kind_but_the_noise_is_shown_in_one_area(event_type: type[AnyEvent]) -> None:
    kind = kind_of(event_type)
    shown = [area for area in AREAS if belongs(kind, area)]
    assert len(shown) == (0 if kind == "server.sampled" else 1)
    assert belongs(kind, "") == bool(shown)
