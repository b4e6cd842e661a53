"""Lines as the page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge import website
from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    ChatSaid,
    PlayerAdvanced,
    PlayerDied,
    PlayerJoined,
    PlayerLeft,
    Reply,
    ServerId,
    ServerStarted,
    ServerStopping,
    Speaker,
    SpeakerKind,
    server_end,
)
from bridge.features.rooms.views import View, Viewer, grouped, tint_of
from bridge.features.routes import Routes
from bridge.features.telling import Teller
from bridge.journal import Record, RecordId, SourceName
from bridge.locales import Catalogue

AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
SERVER = ServerId("survival")
ICONS = Path(website.__file__).parent / "templates" / "icons.html"


def viewer(**settings: object) -> Viewer:
    made = BridgeSettings.model_validate(
        {
            "servers": {"survival": {"title": "Survival"}, "creative": {}},
            "rooms": {"main": {"servers": ["survival"]}},
            "privacy": {"hidden-players": ["Herobrine"]},
            **settings,
        }
    )
    return Viewer(Routes.of(made).rooms[0], Teller(made, Catalogue.load()))


def record(event: AnyEvent, position: int = 1) -> Record:
    source = SourceName("log:survival")
    return Record(position=position, id=RecordId("x"), source=source, place="", event=event, recorded_at=AT)


def said(name: str, text: str = "x", *, seconds: int = 0, **rest: object) -> View:
    kind = rest.pop("kind", SpeakerKind.PLAYER)
    assert isinstance(kind, SpeakerKind)
    reply = rest.pop("reply", None)
    assert reply is None or isinstance(reply, Reply)
    event = ChatSaid(
        at=AT + timedelta(seconds=seconds),
        end=server_end(SERVER),
        speaker=Speaker(kind=kind, name=name),
        text=text,
        reply=reply,
    )
    view = viewer().of_record(record(event))
    assert view is not None
    return view


@pytest.mark.parametrize(
    ("event", "symbol", "words"),
    [
        (PlayerJoined(at=AT, server=SERVER, player="Nora"), "joined", "<strong>Nora</strong> joined"),
        (PlayerLeft(at=AT, server=SERVER, player="Nora"), "left", "<strong>Nora</strong> left"),
        (
            PlayerDied(at=AT, server=SERVER, player="Nora", text="drowned", key="death.attack.drown"),
            "died",
            "<strong>Nora</strong> drowned",
        ),
        (
            PlayerAdvanced(at=AT, server=SERVER, player="Nora", title="Stone Age"),
            "advanced",
            "<strong>Nora</strong> has made the advancement <strong>[Stone Age]</strong>",
        ),
        (ServerStarted(at=AT, server=SERVER), "started", "The server is open."),
        (ServerStopping(at=AT, server=SERVER), "stopping", "The server is closing."),
        (AnnouncementMade(at=AT, origin="feed:blog", markup="News", servers=(SERVER,)), "announced", "News"),
    ],
)
def test_what_happens_is_a_quiet_notice_with_its_drawing(event: AnyEvent, symbol: str, words: str) -> None:
    view = viewer().of_record(record(event))
    assert view is not None
    assert (view.form, view.symbol, str(view.html)) == ("notice", symbol, words)
    assert f'<symbol id="i-{symbol}"' in ICONS.read_text()


def test_a_notice_that_is_switched_off_is_not_shown() -> None:
    event = PlayerJoined(at=AT, server=SERVER, player="Nora")
    assert viewer(notices={"join": {"enabled": False}}).of_record(record(event)) is None


def test_what_happens_elsewhere_is_not_shown() -> None:
    event = PlayerJoined(at=AT, server=ServerId("creative"), player="Nora")
    assert viewer().of_record(record(event)) is None


def test_the_hidden_are_never_named() -> None:
    joined = PlayerJoined(at=AT, server=SERVER, player="herobrine")
    assert viewer().of_record(record(joined)) is None
    killed = PlayerDied(
        at=AT, server=SERVER, player="Nora", text="was slain by Herobrine", killer="Herobrine"
    )
    death = viewer().of_record(record(killed))
    assert death is not None
    assert "Herobrine" not in death.html
    assert said("Herobrine").name == "Somebody"
    answered = said("Nora", reply=Reply(message="1", name="Herobrine"))
    assert answered.reply == "Somebody"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)',
        "javascript:alert(1)",
        "\u202egnp.exe\x00\x1b[31m",
    ],
)
def test_what_people_type_stays_text(text: str) -> None:
    html = str(said("Nora", text).html)
    assert "<" not in html.replace("<br>", "")
    assert '"' not in html
    assert not any(each in html for each in "\x00\x1b\u202e")


def test_lines_of_one_speaker_stand_under_one_name() -> None:
    joined = viewer().of_record(record(PlayerJoined(at=AT, server=SERVER, player="Milo")))
    assert joined is not None
    lines = [
        said("Nora"),
        said("Nora", seconds=60),
        said("Milo", seconds=61),
        joined,
        said("Milo", seconds=62),
        said("Milo", seconds=62, kind=SpeakerKind.MEMBER),
        said("Milo", seconds=9999, kind=SpeakerKind.MEMBER),
        said("Milo", seconds=9999, kind=SpeakerKind.MEMBER, reply=Reply(message="1", name="Nora")),
    ]
    expected = [False, True, False, False, False, False, False, False]
    assert [follows for _, follows in grouped(lines)] == expected


@pytest.mark.parametrize(
    ("colour", "tint"),
    [(None, None), (0, None), (0x808080, None), (0xFF0000, 0), (0xE67E22, 1), (0x2ECC71, 5), (0xFF0020, 0)],
)
def test_a_role_colour_becomes_the_nearest_of_our_tints(colour: int | None, tint: int | None) -> None:
    assert tint_of(colour) == tint
