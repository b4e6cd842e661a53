"""What was imported is kept and counted, and is news of nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from bridge.config.settings import BridgeSettings
from bridge.events import (
    AnyEvent,
    ChannelId,
    ChatSaid,
    PlayerDied,
    PlayerJoined,
    ServerId,
    Speaker,
    SpeakerKind,
    server_end,
)
from bridge.features.hooks_out.messages import Messages
from bridge.features.relay.bundles import Bundler
from bridge.features.relay.game_lines import GameLines
from bridge.features.relay.lines import ChannelLines
from bridge.features.relay.waiting import Waiting
from bridge.features.rooms.feature import MOST_NEWS
from bridge.features.routes import Routes
from bridge.features.telling import Teller
from bridge.journal import Batch, Record, RecordId, SourceName, import_source, is_imported
from bridge.locales import Catalogue
from bridge.store.lines import imported_position, recent_lines
from bridge.store.players import player

if TYPE_CHECKING:
    from tests.features.conftest import House

SURVIVAL = ServerId("survival")
IMPORT = import_source(SURVIVAL)
AT = datetime(2024, 3, 1, 20, tzinfo=UTC)
CHANNEL = "123456789012345678"
SETTINGS = BridgeSettings.model_validate(
    {
        "servers": {"survival": {}, "creative": {}},
        "discord": {"token": "x", "guild": CHANNEL, "channels": {"main": CHANNEL}},
        "rooms": {"main": {"servers": ["survival", "creative"], "channels": ["main"]}},
        "hooks": {"out": {"a": {"url": "https://a.example", "secret": "x" * 16, "kinds": ["*"]}}},
    }
)


def said(text: str, *, at: datetime = AT) -> ChatSaid:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="Nora")
    return ChatSaid(at=at, end=server_end(SURVIVAL), speaker=speaker, text=text)


def imported(event: AnyEvent) -> Record:
    record = Record(
        position=7,
        id=RecordId("log:survival:7"),
        source=IMPORT,
        place="",
        event=event,
        recorded_at=datetime(2026, 11, 22, tzinfo=UTC),
        late=True,
    )
    assert is_imported(record)
    return record


def test_no_channel_no_server_and_no_hook_is_told() -> None:
    teller, records = Teller(SETTINGS, Catalogue.load("en")), (imported(said("hello")), imported(joined()))
    waiting = Waiting(
        ChannelLines(ChannelId(CHANNEL), teller, Routes.of(SETTINGS)),
        Bundler(after=4, window=timedelta(seconds=1)),
        late_after_s=60,
    )
    waiting.take(Batch(records=records, through=9), now=AT)
    assert (len(waiting), waiting.through) == (0, 9)
    game = GameLines(ServerId("creative"), teller, Routes.of(SETTINGS))
    assert [game.of(record, late=True) for record in records] == [None, None]
    assert game.of(structs.replace(records[0], source=SourceName("log:survival")), late=True) is not None
    assert [Messages(SETTINGS.hooks.outgoing["a"], teller).of(record) for record in records] == [None, None]


def joined(at: datetime = AT) -> PlayerJoined:
    return PlayerJoined(at=at, server=SURVIVAL, player="Nora", uuid="11111111-2222-4333-8444-555555555555")


async def test_the_archive_keeps_it_where_it_belongs_and_browsers_hear_nothing(house: House) -> None:
    async with house.listen("/rooms/main/stream") as browser:
        await house.happen(house.said("Milo", "we talk now"))
        later = said("and this after it", at=AT + timedelta(hours=1))
        await house.happen(joined(), later, said("long ago"), said(""), source=IMPORT)
        await house.happen(house.said("Milo", "we go on"))
        assert [told.id for told in await browser.some(2)] == ["1", "6"]
    page = await house.page("/rooms/main")
    said_there = ["long ago", "and this after it", "we talk now", "we go on"]
    assert sorted(said_there, key=page.index) == said_there
    assert "Nora joined" not in page
    async with house.parts.store.reading() as conn:
        lines = await recent_lines(conn, [server_end(SURVIVAL)], most=9)
        nora = await player(conn, SURVIVAL, "Nora")
    assert [line.body.text for line in lines] == said_there
    assert nora is not None
    assert (nora.first_seen, nora.last_seen) == (AT, AT + timedelta(hours=1))
    assert nora.uuid is not None


async def test_all_pages_of_the_api_have_what_was_imported(house: House) -> None:
    await house.happen(*(said(f"line {number}") for number in range(5)), source=IMPORT)
    found, address = [], "/api/v1/rooms/main/lines?limit=2"
    while address:
        answer = await house.ask(address)
        found += [line["text"] for line in reversed(answer["lines"])]
        address = answer["next"]
    assert found == [f"line {number}" for number in (4, 3, 2, 1, 0)]


async def test_pages_of_news_do_not_tell_it(house: House) -> None:
    died = PlayerDied(at=AT, server=SURVIVAL, player="Nora", text="was slain by Zombie")
    await house.happen(died, source=IMPORT)
    await house.happen(PlayerDied(at=AT, server=SURVIVAL, player="Milo", text="was slain by Zombie"))
    page = await house.page("/servers/survival")
    assert "Milo" in page
    assert "Nora" not in page


async def test_what_waits_for_browsers_is_bounded_and_nothing_is_lost(house: House) -> None:
    async with house.listen("/rooms/main/stream") as browser:
        count = 3 * MOST_NEWS
        for number in range(count):
            await house.happen(house.said("Milo", f"line {number}"))
        assert len(await browser.some(count)) == count


def test_lines_that_were_imported_stand_before_all_others_in_order_of_time() -> None:
    early, late = imported_position(2**40, AT), imported_position(5, AT + timedelta(seconds=1))
    assert -(2**53) < early < late < 0
    assert imported_position(6, AT) != imported_position(7, AT)
