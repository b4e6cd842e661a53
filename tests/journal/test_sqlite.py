from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from bridge.events import (
    AnyEvent,
    Attachment,
    AttachmentKind,
    ChatEdited,
    ChatSaid,
    EndId,
    Event,
    HookReceived,
    Mention,
    MentionKind,
    PlayerJoined,
    PlayerLeft,
    Reply,
    ServerId,
    ServerSampled,
    ServerStarted,
    Speaker,
    SpeakerKind,
)
from bridge.journal import (
    Batch,
    Draft,
    JournalError,
    JournalFull,
    ReaderName,
    Record,
    RecordId,
    SourceName,
    Start,
)
from bridge.journal.newest import MOST
from bridge.journal.reading import SqliteReader
from bridge.journal.retention import HOOKS_STAY
from bridge.journal.sqlite import SqliteJournal
from bridge.store import Store, migrate_here
from bridge.store.counters import bump, counters
from bridge.store.records import Waiting

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
LOG = SourceName("log:survival")
SURVIVAL = ServerId("survival")
ALL: tuple[type[Event], ...] = (ChatSaid, PlayerJoined, PlayerLeft, ServerStarted)


def chat(number: int, *, at: datetime = NOON) -> ChatSaid:
    return ChatSaid(
        at=at,
        end=EndId("server:survival"),
        speaker=Speaker(kind=SpeakerKind.PLAYER, name="Steve"),
        text=f"line {number}",
    )


def join(player: str = "Steve") -> PlayerJoined:
    return PlayerJoined(at=NOON, server=SURVIVAL, player=player)


def draft(number: int, event: AnyEvent | None = None, *, source: SourceName = LOG) -> Draft:
    return Draft(
        id=RecordId(f"{source}:{number}"), source=source, place=str(number), event=event or chat(number)
    )


def drafts(*numbers: int) -> list[Draft]:
    return [draft(number) for number in numbers]


async def take(reader: SqliteReader, count: int, *, most: int = 500) -> list[Record]:
    """The next records of a reader, from its stored position; they must come within ten seconds."""
    records: list[Record] = []
    batches = reader.batches(most=most)
    async with asyncio.timeout(10):
        while len(records) < count:
            records.extend((await anext(batches)).records)
    return records


async def all_records(journal: SqliteJournal, name: str = "all") -> list[Record]:
    reader = await journal.reader(ReaderName(name), ALL, start=Start.BEGINNING)
    if await journal.last(LOG) is None:
        return []
    async with asyncio.timeout(10):
        return list((await anext(reader.batches(most=1_000_000))).records)


async def test_what_was_appended_is_read_in_order(journal: SqliteJournal) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    given = [draft(1), draft(2, join()), draft(3)]
    await journal.append(*given[:2])
    await journal.append(given[2])
    records = await all_records(journal)
    assert [(r.id, r.source, r.place, r.event, r.late) for r in records] == [
        (d.id, d.source, d.place, d.event, d.late) for d in given
    ]
    assert [r.position for r in records] == [1, 2, 3]
    assert all(before <= r.recorded_at <= datetime.now(UTC) for r in records)


async def test_late_is_kept(journal: SqliteJournal) -> None:
    await journal.append(Draft(id=RecordId("x"), source=LOG, place="1", event=chat(1), late=True))
    assert [record.late for record in await all_records(journal)] == [True]


async def test_appending_nothing_commits_nothing(journal: SqliteJournal) -> None:
    await journal.append()
    assert journal.commits == 0


async def test_appending_again_does_nothing(journal: SqliteJournal) -> None:
    """Known ids are passed over, in the same append, in a later one and after other facts."""
    await journal.append(*drafts(1, 2, 2))
    await journal.append(*drafts(1, 2, 3))
    await journal.append(*drafts(2))
    assert [record.place for record in await all_records(journal)] == ["1", "2", "3"]


async def test_the_first_of_two_facts_with_one_id_stays(journal: SqliteJournal) -> None:
    await journal.append(draft(1, join("Steve")))
    await journal.append(draft(1, join("Alex")))
    assert [record.event for record in await all_records(journal)] == [join("Steve")]


