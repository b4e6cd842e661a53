"""What the commands answer about the players of the small log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.config.settings import Language
from bridge.discord import Caller, CommandCall
from bridge.events import ChannelId
from bridge.features.playtime.answers import Answers
from tests.features.small_log import at

if TYPE_CHECKING:
    from tests.features.conftest import Desk
    from tests.features.playtime.conftest import OpenEvening

SINCE = f"<t:{round(at('3 19:00:00').timestamp())}:D>"


async def tell(
    desk: Desk, command: str, *, language: Language = Language.EN, caller: str = "Somebody", **values: str
) -> str:
    """Return what a member reads."""
    call = CommandCall(
        command=command,
        channel=ChannelId("1"),
        caller=Caller(id="1", name=caller, roles=frozenset(), administrator=False),
        language=language,
        values=values,
    )
    answer = await Answers(desk.parts, desk.parts.settings).give(command, call)
    assert answer.ephemeral
    return answer.content


async def test_playtime(evening: Desk) -> None:
    assert await tell(evening, "playtime", player="mira") == (
        "**Mira** has played 2 h so far on all servers, in 2 sessions.\n"
        f"Since {SINCE}, 100\u00a0% of the time was observed."
    )
    assert await tell(evening, "playtime", player="Noah", period="day", server="survival") == (
        "**Noah** has played 10 min 1 s today on **Survival**, in 1 session.\n"
        "100\u00a0% of today so far was observed."
    )
    assert await tell(evening, "playtime", language=Language.FR, player="Lena", period="week") == (
        "**Lena** a joué 1 h 15 min cette semaine sur tous les serveurs, en 1 session.\n"
        "5\u00a0% de la semaine en cours a été observé."
    )


async def test_playtime_of_the_member_s_own_name(evening: Desk) -> None:
    assert (await tell(evening, "playtime", caller="lena")).startswith("**Lena** has played 1 h 15 min")
    told = await tell(evening, "playtime", caller="Some*body")
    assert told == "No player is called “Some\\*body” as you are here. Please choose one under `player`."


@pytest.mark.parametrize("command", ["playtime", "stats", "seen"])
async def test_hidden_and_unknown_players_look_alike(open_evening: OpenEvening, command: str) -> None:
    async with open_evening(privacy={"hidden-players": ["Mira"]}) as desk:
        hidden = await tell(desk, command, player="Mira")
        assert hidden == "No player called “Mira” has been seen here."
        assert await tell(desk, command, player="Nobody") == hidden.replace("Mira", "Nobody")


async def test_stats(evening: Desk) -> None:
    joined = round(at("3 20:30:00").timestamp())
    left = round(at("4 01:10:01").timestamp())
    assert (await tell(evening, "stats", player="Noah")).split("\n") == [
        "**Noah**",
        "Played 1 h 55 min in 2 sessions: today 10 min 1 s, this week 1 h 55 min, this month 1 h 55 min.",
        "Days in a row: 2 days now, 2 days at most.",
        "0 deaths, 0 advancements, 1 line said.",
        "Place 2 of 3 by play time.",
        f"**Noah** was last here <t:{left}:R>. First seen <t:{joined}:D>.",
        f"Since {SINCE}, 100\u00a0% of the time was observed.",
    ]


async def test_seen(evening: Desk) -> None:
    began = round(at("4 01:30:00").timestamp())
    assert await tell(evening, "seen", player="Mira") == (
        f"**Mira** is playing on **Survival**, since <t:{began}:R>."
    )


async def test_leaderboard(evening: Desk) -> None:
    assert (await tell(evening, "leaderboard")).split("\n") == [
        "**Play time**, this week, on all servers",
        "1\\. **Mira** · 2 h",
        "2\\. **Noah** · 1 h 55 min",
        "3\\. **Lena** · 1 h 15 min",
        "5\u00a0% of this week so far was observed.",
    ]
    told = await tell(evening, "leaderboard", by="advancements", period="day")
    assert told.split("\n")[1] == "Nobody yet."
    assert "1 mort" in await tell(evening, "leaderboard", by="deaths", language=Language.FR)


async def test_a_server_that_is_not_there(evening: Desk) -> None:
    told = await tell(evening, "leaderboard", server="elsewhere")
    assert told == "There is no server called “elsewhere” here. Survival"
