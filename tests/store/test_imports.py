"""What the journal tells of a server's past that was imported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.events import ChatSaid, ServerId, ServerObserved, Speaker, SpeakerKind, server_end
from bridge.journal import Draft, RecordId, SourceName, SqliteJournal, import_source
from bridge.journal.rows import encode_drafts
from bridge.store import Store
from bridge.store.imports import observed, span_of

SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")
AT = datetime(2024, 3, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVE = SourceName("log:survival")


def seen(server: ServerId, number: int) -> Draft:
    event = ServerObserved(at=AT + (number + 1) * HOUR, server=server, since=AT + number * HOUR)
    id_ = RecordId(f"import:{server}:observed:{number}")
    return Draft(id=id_, source=import_source(server), place="", event=event, late=True)


def said(number: int) -> Draft:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="Mira")
    event = ChatSaid(at=AT + number * HOUR, end=server_end(SURVIVAL), speaker=speaker, text="hello")
    return Draft(id=RecordId(f"{LIVE}:{number}"), source=LIVE, place="", event=event)


async def test_what_was_observed_is_known_by_server(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        await journal.append(seen(SURVIVAL, 0), seen(CREATIVE, 1), seen(SURVIVAL, 2), said(3))
    async with store.reading() as conn:
        found = await observed(conn, SURVIVAL)
    assert [id_ for id_, _ in found] == ["import:survival:observed:0", "import:survival:observed:2"]
    assert [(event.since, event.at) for _, event in found] == [
        (AT, AT + HOUR),
        (AT + 2 * HOUR, AT + 3 * HOUR),
    ]


async def test_a_sources_facts_span_a_time(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        await journal.append(said(2), said(5), said(1), seen(SURVIVAL, 9))
    async with store.reading() as conn:
        assert await span_of(conn, LIVE) == (AT + HOUR, AT + 5 * HOUR)
        assert await span_of(conn, SourceName("log:creative")) is None


async def test_old_words_are_gone_before_they_are_written(store: Store) -> None:
    async with SqliteJournal(store) as journal:
        await journal.append_encoded(encode_drafts([said(1), said(2)], words_from=AT + 2 * HOUR))
        found = await journal.recent(LIVE, (ChatSaid,), most=9)
        assert [record.event.text for record in found if isinstance(record.event, ChatSaid)] == ["", "hello"]
        assert await journal.expire_chat(AT + 9 * HOUR) == 1  # the other has nothing left to lose