@pytest.mark.parametrize("count", [1, 15, 16, 17, 79, 80, 337, 1024, 1375, 2411])
async def test_appends_of_any_size_are_whole_and_in_order(journal: SqliteJournal, count: int) -> None:
    await journal.append(*drafts(*range(count)))
    records = await all_records(journal)
    assert [record.place for record in records] == [str(number) for number in range(count)]
    assert [record.event for record in records] == [chat(number) for number in range(count)]


async def test_text_that_is_not_unicode_is_kept_as_far_as_it_is(journal: SqliteJournal) -> None:
    """Halves of a surrogate pair come from broken JSON; a source must not stop at them for good."""
    speaker = Speaker(kind=SpeakerKind.MEMBER, name="A\udc00na")
    await journal.append(draft(1, msgspec.structs.replace(chat(1), text="a \ud83d b", speaker=speaker)))
    (record,) = await all_records(journal)
    mended = Speaker(kind=SpeakerKind.MEMBER, name="A\ufffdna")
    assert record.event == msgspec.structs.replace(chat(1), text="a \ufffd b", speaker=mended)


async def test_a_fact_that_could_not_be_read_again_is_refused(journal: SqliteJournal) -> None:
    """One such record would stop every reader of its kind for good."""
    endless = ServerSampled(
        at=NOON, server=SURVIVAL, online=0, maximum=20, version="1.21", latency_ms=float("inf")
    )
    with pytest.raises(JournalError, match="latency_ms"):
        await journal.append(draft(0), draft(1, endless))
    about_null = msgspec.structs.replace(chat(2), text='{"a":null}')
    await journal.append(draft(2, about_null))
    assert [record.event for record in await all_records(journal)] == [about_null]


async def test_appends_that_arrive_together_share_one_commit(journal: SqliteJournal) -> None:
    await asyncio.gather(*(journal.append(draft(number)) for number in range(20)))
    assert journal.commits == 1
    await journal.append(draft(20))
    assert journal.commits == 2
    assert [record.place for record in await all_records(journal)] == [str(number) for number in range(21)]


async def test_appends_during_a_commit_share_the_next(journal: SqliteJournal, store: Store) -> None:
    async with store.transaction():  # holds the first commit up
        waiting = [asyncio.create_task(journal.append(draft(0)))]
        while journal._waiting or not journal._writing:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)
        waiting += [asyncio.create_task(journal.append(draft(number))) for number in range(1, 10)]
        while len(journal._waiting) < 9:  # noqa: ASYNC110 - same
            await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert journal.commits == 2


async def test_a_huge_crowd_is_split_into_several_commits(journal: SqliteJournal) -> None:
    chunks = [drafts(*range(begin, begin + 4000)) for begin in range(0, 16_000, 4000)]
    await asyncio.gather(*(journal.append(*chunk) for chunk in chunks))
    assert journal.commits == 2
    assert len(await all_records(journal)) == 16_000


async def test_twenty_appenders_at_once_lose_nothing(journal: SqliteJournal) -> None:
    """Every source's facts stay in its own order, and positions only grow."""

    async def feed(source: SourceName) -> None:
        for begin in range(0, 60, 3):
            await journal.append(*(draft(number, source=source) for number in range(begin, begin + 3)))

    sources = [SourceName(f"log:{number}") for number in range(20)]
    await journal.append(draft(0))
    await asyncio.gather(*(feed(source) for source in sources))
    records = await all_records(journal)
    assert [record.position for record in records] == sorted({record.position for record in records})
    for source in sources:
        places = [record.place for record in records if record.source == source]
        assert places == [str(number) for number in range(60)]


