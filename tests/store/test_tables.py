from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.events import (
    Attachment,
    AttachmentKind,
    ChatEdited,
    ChatSaid,
    EndId,
    Mention,
    MentionKind,
    Reply,
    RoomId,
    ServerId,
    Speaker,
    SpeakerKind,
)
from bridge.journal.records import ReaderName, RecordId
from bridge.store import Store
from bridge.store.counters import bump, counters
from bridge.store.deliveries import (
    Copy,
    PendingDelivery,
    add_copies,
    begin_delivery,
    copies_of,
    expire_copies,
    finish_delivery,
    forget_copy,
    pending_delivery,
    positions_copied,
    records_of_copy,
)
from bridge.store.lines import (
    Line,
    add_line,
    add_lines,
    edit_line,
    expire_lines,
    line_at,
    line_from,
    line_of_message,
    recent_lines,
    remove_line,
    remove_line_at,
)
from bridge.store.players import (
    Player,
    is_players_name,
    player,
    players_named,
    see_player,
    uuid_of,
)
from bridge.store.readers import add_reader, advance_reader, reader_position, reader_positions
from bridge.store.times import from_ms, to_ms

NOON = datetime(2026, 7, 1, 12, 0, 0, 123_000, tzinfo=UTC)
CHANNEL = EndId("discord:900000000000000001")
GAME = EndId("server:survival")
RELAY = ReaderName("relay:1")
SURVIVAL = ServerId("survival")


def said(text: str, *, end: EndId = CHANNEL, message: str | None = None, at: datetime = NOON) -> ChatSaid:
    return ChatSaid(
        at=at, end=end, speaker=Speaker(kind=SpeakerKind.MEMBER, name="Ana"), text=text, message=message
    )


def line(position: int, text: str, *, end: EndId = CHANNEL, at: datetime = NOON) -> Line:
    event = said(text, end=end, message=f"m{position}", at=at)
    return line_from(position, RecordId(f"r{position}"), event)


def test_times_keep_their_milliseconds() -> None:
    for offset_ms in (0, 1, 999, 86_399_999, -1):
        at = NOON + timedelta(milliseconds=offset_ms)
        assert from_ms(to_ms(at)) == at


async def test_a_reader_keeps_its_position_and_never_goes_back(store: Store) -> None:
    async with store.transaction() as tx:
        assert await add_reader(tx, RELAY, 5) == 5
        await advance_reader(tx, RELAY, 9)
        await advance_reader(tx, RELAY, 7)
        assert await add_reader(tx, RELAY, 0) == 9
    async with store.reading() as conn:
        assert await reader_position(conn, RELAY) == 9
        assert await reader_position(conn, ReaderName("nobody")) is None
        assert await reader_positions(conn) == {RELAY: 9}


async def test_counters_add_up(store: Store) -> None:
    async with store.transaction() as tx:
        assert await bump(tx, "repeats") == 1
        assert await bump(tx, "repeats", 4) == 5
        assert await bump(tx, "unknown") == 1
    async with store.reading() as conn:
        assert await counters(conn) == {"repeats": 5, "unknown": 1}


async def test_a_delivery_is_pending_until_it_is_finished(store: Store) -> None:
    async with store.transaction() as tx:
        await begin_delivery(tx, RELAY, through=3, nonce="n1", digest="d1")
        await begin_delivery(tx, RELAY, through=8, nonce="n2", digest="d2", details='{"a":1}')
    async with store.reading() as conn:
        pending = await pending_delivery(conn, RELAY)
        assert await pending_delivery(conn, ReaderName("other")) is None
    assert pending is not None
    assert pending == PendingDelivery(
        reader=RELAY, through=8, nonce="n2", digest="d2", details='{"a":1}', begun_at=pending.begun_at
    )
    assert abs(datetime.now(UTC) - pending.begun_at) < timedelta(minutes=1)
    async with store.transaction() as tx:
        await finish_delivery(tx, RELAY)
        assert await pending_delivery(tx, RELAY) is None


async def test_a_message_of_several_records_and_a_record_of_several_messages(store: Store) -> None:
    merged = [Copy(position=position, end=CHANNEL, message="merged") for position in (4, 5, 6)]
    split = [Copy(position=7, end=CHANNEL, message=message, part=part) for part, message in enumerate("yx")]
    elsewhere = Copy(position=7, end=GAME, message="z")
    async with store.transaction() as tx:
        await add_copies(tx, [*merged, *split, elsewhere])
        await add_copies(tx, merged)  # noted again after a restart
        await add_copies(tx, [])
        assert await records_of_copy(tx, CHANNEL, "merged") == [4, 5, 6]
        assert await records_of_copy(tx, GAME, "merged") == []
        assert await copies_of(tx, 7, CHANNEL) == split
        assert await copies_of(tx, 7) == [*split, elsewhere]
        assert await positions_copied(tx, CHANNEL, after=4) == [5, 6, 7]
        await forget_copy(tx, CHANNEL, "merged")
        assert await copies_of(tx, 4) == []
        assert await expire_copies(tx, 8) == 3


