"""Queries for players: every filter by hand, and any of them together as plain Python has it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.statistics.activity import Band
from bridge.statistics.calendar import day_number
from bridge.statistics.filters import (
    AccountIs,
    AccountKind,
    ActivityBand,
    ActivityIndex,
    Advancements,
    AnyFilter,
    Counted,
    CountedDays,
    Crashes,
    DaysPlayed,
    Deaths,
    FirstSeen,
    FirstServer,
    Hours,
    InPeriod,
    LastSeen,
    LinesSaid,
    LongestBreak,
    NameContains,
    Newcomer,
    OnlineNow,
    Played,
    PlayedOn,
    PlayTime,
    Query,
    SessionLength,
    Sessions,
    Sort,
    UuidIs,
)
from bridge.statistics.lives import Flag, Session
from bridge.store import Store, migrate_here
from bridge.store.statistics.days import Deeds
from bridge.store.statistics.queries import Figures, find_players
from tests.store.statistics.village import Player, Village

PARIS = ZoneInfo("Europe/Paris")
SERVERS = ("survival", "creative", "lobby")
KNOWN = Flag(0)
MIRA_ID = "aaaaaaaa-0000-4000-8000-000000000001"


def ms(when: str) -> int:
    """A moment of 2026 by the clock in Paris: ``03-29 20:15``."""
    local = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
    return round(local.timestamp() * 1000)


def stay(begins: str, minutes: int | None, flags: Flag = KNOWN) -> Session:
    began = ms(begins)
    return Session(0, began, None if minutes is None else began + minutes * 60_000, flags)


def on(day: str, **counts: int) -> Deeds:
    return Deeds(0, day_number(date.fromisoformat(f"2026-{day}")), **counts)


def people() -> list[Player]:
    """Now is Friday 3 July 2026, 20:00; the three weeks of the activity index begin on 13 June."""
    return [
        # 30 minutes in each of the last three weeks: 5 - 5 / (π/2 + 1) = 3.055, active; on since 19:30.
        Player(
            "Mira",
            MIRA_ID,
            earlier=("Mirabelle",),
            stays={"survival": [stay("06-14 18:00", 30), stay("06-21 18:00", 30), stay("07-03 19:30", None)]},
            deeds={"survival": [on("06-14", said=3, deaths=1), on("07-03", said=4, advancements=2)]},
        ),
        # 90 minutes on 1 May over midnight, and 20 on 31 May: a break of 28 days (3 to 30 May). Crashed once.
        Player(
            "Noah",
            "bbbbbbbb-0000-3000-8000-000000000002",
            stays={
                "creative": [stay("05-01 23:00", 90, Flag.BY_CRASH | Flag.ENDED_GUESSED)],
                "survival": [stay("05-31 12:00", 20)],
            },
            deeds={"creative": [on("05-01", deaths=5)]},
        ),
        # From a phone; 10 minutes on the day on which clocks went forward, at 3:30 after 1:59.
        Player(
            "_Lena",
            "00000000-0000-0000-0009-01f000000003",
            stays={"lobby": [stay("03-29 03:30", 10)]},
        ),
        # Nobody has told the UUID. An hour, a relog, half an hour: one session of 90 minutes.
        Player("Otto", None, stays={"survival": [stay("06-30 10:00", 60), stay("06-30 11:02", 30)]}),
    ]


JUNE_1, JUNE_30 = date(2026, 6, 1), date(2026, 6, 30)

BY_HAND: list[tuple[AnyFilter, set[str]]] = [
    (NameContains(text="MIR"), {"Mira"}),
    (NameContains(text="_"), {"_Lena"}),
    (NameContains(text="%"), set()),
    (NameContains(text="belle"), set()),
    (NameContains(text="belle", earlier=True), {"Mira"}),
    (UuidIs(uuid=MIRA_ID.upper()), {"Mira"}),
    (UuidIs(uuid=MIRA_ID.replace("-", "")), {"Mira"}),
    (UuidIs(uuid=MIRA_ID, negated=True), {"Noah", "_Lena", "Otto"}),
    (AccountIs(kinds=(AccountKind.ONLINE,)), {"Mira"}),
    (AccountIs(kinds=(AccountKind.OFFLINE, AccountKind.BEDROCK)), {"Noah", "_Lena"}),
    (AccountIs(kinds=(AccountKind.UNKNOWN,)), {"Otto"}),
    (AccountIs(kinds=(AccountKind.ONLINE,), negated=True), {"Noah", "_Lena", "Otto"}),
    (FirstSeen(first=JUNE_1, last=JUNE_30), {"Mira", "Otto"}),
    (FirstSeen(first=date(2026, 5, 31), server="survival"), {"Mira", "Noah", "Otto"}),
    (LastSeen(last=date(2026, 5, 31)), {"Noah", "_Lena"}),
    (LastSeen(last=date(2026, 5, 2), server="creative"), {"Noah"}),
    (LastSeen(last=date(2026, 5, 1), server="creative"), set()),  # it was past midnight
    (Newcomer(week="2026-W24"), {"Mira"}),  # 8 to 14 June
    (Played(first=JUNE_1, last=JUNE_30), {"Mira", "Otto"}),
    (Played(first=JUNE_1, last=JUNE_30, minutes=61), {"Otto"}),
    (Played(first=date(2026, 5, 2), last=date(2026, 5, 2), minutes=30), {"Noah"}),
    (PlayTime(at_least=90), {"Mira", "Noah", "Otto"}),  # Mira 30 + 30 + 30, Noah 90 + 20
    (PlayTime(at_least=91), {"Noah"}),
    (PlayTime(at_least=1, at_most=10), {"_Lena"}),
    (
        PlayTime(first=JUNE_1, last=JUNE_30, at_most=60),
        {"Mira", "Noah", "_Lena"},
    ),  # none is within the limits, too
    (Sessions(at_least=2), {"Mira", "Noah"}),
    (Sessions(at_most=1, server="survival"), {"Noah", "_Lena", "Otto"}),
    (DaysPlayed(at_least=3), {"Mira", "Noah"}),  # Noah: 1, 2 and 31 May
    (LongestBreak(at_least=28), {"Noah"}),
    (LongestBreak(at_least=29), set()),
    (LongestBreak(at_least=1, last=date(2026, 5, 31), first=date(2026, 5, 3)), set()),
    (DaysPlayed(at_least=1, last=date(2026, 3, 29)), {"_Lena"}),
    (LongestBreak(at_least=6, at_most=11), {"Mira"}),  # 15 to 20 June; 22 June to 2 July is the longest
    (SessionLength(at_least=90), {"Otto"}),
    (SessionLength(at_least=30, at_most=55), {"Mira", "Noah"}),  # 90 / 3 and 110 / 2
    (Deaths(at_least=1), {"Mira", "Noah"}),
    (Deaths(first=JUNE_1, last=JUNE_30, at_least=1), {"Mira"}),
    (Deaths(at_most=4), {"Mira", "_Lena", "Otto"}),
    (Advancements(at_least=2), {"Mira"}),
    (LinesSaid(at_least=7), {"Mira"}),
    (LinesSaid(first=JUNE_1, last=JUNE_30, at_least=4), set()),
    (Crashes(at_least=1), {"Noah"}),
    (Crashes(at_least=1, server="survival"), set()),
    (Crashes(at_least=1, first=date(2026, 5, 3)), set()),
    (ActivityIndex(at_least=3.05, at_most=3.06), {"Mira"}),
    (ActivityIndex(at_most=0), {"Noah", "_Lena"}),
    (ActivityIndex(at_least=0.1, day=date(2026, 5, 21)), {"Noah"}),
    (ActivityIndex(at_least=0.1, day=date(2026, 5, 23)), set()),  # the last day of it is 22 May
    (ActivityBand(bands=(Band.ACTIVE,)), {"Mira"}),
    (ActivityBand(bands=(Band.IRREGULAR,)), {"Otto"}),  # one week of 90: 5/3 · (1 - 1/5.712) = 1.375
    (ActivityBand(bands=(Band.INACTIVE, Band.ACTIVE)), {"Mira", "Noah", "_Lena"}),
    (ActivityBand(bands=(Band.INACTIVE,), negated=True), {"Mira", "Otto"}),
    (PlayedOn(server="survival"), {"Mira", "Noah", "Otto"}),
    (PlayedOn(server="survival", negated=True), {"_Lena"}),
    (PlayedOn(server="nowhere"), set()),
    (FirstServer(server="survival"), {"Mira", "Otto"}),
    (FirstServer(server="creative"), {"Noah"}),
    (Hours(begins=23, ends=24), {"Noah"}),
    (Hours(begins=22, ends=4), {"Noah"}),  # since 5 April
    (Hours(begins=22, ends=4, first=date(2026, 3, 1)), {"Noah", "_Lena"}),
    (Hours(begins=3, ends=4, weekdays=(7,), last=date(2026, 3, 29)), {"_Lena"}),
    (Hours(begins=18, ends=19, weekdays=(7,)), {"Mira"}),
    (Hours(begins=18, ends=19, weekdays=(1, 2, 3, 4, 5, 6)), set()),
    (Hours(first=date(2026, 7, 1)), {"Mira"}),
    (OnlineNow(), {"Mira"}),
    (OnlineNow(server="creative"), set()),
]


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[tuple[Store, Village]]:
    """The four of them."""
    async with await Store.open(tmp_path / "data", migrate=migrate_here) as store:
        made = Village(PARIS, ms("07-03 20:00"))
        await made.move_in(store, SERVERS, people())
        yield store, made


async def found(store: Store, query: Query, village: Village, *, most: int = 100) -> list[Figures]:
    """Everybody whom a query finds, a page after another."""
    pages: list[Figures] = []
    after = None
    async with store.reading() as conn:
        while True:
            page = await find_players(conn, query, village.frame, after=after, most=most)
            pages += page.players
            total = page.total
            if (after := page.next) is None:
                break
    assert total == len(pages)
    return pages


async def test_every_filter_by_hand(village: tuple[Store, Village]) -> None:
    store, made = village
    for filter_, names in BY_HAND:
        query = Query(filters=(filter_,))
        answer = {each.name for each in await found(store, query, made)}
        assert answer == names, filter_
        assert made.answer(query) == names, filter_


def test_every_filter_is_among_those_by_hand() -> None:
    assert {type(filter_) for filter_, _ in BY_HAND} == set(AnyFilter.__args__)


async def test_the_figures_of_the_table(village: tuple[Store, Village]) -> None:
    store, made = village
    (mira,) = await found(store, Query(filters=(NameContains(text="mira"),)), made)
    assert mira.activity == pytest.approx(3.0550773517)
    assert mira == Figures(
        account=mira.account,
        name="Mira",
        uuid=MIRA_ID,
        first_ms=ms("06-14 18:00"),
        last_ms=ms("07-03 19:30"),
        seconds=90 * 60,
        recent_s=90 * 60,
        sessions=3,
        activity=mira.activity,
    )
    (noah,) = await found(store, Query(filters=(NameContains(text="noah"),)), made)
    assert (noah.seconds, noah.recent_s, noah.sessions, noah.activity) == (110 * 60, 0, 2, 0.0)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (Sort.LAST_SEEN, ["Mira", "Otto", "Noah", "_Lena"]),
        (Sort.FIRST_SEEN, ["Otto", "Mira", "Noah", "_Lena"]),
        (Sort.NAME, ["_Lena", "Mira", "Noah", "Otto"]),
        (Sort.PLAY_TIME, ["Noah", "Mira", "Otto", "_Lena"]),
        (Sort.RECENT_PLAY_TIME, ["Mira", "Otto", "Noah", "_Lena"]),
        (Sort.SESSIONS, ["Mira", "Noah", "_Lena", "Otto"]),
        (Sort.ACTIVITY, ["Mira", "Otto", "Noah", "_Lena"]),
    ],
)
async def test_the_order_and_pages_that_go_on_where_the_one_before_ended(
    village: tuple[Store, Village], sort: Sort, names: list[str]
) -> None:
    store, made = village
    for most in (1, 2, 4):
        assert [each.name for each in await found(store, Query(sort=sort), made, most=most)] == names


Kind = TypeVar("Kind", bound=InPeriod)
CountedKind = TypeVar("CountedKind", bound=Counted | CountedDays)
FIRST, LAST = date(2026, 2, 1), date(2026, 7, 20)
days = st.none() | st.dates(FIRST, LAST)
places = st.none() | st.sampled_from((*SERVERS, "nowhere"))
negated = st.booleans()


def period(kind: type[Kind], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Kind]:
    """Filters with days in order."""

    def made(one: date | None, other: date | None, **values: Any) -> Kind:  # noqa: ANN401 - as they come
        if one is not None and other is not None:
            one, other = sorted((one, other))
        return kind(first=one, last=other, **values)

    return st.builds(made, days, days, server=places, negated=negated, **more)


def counted(kind: type[CountedKind], most: int) -> st.SearchStrategy[CountedKind]:
    limits = st.tuples(st.integers(0, most), st.none() | st.integers(0, most))
    return st.builds(
        lambda base, pair: kind(
            first=base.first,
            last=base.last,
            server=base.server,
            negated=base.negated,
            at_least=pair[0],
            at_most=pair[1] if pair[1] is None else max(pair),
        ),
        period(InPeriod),
        limits,
    )


hours = period(
    Hours,
    begins=st.integers(0, 23),
    ends=st.integers(1, 24),
    weekdays=st.lists(st.integers(1, 7), max_size=3).map(tuple),
)
filters: st.SearchStrategy[AnyFilter] = st.one_of(
    st.builds(
        NameContains,
        text=st.sampled_from(["a", "e", "1", "_", "%", "\\", "P", "p2"]),
        earlier=negated,
        negated=negated,
    ),
    st.builds(UuidIs, uuid=st.sampled_from([f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(3)])),
    st.builds(
        AccountIs,
        kinds=st.lists(st.sampled_from(AccountKind), min_size=1, max_size=3).map(tuple),
        negated=negated,
    ),
    st.builds(Newcomer, week=st.integers(5, 29).map("2026-W{:02}".format), negated=negated),
    st.builds(PlayedOn, server=st.sampled_from(SERVERS), negated=negated),
    st.builds(FirstServer, server=st.sampled_from(SERVERS), negated=negated),
    st.builds(OnlineNow, server=places, negated=negated),
    st.builds(ActivityIndex, day=days, at_least=st.floats(0, 5), negated=negated),
    st.builds(ActivityIndex, day=days, at_most=st.floats(0, 5), negated=negated),
    st.builds(
        ActivityBand,
        day=days,
        bands=st.lists(st.sampled_from(Band), min_size=1, max_size=3).map(tuple),
        negated=negated,
    ),
    st.builds(SessionLength, server=places, at_least=st.integers(0, 200), negated=negated),
    period(FirstSeen),
    period(LastSeen),
    period(Played, minutes=st.integers(0, 600)),
    counted(PlayTime, 2000),
    counted(Sessions, 20),
    counted(DaysPlayed, 20),
    counted(LongestBreak, 60),
    counted(Deaths, 20),
    counted(Advancements, 20),
    counted(LinesSaid, 20),
    counted(Crashes, 3),
    hours,
)
queries = st.builds(Query, filters=st.lists(filters, max_size=4).map(tuple), sort=st.sampled_from(Sort))


def made_up() -> list[Player]:
    """Forty players and some hundred sessions of half a year, over clock changes and ends of months."""
    dice = random.Random(11)  # noqa: S311 - the same every time
    begins = datetime(2026, 2, 1, tzinfo=UTC)
    versions = (4, 4, 3, 9)
    players: list[Player] = []
    for n in range(40):
        uuid = f"{n:08x}-0000-{versions[n % 4]}000-8000-{n:012x}" if n % 5 else None
        player = Player(
            f"{dice.choice(('Pat', '_Ann', 'bob'))}{n}", uuid, earlier=(f"old{n}",) if n % 7 == 0 else ()
        )
        for server in dice.sample(SERVERS, dice.randint(0 if n % 9 == 0 else 1, 3)):
            at, stays = begins + timedelta(hours=dice.randint(0, 3000)), list[Session]()
            for _ in range(dice.randint(1, 9)):
                at += timedelta(minutes=dice.choice((3, 90, 1500, 9000, 40_000)) * dice.random() + 1)
                lasts = timedelta(minutes=dice.choice((0, 5, 45, 200, 1700)) * dice.random())
                crash = dice.random() < 0.1
                flags = Flag.BY_CRASH | Flag.ENDED_GUESSED if crash else Flag(0)
                began, ended = (round(each.timestamp() * 1000) for each in (at, at + lasts))
                if ended >= ms("07-20 12:00"):
                    break
                stays.append(Session(0, began, ended, flags))
                at += lasts
            if stays and dice.random() < 0.1:
                stays[-1] = stays[-1]._replace(ended_ms=None, flags=Flag(0))
            if stays:
                player.stays[server] = stays
                player.deeds[server] = [
                    Deeds(0, each.began_ms // 86_400_000, said=dice.randint(0, 5), deaths=dice.randint(0, 2))
                    for each in stays
                ] + [Deeds(0, stays[0].began_ms // 86_400_000, advancements=dice.randint(0, 9))]
        players.append(player)
    return players


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Store, Village]]:
    """Forty players in one store for all examples."""
    with asyncio.Runner() as runner:
        made = Village(PARIS, ms("07-20 12:00"))
        store = runner.run(Store.open(tmp_path_factory.mktemp("crowd"), migrate=migrate_here))
        runner.run(made.move_in(store, SERVERS, made_up()))
        yield runner, store, made
        runner.run(store.close())


@settings(max_examples=100, deadline=None)
@given(query=queries, most=st.integers(9, 50))
def test_any_filters_together_find_whom_plain_python_finds(
    crowd: tuple[asyncio.Runner, Store, Village], query: Query, most: int
) -> None:
    runner, store, made = crowd
    pages = runner.run(found(store, query, made, most=most))
    assert {each.name for each in pages} == made.answer(query)
    assert len({each.account for each in pages}) == len(pages)