async def test_a_cancelled_append_leaves_the_others_alone(journal: SqliteJournal) -> None:
    tasks = [asyncio.create_task(journal.append(draft(number))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks] == [False, True, False]
    await journal.append(draft(1))
    assert sorted(record.place for record in await all_records(journal)) == ["0", "1", "2"]


async def test_last_is_the_newest_of_its_source(journal: SqliteJournal) -> None:
    other = SourceName("discord:1")
    assert await journal.last(LOG) is None
    await journal.append(draft(1), draft(2), draft(9, source=other))
    await journal.append(draft(1))
    found = await journal.last(LOG)
    assert found is not None
    assert found.place == "2"


async def test_recent_gives_the_newest_of_some_kinds_oldest_first(journal: SqliteJournal) -> None:
    await journal.append(
        draft(1, join("A")),
        draft(2),
        draft(3, join("B")),
        draft(4, join("other"), source=SourceName("log:creative")),
        draft(5, join("C")),
        draft(6),
    )
    found = await journal.recent(LOG, (PlayerJoined, PlayerLeft), most=2)
    assert [record.place for record in found] == ["3", "5"]
    assert [r.place for r in await journal.recent(LOG, (PlayerJoined,), most=9)] == ["1", "3", "5"]
    assert await journal.recent(LOG, (PlayerLeft,), most=9) == []


async def test_records_are_found_by_their_positions(journal: SqliteJournal) -> None:
    await journal.append(*drafts(1, 2, 3))
    assert [record.place for record in await journal.records_at([3, 1, 77])] == ["1", "3"]


async def test_positions_go_on_after_a_restart(journal: SqliteJournal, store: Store) -> None:
    await journal.append(*drafts(1, 2))
    again = SqliteJournal(store)
    assert await again.head() == 2
    await again.append(draft(3))
    assert [record.position for record in await all_records(again)] == [1, 2, 3]


# readers


async def test_a_reader_gets_only_its_kinds_and_passes_the_others(journal: SqliteJournal) -> None:
    await journal.append(draft(1), draft(2, join("A")), draft(3), draft(4, join("B")), draft(5))
    reader = await journal.reader(ReaderName("joins"), (PlayerJoined,), start=Start.BEGINNING)
    batch = await anext(reader.batches())
    assert [record.place for record in batch.records] == ["2", "4"]
    assert batch.through == 5


async def test_a_reader_resumes_where_it_advanced_to(journal: SqliteJournal, store: Store) -> None:
    await journal.append(*drafts(1, 2, 3, 4))
    reader = await journal.reader(ReaderName("r"), ALL, start=Start.BEGINNING)
    batch = await anext(reader.batches(most=2))
    async with store.transaction() as tx:
        await reader.advance(tx, batch.through)
    assert await reader.position() == 2
    again = await SqliteJournal(store).reader(ReaderName("r"), ALL, start=Start.END)
    assert [record.place for record in await take(again, 2)] == ["3", "4"]


async def test_a_new_call_begins_at_the_stored_position_again(journal: SqliteJournal) -> None:
    await journal.append(*drafts(1, 2, 3))
    reader = await journal.reader(ReaderName("r"), ALL, start=Start.BEGINNING)
    batches = reader.batches(most=2)
    assert [record.place for record in (await anext(batches)).records] == ["1", "2"]
    assert [record.place for record in (await anext(batches)).records] == ["3"]
    assert [record.place for record in await take(reader, 3)] == ["1", "2", "3"]


async def test_batches_join_without_gap_or_overlap_at_any_size(journal: SqliteJournal) -> None:
    await journal.append(*(draft(n, join() if n % 3 else None) for n in range(100)))
    reader = await journal.reader(ReaderName("r"), (PlayerJoined, PlayerLeft), start=Start.BEGINNING)
    wanted = [str(n) for n in range(100) if n % 3]
    for most in (1, 7, 66, 67):
        assert [record.place for record in await take(reader, 66, most=most)] == wanted


async def test_readers_near_and_far_behind_read_the_same(journal: SqliteJournal) -> None:
    """What is kept of the newest records is what the store would say, from wherever one asks."""
    await journal.append(*drafts(*range(MOST)))
    of: list[tuple[type[Event], ...]] = [(ChatSaid,), (PlayerJoined,), (ChatSaid, PlayerJoined)]
    readers = [
        await journal.reader(ReaderName(f"r{n}"), kinds, start=Start.BEGINNING) for n, kinds in enumerate(of)
    ]
    walks = [reader.batches(most=most) for reader, most in zip(readers, (3, 50, 500), strict=True)]
    seen: list[list[str]] = [[], [], []]
    for number in range(MOST, MOST * 4):
        await journal.append(draft(number, join() if number % 2 else None))
        for which in range(3):
            behind = (number % 37) if which == 0 else 0  # the first one falls back, and catches up
            if behind == 0 and (which == 2 or number % 2 == which):
                seen[which] += [record.place for record in (await anext(walks[which])).records]
    for which, reader in enumerate(readers):
        wanted = [str(n) for n in range(MOST * 4) if which == 2 or (n >= MOST and n % 2) == bool(which)]
        assert seen[which] == wanted[: len(seen[which])]
        assert [record.place for record in await take(reader, len(wanted), most=41)] == wanted


async def test_a_new_reader_from_the_end_sees_only_what_comes(journal: SqliteJournal, store: Store) -> None:
    """Also when it is asked for again, after a restart, before it has read anything."""
    await journal.append(*drafts(1, 2))
    await journal.reader(ReaderName("r"), ALL, start=Start.END)
    await journal.append(draft(3))
    again = await SqliteJournal(store).reader(ReaderName("r"), ALL, start=Start.END)
    assert [record.place for record in await take(again, 1)] == ["3"]


async def test_a_position_is_stored_with_what_was_derived_or_not_at_all(
    journal: SqliteJournal, store: Store
) -> None:
    await journal.append(*drafts(1, 2))
    reader = await journal.reader(ReaderName("r"), ALL, start=Start.BEGINNING)

    async def derive(*, fail: bool) -> None:
        async with store.transaction() as tx:
            await bump(tx, "derived")
            await reader.advance(tx, 2)
            if fail:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await derive(fail=True)
    assert await reader.position() == 0
    await derive(fail=False)
    assert await reader.position() == 2
    async with store.reading() as conn:
        assert await counters(conn) == {"derived": 1}


async def test_only_records_of_its_kinds_wait_for_a_reader(journal: SqliteJournal, store: Store) -> None:
    joins = await journal.reader(ReaderName("joins"), (PlayerJoined, PlayerLeft), start=Start.BEGINNING)
    said = await journal.reader(ReaderName("chat"), (ChatSaid,), start=Start.BEGINNING)
    assert journal.readers() == [said, joins]
    await journal.append(*drafts(1, 2, 3))
    assert await joins.waiting(most=10) == Waiting(0)
    assert [(await said.waiting(most=most)).count for most in (10, 2)] == [3, 2]
    mira, noah = (PlayerJoined(at=NOON, server=SURVIVAL, player=player) for player in ("Mira", "Noah"))
    await journal.append(draft(4, mira), draft(5, noah))
    first, second = await journal.recent(LOG, (PlayerJoined,), most=2)
    assert await joins.waiting(most=10) == Waiting(2, first.recorded_at)
    async with store.transaction() as tx:
        await joins.advance(tx, first.position)
    assert await joins.waiting(most=10) == Waiting(1, second.recorded_at)
    joins.pass_over(second.position)
    assert await joins.waiting(most=10) == Waiting(0)
    assert await joins.position() == first.position, "that nothing was to be done is not worth storing"


async def test_a_waiting_reader_wakes_at_once_without_asking_the_disk(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks nothing while nothing comes, and nothing when only other kinds come."""
    asked = 0
    between = SqliteReader._between

    async def counted(self: SqliteReader, after: int, through: int, most: int) -> list[Record]:
        nonlocal asked
        asked += 1
        return await between(self, after, through, most)

    monkeypatch.setattr(SqliteReader, "_between", counted)
    reader = await journal.reader(ReaderName("r"), (PlayerJoined,), start=Start.BEGINNING)
    waiting = asyncio.create_task(take(reader, 1))
    for number in range(50):
        await journal.append(draft(number))
    assert asked == 0
    await journal.append(draft(50, join()))
    async with asyncio.timeout(1):
        assert [record.place for record in await waiting] == ["50"]
    assert asked == 1


async def test_readers_see_everything_while_it_is_appended(journal: SqliteJournal) -> None:
    """Five readers of different kinds and batch sizes miss nothing and see nothing twice."""
    total = 600
    readers = [
        await journal.reader(
            ReaderName(f"r{n}"), (ChatSaid, PlayerJoined)[: n % 2 + 1], start=Start.BEGINNING
        )
        for n in range(5)
    ]
    tasks = [
        asyncio.create_task(take(reader, total if n % 2 else total // 2, most=3 + 20 * n))
        for n, reader in enumerate(readers)
    ]

    async def feed(begin: int) -> None:
        for n in range(begin, total, 4):
            await journal.append(draft(n, join() if n % 2 else None))

    await asyncio.gather(*(feed(begin) for begin in range(4)))
    for n, task in enumerate(tasks):
        places = [int(record.place) for record in await task]
        assert sorted(places) == [p for p in range(total) if n % 2 or p % 2 == 0]


# trouble


async def test_a_full_disk_keeps_nothing_and_passes(journal: SqliteJournal, store: Store) -> None:
    """All who share the commit are told; when there is room again, the same append works."""
    await journal.append(draft(0))
    async with store.transaction() as tx:
        pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
    big, small = drafts(*range(1, 2000)), drafts(5000)
    results = await asyncio.gather(journal.append(*big), journal.append(*small), return_exceptions=True)
    assert [type(result) for result in results] == [JournalFull, JournalFull]
    assert await journal.head() == 1
    async with store.transaction() as tx:
        await tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
    await asyncio.gather(journal.append(*big), journal.append(*small))
    places = [record.place for record in await all_records(journal)]
    assert places == ["0", *(str(number) for number in range(1, 2000)), "5000"]


async def test_an_append_after_closing_fails_clearly(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, migrate=migrate_here)
    journal = SqliteJournal(store)
    await journal.append(draft(1))
    await store.close()
    with pytest.raises(JournalError, match="closed"):
        await journal.append(draft(2))
    with pytest.raises(JournalError, match="closed"):
        await journal.last(LOG)


async def test_close_waits_for_what_was_handed_over(tmp_path: Path) -> None:
    async with await Store.open(tmp_path, migrate=migrate_here) as store:
        journal = SqliteJournal(store)
        task = asyncio.create_task(journal.append(*drafts(*range(500))))
        await asyncio.sleep(0)
        await journal.close()
        assert await journal.head() == 500
        await task


async def test_a_damaged_record_is_named(journal: SqliteJournal, store: Store) -> None:
    await journal.append(draft(1))
    async with store.transaction() as tx:
        await tx.execute(text("UPDATE records SET body = '{}'"))
    with pytest.raises(JournalError, match=r"record 1 \(log:survival:1\)"):
        await journal.last(LOG)


KILLED = """
import asyncio, pathlib, sys
from datetime import datetime, UTC
from bridge.events import PlayerJoined
from bridge.journal import Draft
from bridge.journal.sqlite import SqliteJournal
from bridge.store import Store, migrate_here

async def main():
    store = await Store.open(pathlib.Path(sys.argv[1]), migrate=migrate_here)
    journal = SqliteJournal(store)
    async def feed(name):
        for begin in range(0, 1_000_000, 7):
            await journal.append(*(
                Draft(id=f"{name}:{n}", source=name, place=str(n),
                      event=PlayerJoined(at=datetime.now(UTC), server="survival", player="Steve"))
                for n in range(begin, begin + 7)
            ))
            sys.stdout.write(f"{name} {begin + 6}\\n")
            sys.stdout.flush()
    await asyncio.gather(feed("a"), feed("b"))

asyncio.run(main())
"""


@pytest.mark.parametrize("after_lines", [1, 40, 200])
async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(
    tmp_path: Path, after_lines: int
) -> None:
    """After SIGKILL in the middle of appends, each is there as a whole or not at all."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(after_lines)]
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    acknowledged = {"a": -1, "b": -1}
    for line in [*lines, *rest.splitlines()]:
        name, last = line.decode().split()
        acknowledged[name] = int(last)
    async with await Store.open(tmp_path, migrate=migrate_here) as store:
        journal = SqliteJournal(store)
        reader = await journal.reader(ReaderName("r"), (PlayerJoined,), start=Start.BEGINNING)
        batch: Batch = await anext(reader.batches(most=1_000_000))
    for name, number in acknowledged.items():
        places = [int(record.place) for record in batch.records if record.source == name]
        assert places == list(range(len(places)))
        assert len(places) % 7 == 0
        assert len(places) > number


# retention


async def test_old_chat_is_blanked_and_its_facts_stay(journal: SqliteJournal) -> None:
    speaker = Speaker(kind=SpeakerKind.MEMBER, name="Ana", id="7")
    old = ChatSaid(
        at=NOON,
        end=EndId("discord:1"),
        speaker=speaker,
        text="secret",
        markup="**secret**",
        mentions=(Mention(kind=MentionKind.USER, id="1", name="secret"),),
        attachments=(Attachment(kind=AttachmentKind.FILE, name="secret.txt"),),
        reply=Reply(message="5", name="Bo", text="secret"),
        message="m1",
    )
    edited = ChatEdited(at=NOON, end=EndId("discord:1"), speaker=speaker, text="secret", message="m1")
    new = chat(3, at=NOON + timedelta(days=2))
    await journal.append(draft(1, old), draft(2, edited), draft(3, new), draft(4, join()))
    assert len(await all_records(journal)) == 3
    assert await journal.expire_chat(NOON + timedelta(days=1)) == 2
    assert await journal.expire_chat(NOON + timedelta(days=1)) == 0
    records = await journal.records_at([1, 2, 3, 4])
    assert await all_records(journal, "who reads it now") == [records[0], *records[2:]]
    assert records[0].event == ChatSaid(
        at=NOON,
        end=EndId("discord:1"),
        speaker=speaker,
        text="",
        reply=Reply(message="5", name="Bo"),
        message="m1",
    )
    assert records[1].event == ChatEdited(
        at=NOON, end=EndId("discord:1"), speaker=speaker, text="", message="m1"
    )
    assert [record.event for record in records[2:]] == [new, join()]


async def test_what_hooks_were_told_is_blanked_once_no_command_waits_for_it(
    journal: SqliteJournal, store: Store
) -> None:
    told = HookReceived(at=NOON, hook="shop", delivery="7", event="paid", body='{"player":"Steve"}')
    await journal.append(draft(1, told), draft(2, told))
    async with store.transaction() as tx:  # the first came long ago
        await tx.execute(
            text("UPDATE records SET recorded_at_ms = recorded_at_ms - :ms WHERE position = 1"),
            {"ms": HOOKS_STAY // timedelta(milliseconds=1) + 1},
        )
    assert await journal.expire_chat(NOON + timedelta(days=1)) == 1
    old, new = await journal.records_at([1, 2])
    assert old.event == HookReceived(at=NOON, hook="shop", delivery="7", event="paid")
    assert new.event == told


def test_blanked_chat_is_gone_from_the_files(tmp_path: Path) -> None:
    async def say_and_blank() -> None:
        async with await Store.open(tmp_path, migrate=migrate_here) as store:
            journal = SqliteJournal(store)
            long = msgspec.structs.replace(chat(0), text="a secret said at length, " * 8)
            await journal.append(*(draft(number, long) for number in range(1200)))
            assert await journal.expire_chat(NOON + timedelta(days=1)) == 1200

    asyncio.run(say_and_blank())
    for path in tmp_path.iterdir():
        assert b"a secret" not in path.read_bytes(), path