async def test_a_line_comes_back_as_it_was_said(store: Store) -> None:
    event = ChatSaid(
        at=NOON,
        end=CHANNEL,
        speaker=Speaker(
            kind=SpeakerKind.MEMBER, name="Ana", id="7", avatar_url="https://x/a.png", colour=0xFF00FF
        ),
        text="hi @Bo, see 'this'; --",
        markup="hi <@1>, see **'this'; --**",
        mentions=(Mention(kind=MentionKind.USER, id="1", name="Bo"),),
        attachments=(Attachment(kind=AttachmentKind.IMAGE, name="a.png", url="https://x/a.png"),),
        reply=Reply(message="5", name="Bo", text="earlier"),
        message="m1",
    )
    original = line_from(3, RecordId("discord:m1"), event, room=RoomId("main"))
    async with store.transaction() as tx:
        await add_line(tx, original)
        await add_line(tx, original)
        assert await line_at(tx, 3) == original
        assert await line_of_message(tx, CHANNEL, "m1") == original
        assert await line_at(tx, 4) is None
        assert await line_of_message(tx, GAME, "m1") is None
        assert await recent_lines(tx, [CHANNEL], most=10) == [original]


async def test_an_edit_changes_the_text_and_a_removal_hides_the_line(store: Store) -> None:
    later = NOON + timedelta(minutes=1)
    edited = ChatEdited(
        at=later,
        end=CHANNEL,
        speaker=Speaker(kind=SpeakerKind.MEMBER, name="Ana"),
        text="better",
        message="m1",
    )
    async with store.transaction() as tx:
        await add_lines(tx, [line(1, "worse"), line(2, "other")])
        assert await edit_line(tx, edited)
        found = await line_at(tx, 1)
        assert found is not None
        assert (found.body.text, found.said_at, found.edited_at) == ("better", NOON, later)
        assert await remove_line(tx, CHANNEL, "m1", at=later)
        assert not await remove_line(tx, CHANNEL, "m1", at=later)
        assert await remove_line_at(tx, 2, at=later)
        assert not await remove_line_at(tx, 3, at=later)
        assert await recent_lines(tx, [CHANNEL], most=10) == []
        found = await line_at(tx, 1)
        assert found is not None
        assert found.removed_at == later


async def test_recent_lines_of_several_ends_come_in_order_and_page_back(store: Store) -> None:
    ends = [CHANNEL, GAME, EndId("discord:elsewhere")]
    lines = [line(position, f"line {position}", end=ends[position % 3]) for position in range(1, 31)]
    wanted = [found for found in lines if found.end in (CHANNEL, GAME)]
    async with store.transaction() as tx:
        await add_lines(tx, lines)
    async with store.reading() as conn:
        newest = await recent_lines(conn, [CHANNEL, GAME], most=5)
        older = await recent_lines(conn, [CHANNEL, GAME], most=5, before=newest[0].position)
        assert older + newest == wanted[-10:]
        assert await recent_lines(conn, [], most=5) == []


async def test_old_lines_expire(store: Store) -> None:
    async with store.transaction() as tx:
        await add_lines(tx, [line(1, "old"), line(2, "new", at=NOON + timedelta(days=2))])
        assert await expire_lines(tx, NOON + timedelta(days=1)) == 1
        assert [found.position for found in await recent_lines(tx, [CHANNEL], most=9)] == [2]


async def test_players_are_seen_in_any_order_and_keep_their_uuid(store: Store) -> None:
    early, late = NOON - timedelta(days=1), NOON + timedelta(days=1)
    async with store.transaction() as tx:
        await see_player(tx, SURVIVAL, "Steve", uuid=None, at=NOON, position=10)
        await see_player(tx, SURVIVAL, "Steve", uuid="u1", at=late, position=12)
        await see_player(tx, SURVIVAL, "Steve", uuid=None, at=early, position=11)
        await see_player(tx, SURVIVAL, "Alex", uuid=None, at=NOON, position=13)
        await see_player(tx, ServerId("creative"), "Alex", uuid="u2", at=early, position=14)
    steve = Player(
        server=SURVIVAL, name="Steve", uuid="u1", first_seen=early, last_seen=late, last_position=12
    )
    async with store.reading() as conn:
        assert await player(conn, SURVIVAL, "Steve") == steve
        assert await player(conn, SURVIVAL, "nobody") is None
        assert [found.server for found in await players_named(conn, "ALEX")] == [SURVIVAL, "creative"]
        assert await players_named(conn, "nobody") == []
        assert await uuid_of(conn, "Alex") == "u2"
        assert await uuid_of(conn, "alex") is None
        assert await uuid_of(conn, "nobody") is None


@pytest.mark.parametrize("ask", [is_players_name, players_named, uuid_of])
async def test_names_are_found_by_their_index(
    store: Store, ask: Callable[[AsyncConnection, str], Awaitable[object]]
) -> None:
    statements: list[str] = []
    async with store.reading() as conn:

        def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(conn.sync_connection, "before_cursor_execute", note)
        await ask(conn, "Alex")
        event.remove(conn.sync_connection, "before_cursor_execute", note)
        statement = statements[-1]  # behind the one that begins to read
        values = ("Alex",) * statement.count("?")
        rows = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        plan = [str(row.detail) for row in rows]
    assert "SEARCH players USING INDEX players_name (<expr>=?)" in plan
