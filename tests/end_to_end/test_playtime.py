"""Players' figures as members ask for them on Discord, of a game that is played."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge.features.sessions.reader import NAME
from bridge.store.readers import reader_position

if TYPE_CHECKING:
    from bridge.app import House
    from tests.end_to_end.conftest import Town


async def ask(town: Town, name: str, *, locale: str = "en-US", **options: str) -> str:
    """Use a command and return what the member reads."""
    used = await town.discord.use_command(town.member, town.channel, name, options, locale=locale)
    assert used.ephemeral
    return used.text


async def counted(house: House) -> None:
    """Wait until the statistics have read everything that has happened."""
    parts = house.parts
    newest = await parts.journal.grown(-1)
    async with asyncio.timeout(15):
        while True:
            async with parts.store.reading() as conn:
                if (await reader_position(conn, NAME) or 0) >= newest:
                    return


async def test_who_plays_is_seen_suggested_and_ranked(town: Town) -> None:
    async with town.bridge(privacy={"hidden-players": ["Chloe"]}) as bridge:
        await town.discord.wait_for(
            lambda: any(r.path.endswith("/commands") for r in town.discord.requests), 15
        )
        await town.quiet()
        town.game.leave("Boris")
        await town.post("Boris")
        await counted(bridge.house)
        assert (await ask(town, "seen", player="alix")).startswith(
            "**Alix** is playing on **survival**, since <t:"
        )
        assert "**Boris** was last here <t:" in await ask(town, "seen", player="Boris")
        assert await ask(town, "seen", player="Chloe") == "No player called “Chloe” has been seen here."
        assert "Aucun joueur nommé « Nobody »" in (
            (await ask(town, "stats", locale="fr", player="Nobody")).replace("\u202f", " ")
        )
        told = (await ask(town, "leaderboard", period="all")).split("\n")
        assert told[0] == "**Play time**, so far, on all servers"
        assert "% of the time was observed." in told[-1]
        offered = await town.discord.complete(town.member, town.channel, "seen", option="player", typed="")
        assert sorted(choice["name"] for choice in offered) == ["Alix", "Boris"]
        offered = await town.discord.complete(
            town.member, town.channel, "playtime", option="player", typed="aL"
        )
        assert [choice["value"] for choice in offered] == ["Alix"]
