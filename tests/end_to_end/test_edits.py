"""What is edited or removed in one place is edited or removed in the others, where the settings say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town


async def test_an_edit_reaches_the_archive_the_website_and_the_game(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        message = await town.say("teh plan")
        await page.line("teh plan")
        await town.seen("teh plan")
        await town.discord.edit(message, "the plan")
        assert (await town.seen("the plan")).plain == "[Discord] <Mira> the plan (edited)"
        assert "the plan" in await page.event("edited")
        text = await page.text()
        assert "the plan" in text
        assert "teh plan" not in text


async def test_a_preview_of_a_link_is_not_an_edit(town: Town) -> None:
    async with town.bridge():
        message = await town.say("look: https://example.org/")
        await town.seen("example.org")
        await town.discord.unfurl(
            message, {"type": "link", "title": "Example", "url": "https://example.org/"}
        )
        await town.quiet()
        assert [line.plain for line in town.game.received if "edited" in line.plain] == []


async def test_edits_stay_out_of_the_game_where_the_settings_say_so(town: Town) -> None:
    async with town.bridge(rooms={"main": {"edits-in-game": False}}) as bridge, bridge.page() as page:
        message = await town.say("teh plan")
        await town.seen("teh plan")
        await town.discord.edit(message, "the plan")
        await page.event("edited")
        await town.quiet()
        assert not [line for line in town.game.received if "the plan" in line.plain]


async def test_a_removal_reaches_the_archive_and_the_website(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        message = await town.say("my address is secret")
        await page.line("my address")
        await town.discord.delete(message)
        await page.event("removed")
        assert "my address" not in await page.text()
        await town.quiet()
        assert not [line for line in town.game.received if "removed" in line.plain]


async def test_a_removal_is_told_in_the_game_where_the_settings_say_so(town: Town) -> None:
    async with town.bridge(rooms={"main": {"removals-in-game": True}}):
        message = await town.say("rude words")
        await town.seen("rude words")
        await town.discord.delete(message)
        assert (await town.seen("removed")).plain == "A message from Mira was removed."


async def test_removing_our_copy_removes_the_players_line(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as page:
        town.game.chat("Alix", "rude words")
        post = await town.post("rude words")
        await page.line("rude words")
        await town.discord.delete(post)
        await page.event("removed")
        assert "rude words" not in await page.text()


async def test_what_changed_while_the_bridge_was_down_is_caught_up(town: Town) -> None:
    async with town.bridge():
        await town.say("before")
        await town.seen("before")
    await town.say("meanwhile 1")
    await town.say("meanwhile 2")
    town.game.chat("Alix", "game meanwhile")
    async with town.bridge() as bridge:
        await town.seen("meanwhile 2")
        await town.post("game meanwhile")
        await town.quiet()
        seen = [line for shown in town.game.received for line in shown.plain.split("\n")]
        assert [line.split("> ")[1] for line in seen[:3]] == ["before", "meanwhile 1", "meanwhile 2"]
        assert len(seen) == 4
        assert "meanwhile 1" in await bridge.page().text()
