"""Announcements as channels and servers are told of them: in their place, alone, and never as late ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    ChannelId,
    ChatSaid,
    ServerId,
    Speaker,
    SpeakerKind,
    server_end,
)
from bridge.features.announcing import ALERTS
from bridge.features.relay.bundles import Bundler
from bridge.features.relay.game_lines import GameLine, GameLines
from bridge.features.relay.lines import ChannelLines, channels_told
from bridge.features.relay.parcels import MESSAGE_LIMIT, Line, Voice, next_parcel
from bridge.features.relay.waiting import Waiting
from bridge.features.routes import Routes
from bridge.features.telling import Teller
from bridge.journal import Batch, Record, RecordId, SourceName
from bridge.locales import Catalogue
from bridge.text import to_component

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
MAIN, NEWS = "100000000000000001", "100000000000000002"
SURVIVAL = ServerId("survival")
SETTINGS: dict[str, Any] = {
    "community": {"name": "Stonebridge"},
    "servers": {"survival": {}, "creative": {}},
    "discord": {"token": "x", "guild": MAIN, "channels": {"main": MAIN, "news": NEWS}},
    "rooms": {"main": {"servers": ["survival"], "channels": ["main"]}},
}


def teller(**changes: object) -> Teller:
    return Teller(BridgeSettings.model_validate({**SETTINGS, **changes}), Catalogue.load())


def channel_lines(channel: str, ours: Teller | None = None) -> ChannelLines:
    ours = ours or teller()
    return ChannelLines(ChannelId(channel), ours, Routes.of(ours.settings))


def game_lines(**changes: object) -> GameLines:
    ours = teller(**changes)
    return GameLines(SURVIVAL, ours, Routes.of(ours.settings))


STAFF = "200000000000000003"
ALERTED: dict[str, Any] = {"alerts": [{"what": "crash", "channel": "news", "role": STAFF}]}


def test_only_alerts_ping_and_only_the_role_that_the_settings_name() -> None:
    lines = channel_lines(NEWS, teller(**ALERTED))
    assert ChannelId(NEWS) in channels_told(lines.teller, lines.routes)
    for origin, role, pinged in (
        (ALERTS, STAFF, STAFF),
        (ALERTS, "200000000000000009", None),
        (ALERTS, None, None),
        ("hook:shop", STAFF, None),
    ):
        event = AnnouncementMade(
            at=AT, origin=origin, markup="It crashed", channels=(ChannelId(NEWS),), role=role
        )
        line = lines.of(record(event), late=False)
        assert isinstance(line, Line)
        assert line.role == pinged
        assert line.body == (f"<@&{STAFF}> It crashed" if pinged else "It crashed")
        assert next_parcel([line], Voice()).role == pinged


def made(markup: str, *, url: str | None = None) -> AnnouncementMade:
    return AnnouncementMade(
        at=AT,
        origin="hook:shop",
        markup=markup,
        channels=(ChannelId(MAIN), ChannelId(NEWS)),
        servers=(SURVIVAL,),
        url=url,
    )


def said(text: str) -> ChatSaid:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="Mira")
    return ChatSaid(at=AT, end=server_end(SURVIVAL), speaker=speaker, text=text)


def record(event: AnyEvent, position: int = 1, *, late: bool = False) -> Record:
    return Record(
        position=position,
        id=RecordId(str(position)),
        source=SourceName("announce:hook:shop"),
        place="",
        event=event,
        recorded_at=AT,
        late=late,
    )


def on_discord(markup: str, **changes: object) -> Line | None:
    line = channel_lines(NEWS, teller(**changes)).of(record(made(markup)), late=True)
    assert line is None or isinstance(line, Line)
    return line


def in_game(markup: str, *, url: str | None = None, **changes: object) -> GameLine | None:
    return game_lines(**changes).of(record(made(markup, url=url)), late=True)


def seen_in_game(markup: str, *, url: str | None = None, **changes: object) -> str:
    line = in_game(markup, url=url, **changes)
    assert line is not None
    return line.text.plain


def test_a_channel_gets_the_words_as_they_are_under_the_bridge_s_own_name() -> None:
    line = on_discord("# News\n- [the map](https://map.example.org)\n- **new** shop")
    assert line is not None
    assert line.body == "# News\n- [the map](https://map.example.org)\n- **new** shop"
    assert (line.name, line.late, line.announced) == (None, False, True)


def test_only_the_channels_and_servers_that_it_names_are_told() -> None:
    event = AnnouncementMade(at=AT, origin="nameless", markup="hello", channels=(ChannelId(MAIN),))
    assert channel_lines(NEWS).of(record(event), late=False) is None
    assert channel_lines(MAIN).of(record(event), late=False) is not None
    assert game_lines().of(record(event), late=False) is None


def test_the_game_gets_the_line_that_is_made_for_it() -> None:
    event = structs.replace(made("**for Discord**"), line="for the game")
    line = channel_lines(MAIN).of(record(event), late=False)
    assert isinstance(line, Line)
    assert line.body == "**for Discord**"
    said_there = game_lines().of(record(event), late=False)
    assert said_there is not None
    assert said_there.text.plain.endswith("for the game")


def test_what_has_nothing_to_see_is_not_told() -> None:
    for markup in ("", " \n\t ", "\u200b\u202e"):
        assert on_discord(markup) is None
        assert in_game(markup, url="https://example.org") is None


def test_addresses_of_machines_are_masked_as_the_settings_say() -> None:
    line = on_discord("join 203.0.113.7 or [this](http://203.0.113.7/)")
    assert line is not None
    assert "203.0.113.7" not in line.body
    assert "203.0.113.7" not in seen_in_game("join 203.0.113.7", url="http://203.0.113.7/")
    assert "203.0.113" not in seen_in_game("x" * 20 + " 203.0.113.7", relay={"game-length": 32})
    shown = on_discord("join 203.0.113.7", privacy={"mask-addresses": False})
    assert shown is not None
    assert shown.body == "join 203.0.113.7"


def test_the_game_gets_one_line_with_the_community_s_mark() -> None:
    markup = "# News\n\n> quoted\n- **new** shop\n```\ncode\n```"
    assert seen_in_game(markup) == "[Stonebridge] News > quoted • new shop code"


def test_the_address_of_more_is_clickable_and_told_once() -> None:
    url = "https://blog.example.org/7"
    assert seen_in_game("A post", url=url) == f"[Stonebridge] A post {url}"
    assert seen_in_game(f"A post: {url}", url=url) == f"[Stonebridge] A post: {url}"
    assert seen_in_game(f"[A post]({url})", url=url) == "[Stonebridge] A post"
    line = in_game("A post", url=url)
    assert line is not None
    parts = to_component(line.text)
    assert isinstance(parts, list)
    assert parts[-1]["click_event"] == {"action": "open_url", "url": url}


def test_a_long_announcement_is_shortened_in_the_game_but_not_its_address() -> None:
    url = "https://blog.example.org/7"
    shown = seen_in_game(f"{'word ' * 100} {url}", url=url, relay={"game-length": 40})
    assert shown == f"[Stonebridge] {'word ' * 7}word… {url}"


def test_what_is_no_web_address_is_not_told() -> None:
    for url in ("", "\n", "javascript:alert(1)", "https://", "https:// /"):
        assert seen_in_game("A post", url=url) == "[Stonebridge] A post"


def test_an_announcement_parts_the_lines_around_it() -> None:
    waiting = Waiting(channel_lines(MAIN), Bundler(after=4, window=timedelta(seconds=1)), late_after_s=60)
    events: list[AnyEvent] = [said("a"), said("b"), made("News"), made("More"), said("c")]
    records = tuple(record(event, position) for position, event in enumerate(events, start=1))
    waiting.take(Batch(records=records, through=5), now=AT)
    told = []
    while len(waiting):
        parcel = next_parcel(waiting.first(), Voice())
        told.append((parcel.name, parcel.contents))
        waiting.drop(len(parcel.lines))
    assert told == [("Mira", ("a\nb",)), (None, ("News",)), (None, ("More",)), ("Mira", ("c",))]


def test_what_waited_long_is_told_under_a_heading_but_announcements_never() -> None:
    waiting = Waiting(channel_lines(MAIN), Bundler(after=4, window=timedelta(seconds=1)), late_after_s=60)
    records = (record(said("a"), 1), record(made("News"), 2, late=True), record(said("b"), 3))
    waiting.take(Batch(records=records, through=3), now=AT)
    waiting.grow_late(AT + timedelta(minutes=5))
    assert [(line.late, line.announced) for line in waiting.first()] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert [line.positions for line in waiting.late_run()] == [(1,)]
    waiting.drop(1)
    assert waiting.late_run() == ()
    parcel = next_parcel(waiting.first(), Voice(), heading="late")
    assert parcel.contents == ("News",)


def test_every_channel_that_is_announced_to_has_a_delivery() -> None:
    ours = teller(nameless={"url": "https://example.org", "api-key": "k", "announcements": "news"})
    assert channels_told(ours, Routes.of(ours.settings)) == {MAIN, NEWS}


@given(st.text(max_size=5000), st.text(max_size=300))
def test_whatever_is_announced_fits_and_is_visible(markup: str, url: str) -> None:
    line = on_discord(markup)
    if line is not None:
        contents = next_parcel([line], Voice()).contents
        assert contents
        assert all(content.strip() and len(content) <= MESSAGE_LIMIT for content in contents)
    shown = in_game(markup, url=url)
    assert shown is None or "\n" not in shown.text.plain
