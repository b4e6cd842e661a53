"""The leaderboard for everybody, and every player for staff."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from bridge.config.access import Bundle
from bridge.events import PlayerIdentified
from tests.features.small_log import LOG, SERVER, UUIDS, at, derive

if TYPE_CHECKING:
    from tests.features.conftest import Desk
    from tests.features.playtime.conftest import OpenEvening

FIELDS = ["online", "playtime", "deaths", "advancements"]


def rows(html: str) -> list[list[str]]:
    """Return the words of each row below a table's head, of all tables."""
    found = re.findall(r"<tr>(.*?)</tr>", html.replace("\n", ""), re.DOTALL)
    cells = [
        re.findall(r"<(?:td|th)[^>]*>(.*?)</(?:td|th)>", row) for row in found if 'scope="col"' not in row
    ]
    return [[re.sub("<[^>]*>", "", cell).strip() for cell in row] for row in cells]


async def test_the_leaderboard_of_the_week(evening: Desk) -> None:
    """Noah: 105 minutes, and ten and a second."""
    html = await evening.page("/leaderboard")
    assert rows(html) == [["1", "Mira", "2 h"], ["2", "Noah", "1 h 55 min"], ["3", "Lena", "1 h 15 min"]]
    assert "5\u00a0% of this week so far was observed." in html
    assert "midnight in Europe/Paris" in html
    assert '<a href="/leaderboard" aria-current="page">Leaderboard</a>' in html
    assert rows(await evening.page("/leaderboard?period=day")) == [
        ["1", "Lena", "45 min"],
        ["2", "Mira", "30 min"],
        ["3", "Noah", "10 min 1 s"],
    ]
    assert "Classement" in await evening.page("/leaderboard?server=survival&period=all", language="fr")


async def test_other_figures_are_compared_where_players_pages_show_them(open_evening: OpenEvening) -> None:
    async with open_evening(website={"leaderboard": True, "player-fields": FIELDS}) as desk:
        assert rows(await desk.page("/leaderboard?by=deaths")) == [["1", "Mira", "1 death"]]
        assert rows(await desk.page("/leaderboard?by=advancements&period=day")) == []
        assert "The first one here is first." in await desk.page("/leaderboard?by=advancements&period=day")
        assert await desk.status("/leaderboard?by=said") == 404


@pytest.mark.parametrize("query", ["by=deaths", "by=said", "by=x", "period=year", "server=elsewhere"])
async def test_what_is_not_to_be_chosen_is_not_there(evening: Desk, query: str) -> None:
    assert await evening.status(f"/leaderboard?{query}") == 404


@pytest.mark.parametrize("website", [{}, {"leaderboard": True, "show-players": False}])
async def test_the_leaderboard_is_there_only_where_it_is_opened(
    open_evening: OpenEvening, website: dict[str, Any]
) -> None:
    async with open_evening(website=website) as desk:
        assert await desk.status("/leaderboard") == 404


@pytest.mark.parametrize("key", ["hidden-players", "unranked-players"])
async def test_who_is_on_no_leaderboard(open_evening: OpenEvening, key: str) -> None:
    async with open_evening(website={"leaderboard": True}, privacy={key: ["mira"]}) as desk:
        html = await desk.page("/leaderboard")
    assert "Mira" not in html
    assert [row[:2] for row in rows(html)] == [["1", "Noah"], ["2", "Lena"]]


async def test_a_hidden_player_is_hidden_under_a_new_name(open_evening: OpenEvening) -> None:
    async with open_evening(website={"leaderboard": True}, privacy={"hidden-players": ["Mira"]}) as desk:
        renamed = PlayerIdentified(at=at("4 01:55:00"), server=SERVER, player="Myra", uuid=UUIDS["Mira"])
        await derive(desk.parts.store, desk.parts.journal, [*LOG, renamed])
        assert "Myra" not in await desk.page("/leaderboard")
        await desk.sign_in(Bundle.HELPER)
        html = await desk.page("/staff/players/Myra")
        assert "Other names: <bdi>mira</bdi>" in html


async def test_staff_find_a_player(open_evening: OpenEvening) -> None:
    async with open_evening(privacy={"hidden-players": ["Mira"]}) as desk:
        await desk.sign_in(Bundle.HELPER)
        assert [row[0] for row in rows(await desk.page("/staff/players"))] == ["Mira", "Noah", "Lena"]
        assert [row[0] for row in rows(await desk.page("/staff/players?name=nO"))] == ["Noah"]
        assert "No player's name begins so." in (await desk.page("/staff/players?name=x")).replace(
            "&#39;", "'"
        )


async def test_everything_about_a_player(evening: Desk) -> None:
    """Noah: 105 minutes until the crash, of which nobody saw the end, and 10:01 the night after."""
    await evening.sign_in(Bundle.HELPER)
    html = await evening.page("/staff/players/Noah")
    day, week, month, ever, survival, newest, crashed = rows(html)[:7]
    assert day == ["Today", "10 min 1 s", "1", "0", "0", "0"]
    assert week[1:] == month[1:] == ever[1:] == survival[1:] == ["1 h 55 min", "2", "0", "0", "1"]
    assert newest[2:] == ["10 min 1 s", "Survival", ""]
    assert crashed[2:] == ["1 h 45 min", "Survival", "the server crashed, the end is estimated"]
    assert "2 of 3" in html
    assert UUIDS["Noah"] in html


async def test_a_relog_and_who_is_still_on(evening: Desk) -> None:
    await evening.sign_in(Bundle.HELPER)
    html = await evening.page("/staff/players/Mira")
    sessions = rows(html)[5:]
    assert sessions[0][1:] == ["still on", "30 min", "Survival", ""]
    assert sessions[1][2:] == ["30 min", "Survival", "goes on with the one before"]
    assert "is playing on <strong>Survival</strong>" in html
    french = await evening.page("/staff/players/Mira", language="fr")
    assert "continue la précédente" in french


async def test_addresses_of_players(evening: Desk) -> None:
    """Another spelling leads to the name as it is; what is not there is not found."""
    assert await evening.status("/staff/players/Mira") in (302, 303, 401, 403)
    await evening.sign_in(Bundle.HELPER)
    assert await evening.status("/staff/players/mIRA") == 303
    assert await evening.status("/staff/players/Nobody") == 404
    assert await evening.status("/staff/players/" + "x" * 200) == 404
    assert await evening.status("/staff/players/Mira?before=then") == 400
    await evening.sign_in(Bundle.PLAYER)
    assert await evening.status("/staff/players/Mira") == 403


async def test_older_sessions(evening: Desk) -> None:
    await evening.sign_in(Bundle.HELPER)
    before = round(at("3 21:00:00").timestamp() * 1000)
    html = await evening.page(f"/staff/players/Mira?before={before}")
    assert len(rows(html)[5:]) == 1
