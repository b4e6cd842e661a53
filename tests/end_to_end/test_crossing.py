"""A line said in one place is read in the others: once, in order, and never as an echo."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Running, Town


async def test_a_line_said_in_the_game_is_read_on_discord_and_on_the_website(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        town.game.chat("Alix", "good evening")
        post = await town.post("good evening")
        assert (post.author.name, post.content) == ("Alix", "good evening")
        assert "Alix" in await page.line("good evening")
        assert "good evening" in await page.text()
        assert await waiting(bridge) == [], "nobody's own lines wait to be told to them"


async def test_a_line_said_on_discord_is_read_in_the_game_and_on_the_website(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        await town.say("hello from the couch")
        line = await town.seen("hello from the couch")
        assert line.plain == "[Discord] <Mira> hello from the couch"
        assert line.players == ("Alix", "Boris", "Chloe")
        assert "Mira" in await page.line("hello from the couch")


async def test_a_line_said_on_the_website_is_read_in_the_game_and_on_discord(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        assert await page.say("Visitor", "is anybody there?") == 200
        line = await town.seen("is anybody there?")
        assert line.plain == "[Website] <Visitor> is anybody there?"
        post = await town.post("is anybody there?")
        assert post.author.name == "Visitor"
        assert "Visitor" in await page.line("is anybody there?")


async def test_lines_cross_once_and_in_order_and_no_echo_comes_back(town: Town) -> None:
    async with town.bridge():
        for number in range(40):
            town.game.chat("Alix", f"game {number}")
            await town.say(f"discord {number}")
        await town.quiet()
        told = [line for line in town.told() if "mark" not in line]
        assert [line.split()[-1] for line in told] == [str(number) for number in range(40)]
        seen = [line for shown in town.game.received for line in shown.plain.split("\n")]
        assert seen[:-1] == [f"[Discord] <Mira> discord {number}" for number in range(40)]
        assert "back" in seen[-1]


async def waiting(bridge: Running) -> list[str]:
    """Return the readers that have something to do, once they have had the time to do it.

    But for the counter, which rests for some seconds.
    """
    readers = [reader for reader in bridge.house.parts.journal.readers() if reader.name != "metrics"]
    assert len(readers) >= 4
    busy: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            while busy := [str(each.name) for each in readers if (await each.waiting(most=1)).count]:  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.01)
    return busy
