"""What another program is told, and what it is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    ChannelId,
    ChatSaid,
    HookReceived,
    PlayerDied,
    PlayerJoined,
    ServerId,
    ServerStarted,
    Speaker,
    SpeakerKind,
    channel_end,
    server_end,
)
from bridge.features.hooks_out.messages import Messages, kinds_of
from bridge.features.telling import Teller
from bridge.journal import Record, RecordId, SourceName
from bridge.locales import Catalogue

AT = datetime(2026, 11, 22, 14, 0, 0, 500_000, tzinfo=UTC)
SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")
CATALOGUE = Catalogue.load("en")


def messages(*kinds: str, mask: bool = True, **hook: Any) -> Messages:  # noqa: ANN401 - settings
    settings = BridgeSettings.model_validate(
        {
            "servers": {"survival": {"status": {}}, "creative": {"status": {}}},
            "privacy": {"hidden-players": ["Shade"], "mask-addresses": mask},
            "hooks": {
                "out": {"a": {"url": "https://a.example", "secret": "x" * 16, "kinds": list(kinds), **hook}}
            },
        }
    )
    return Messages(settings.hooks.outgoing["a"], Teller(settings, CATALOGUE))


def told(messages: Messages, event: AnyEvent) -> dict[str, Any] | None:
    record = Record(
        position=7, id=RecordId("r:7"), source=SourceName("r"), place="", event=event, recorded_at=AT
    )
    body = messages.of(record)
    return None if body is None else json.loads(body)


def said(text: str, name: str = "Mira", kind: SpeakerKind = SpeakerKind.PLAYER) -> ChatSaid:
    return ChatSaid(at=AT, end=server_end(SURVIVAL), speaker=Speaker(kind=kind, name=name), text=text)


def test_a_message_has_the_event_with_its_fields() -> None:
    assert told(messages("chat.*"), said("hello")) == {
        "id": "r:7",
        "position": 7,
        "kind": "chat.said",
        "at": "2026-11-22T14:00:00.500000Z",
        "event": {
            "end": "server:survival",
            "speaker": {"kind": "player", "name": "Mira"},
            "text": "hello",
        },
    }


def test_kinds_and_areas_are_told_and_nothing_else() -> None:
    some = messages("player.joined", "server.*", "player.joined")
    assert len(kinds_of(some.hook)) == len(set(kinds_of(some.hook)))
    assert told(some, PlayerJoined(at=AT, server=SURVIVAL, player="Mira"))
    assert told(some, ServerStarted(at=AT, server=SURVIVAL))
    assert told(some, said("hello")) is None


@pytest.mark.parametrize(
    ("event", "fits"),
    [
        (PlayerJoined(at=AT, server=SURVIVAL, player="Mira"), True),
        (PlayerJoined(at=AT, server=CREATIVE, player="Mira"), False),
        (said("hello"), True),
        (
            ChatSaid(
                at=AT,
                end=channel_end(ChannelId("1")),
                speaker=Speaker(kind=SpeakerKind.MEMBER, name="Mira"),
                text="",
            ),
            False,
        ),
        (AnnouncementMade(at=AT, origin="nameless", markup="hi", servers=(CREATIVE, SURVIVAL)), True),
        (AnnouncementMade(at=AT, origin="nameless", markup="hi", servers=(CREATIVE,)), False),
        (HookReceived(at=AT, hook="shop", delivery="1"), False),
    ],
    ids=lambda value: getattr(value, "kind", str(value)),
)
def test_servers_choose_what_happens_on_them(event: AnyEvent, fits: bool) -> None:
    every = ("player.*", "chat.*", "announcement.*", "hook.*")
    assert (told(messages(*every, servers=["survival"]), event) is not None) is fits
    assert told(messages(*every), event) is not None


@pytest.mark.parametrize(
    "event",
    [
        PlayerJoined(at=AT, server=SURVIVAL, player="shade"),
        PlayerJoined(at=AT, server=SURVIVAL, player="Light", formerly="Shade"),
        PlayerDied(at=AT, server=SURVIVAL, player="Mira", text="Mira was slain by Shade", killer="Shade"),
        said("hello", name="Shade"),
    ],
    ids=lambda event: event.kind,
)
def test_hidden_players_are_left_out(event: AnyEvent) -> None:
    assert told(messages("player.*", "chat.*"), event) is None


def test_a_member_of_the_same_name_is_somebody_else() -> None:
    assert told(messages("chat.*"), said("hello", name="Shade", kind=SpeakerKind.MEMBER))


def test_addresses_are_masked_where_the_settings_say_so() -> None:
    secret = said("join 198.51.100.7 or 2001:db8::1")
    masked = told(messages("chat.*"), secret)
    assert masked is not None
    assert masked["event"]["text"] == "join [address] or [address]"
    clear = told(messages("chat.*", mask=False), secret)
    assert clear is not None
    assert clear["event"]["text"] == "join 198.51.100.7 or 2001:db8::1"
