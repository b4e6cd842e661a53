from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    ChannelId,
    ChatSaid,
    EndId,
    PlayerDied,
    ServerId,
    Speaker,
    SpeakerKind,
    kind_of,
)
from bridge.features.console.rows import AREAS, Namer, Row, belongs
from bridge.journal import RawRecord, RecordId, SourceName

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)

SETTINGS = BridgeSettings.model_validate(
    {
        "community": {"name": "Our village"},
        "servers": {"survival": {"title": "Survival"}},
        "discord": {"token": "x", "guild": "223456789012345678", "channels": {"main": "123456789012345678"}},
        "rooms": {"main": {"title": "The square", "servers": ["survival"], "channels": ["main"]}},
    }
)


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


def row_of(event: AnyEvent) -> Row:
    return Namer(SETTINGS).row(stored(event))


def test_a_row_tells_when_where_who_and_what() -> None:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="Mira")
    row = row_of(ChatSaid(at=AT, end=EndId("server:survival"), speaker=speaker, text="hello"))
    assert (row.at, row.where, row.who, row.what) == (AT, "Survival", "Mira", "hello")
    row = row_of(PlayerDied(at=AT, server=ServerId("survival"), player="Noah", text="fell"))
    assert (row.where, row.who, row.what) == ("Survival", "Noah", "fell")


@pytest.mark.parametrize(
    ("end", "where"),
    [
        ("server:survival", "Survival"),
        ("server:gone", "gone"),
        ("discord:123456789012345678", "#main"),
        ("discord:999", "999"),
        ("site:main", "The square"),
        ("site:gone", "gone"),
    ],
)
def test_an_end_has_the_name_that_the_settings_give_it(end: str, where: str) -> None:
    speaker = Speaker(kind=SpeakerKind.MEMBER, name="Mira")
    assert row_of(ChatSaid(at=AT, end=EndId(end), speaker=speaker, text="hello")).where == where


def test_an_announcement_reads_as_on_a_rooms_page() -> None:
    row = row_of(
        AnnouncementMade(
            at=AT,
            origin="hook:shop",
            markup="**News** <b>\n> quoted 192.0.2.7",
            channels=(ChannelId("123456789012345678"), ChannelId("999")),
            servers=(ServerId("survival"),),
        )
    )
    assert row.what == Markup("<strong>News</strong> &lt;b&gt;<br>&gt; quoted [address]")
    assert isinstance(row.what, Markup)
    assert (row.where, row.who) == ("Survival, #main, 999", "hook:shop")


@given(st.text(max_size=2000))
def test_whatever_was_said_makes_a_row_of_bounded_length(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    speaker = Speaker(kind=SpeakerKind.PLAYER, name=text[:16])
    row = row_of(ChatSaid(at=AT, end=EndId("server:s"), speaker=speaker, text=text))
    assert row.what == text[:300]


@pytest.mark.parametrize("event_type", get_args(AnyEvent))
def test_every_kind_but_the_noise_is_shown_in_one_area(event_type: type[AnyEvent]) -> None:
    kind = kind_of(event_type)
    shown = [area for area in AREAS if belongs(kind, area)]
    assert len(shown) == (0 if kind == "server.sampled" else 1)
    assert belongs(kind, "") == bool(shown)
