"""What the store tells of the players of the small log, with the arithmetic written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.events import ServerId
from bridge.features.player_figures import GamesCount, PlayerFigures, find_player, player_figures
from bridge.features.playtime.boards import read_board, suggested_names
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.statistics.streaks import Streaks
from bridge.store.statistics.days import Acquaintance
from bridge.store.statistics.players import Figures, Rank, stays_of
from bridge.store.times import to_ms
from tests.features.small_log import MIRA, SERVER, at

if TYPE_CHECKING:
    from tests.features.conftest import Desk
    from tests.features.playtime.conftest import OpenEvening

MINUTE = 60


async def figures(desk: Desk, name: str) -> PlayerFigures:
    settings = desk.parts.settings
    async with desk.parts.store.reading() as conn:
        account = await find_player(conn, settings, name)
    assert account is not None
    return await player_figures(desk.parts, settings, account)


async def board(
    desk: Desk, by: By, period: PeriodName, server: str | None = None
) -> list[tuple[int, str, int]]:
    chosen = None if server is None else ServerId(server)
    found = await read_board(desk.parts, desk.parts.settings, by, period, chosen, most=10)
    return [(place.place, place.name, place.value) for place in found.places]


async def test_a_player_s_figures(evening: Desk) -> None:
    """Mira: 60 and 30 minutes on the 3rd, a relog between; 30 minutes on the 4th, and still on."""
    mira = await figures(evening, "mira")
    assert mira.periods == {
        PeriodName.DAY: Figures(30 * MINUTE, 1, 0, 0, 0),
        PeriodName.WEEK: Figures(120 * MINUTE, 2, 0, 1, 0),
        PeriodName.MONTH: Figures(120 * MINUTE, 2, 0, 1, 0),
        PeriodName.ALL: Figures(120 * MINUTE, 2, 0, 1, 0),
    }
    assert mira.by_server == ((SERVER, Figures(120 * MINUTE, 2, 0, 1, 0)),)
    assert mira.account.uuid == MIRA
    assert mira.streaks == Streaks(now=2, longest=2)
    assert mira.on == ((SERVER, to_ms(at("4 01:30:00"))),)
    assert mira.known == Acquaintance(mira.account.number, to_ms(at("3 20:00:00")), to_ms(at("4 02:00:00")))
    assert mira.rank == Rank(1, 3)
    assert (mira.basis.percent, mira.basis.since_ms) == (100, to_ms(at("3 19:00:00")))
    assert mira.game is None


async def test_nobody_is_there_whom_nobody_saw(evening: Desk) -> None:
    async with evening.parts.store.reading() as conn:
        assert await find_player(conn, evening.parts.settings, "Nobody") is None


@pytest.mark.parametrize(
    ("by", "period", "expected"),
    [
        (By.SECONDS, PeriodName.ALL, [(1, "Mira", 7200), (2, "Noah", 105 * 60 + 601), (3, "Lena", 4500)]),
        (By.SECONDS, PeriodName.WEEK, [(1, "Mira", 7200), (2, "Noah", 105 * 60 + 601), (3, "Lena", 4500)]),
        (By.SECONDS, PeriodName.DAY, [(1, "Lena", 2700), (2, "Mira", 1800), (3, "Noah", 601)]),
        (By.DEATHS, PeriodName.MONTH, [(1, "Mira", 1)]),
        (By.ADVANCEMENTS, PeriodName.ALL, [(1, "Lena", 1)]),
        (By.ADVANCEMENTS, PeriodName.DAY, []),  # it was before midnight
        (By.SAID, PeriodName.WEEK, [(1, "Noah", 1)]),
    ],
)
async def test_leaderboards(
    evening: Desk, by: By, period: PeriodName, expected: list[tuple[int, str, int]]
) -> None:
    assert await board(evening, by, period) == expected
    assert await board(evening, by, period, "survival") == expected
    assert await board(evening, by, period, "elsewhere") == []


async def test_what_a_week_is_based_on(evening: Desk) -> None:
    """From Monday, midnight, to Saturday, two o'clock, are 122 hours; seven of them were observed: 5.7 %."""
    found = await read_board(evening.parts, evening.parts.settings, By.SECONDS, PeriodName.WEEK, None, most=1)
    assert (found.basis.observed_s, found.basis.elapsed_s) == (7 * 3600, 122 * 3600)
    assert found.basis.percent == 5


async def test_who_shares_a_place(evening: Desk) -> None:
    """Then the next one has the place after both."""
    from sqlalchemy import text  # noqa: PLC0415 - only here is anything written past the functions

    async with evening.parts.store.transaction() as tx:
        await tx.execute(
            text("UPDATE player_periods SET deaths = CASE WHEN seconds > 5000 THEN 4 ELSE 1 END")
        )
    assert await board(evening, By.DEATHS, PeriodName.ALL) == [(1, "Mira", 4), (1, "Noah", 4), (3, "Lena", 1)]


@pytest.mark.parametrize("key", ["hidden-players", "unranked-players"])
async def test_who_is_left_out(open_evening: OpenEvening, key: str) -> None:
    changes: dict[str, Any] = {"privacy": {key: ["MIRA"]}}
    async with open_evening(**changes) as desk:
        assert [name for _, name, _ in await board(desk, By.SECONDS, PeriodName.ALL)] == ["Noah", "Lena"]
        assert (await figures(desk, "Noah")).rank == Rank(1, 2)
        if key == "unranked-players":
            assert (await figures(desk, "Mira")).rank is None
            return
        async with desk.parts.store.reading() as conn:
            assert await find_player(conn, desk.parts.settings, "Mira") is None
            assert await find_player(conn, desk.parts.settings, "Mira", everybody=True) is not None
        assert "Mira" not in await suggested_names(desk.parts, desk.parts.settings, "", most=9)


async def test_names_are_suggested(evening: Desk) -> None:
    """Those who played last come first; with letters typed, in the order of the alphabet."""
    parts, settings = evening.parts, evening.parts.settings
    assert await suggested_names(parts, settings, "", most=2) == ["Mira", "Noah"]
    assert await suggested_names(parts, settings, "nO", most=9) == ["Noah"]
    assert await suggested_names(parts, settings, "x", most=9) == []


async def test_the_sessions_of_a_player(evening: Desk) -> None:
    mira = (await figures(evening, "Mira")).account
    async with evening.parts.store.reading() as conn:
        newest = await stays_of(conn, mira.number, most=2)
        before = await stays_of(conn, mira.number, before_ms=newest[-1].session.began_ms, most=2)
    assert [(stay.session.began_ms, stay.relog) for stay in (*newest, *before)] == [
        (to_ms(at("4 01:30:00")), False),
        (to_ms(at("3 21:04:00")), True),
        (to_ms(at("3 20:00:00")), False),
    ]


@pytest.mark.parametrize(
    ("theirs", "ours", "verdict"),
    [
        (7200, 7200, "same"),
        (7700, 7200, "same"),
        (9000, 7200, "more"),
        (0, 7200, "less"),
        (10**6, 995_000, "same"),
    ],
)
def test_beside_the_game_s_own_count(theirs: int, ours: int, verdict: str) -> None:
    assert GamesCount(theirs_s=theirs, ours_s=ours).verdict == verdict
