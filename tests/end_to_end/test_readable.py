"""Everything that a Discord message can hold is readable in the game."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.simulator.discord import Upload

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

PICTURE = Upload(filename="castle.png", content_type="image/png", data=b"\x89PNG")
NOTES = Upload(filename="notes.txt", content_type="text/plain", data=b"notes")


async def test_a_reply_says_whom_and_what_it_answers(town: Town) -> None:
    async with town.bridge():
        first = await town.say("who wants to build?")
        await town.seen("who wants to build?")
        other = town.discord.add_member("Otto")
        await town.discord.say(town.channel, other, "me", reply_to=first)
        line = await town.seen("(to Mira")
        assert line.plain == "[Discord] <Otto> (to Mira: who wants to build?) me"


async def test_an_answer_to_a_players_line_names_the_player(town: Town) -> None:
    async with town.bridge():
        town.game.chat("Alix", "who wants to build?")
        post = await town.post("who wants to build?")
        await town.say("me", reply_to=post)
        assert (await town.seen("(to ")).plain == "[Discord] <Mira> (to Alix: who wants to build?) me"


async def test_files_are_named_and_can_be_opened(town: Town) -> None:
    async with town.bridge():
        await town.say("look", attachments=[PICTURE, NOTES])
        line = await town.seen("look")
        assert line.plain == "[Discord] <Mira> look 🖼️ castle.png 📎 notes.txt"
        links = [run.link for run in line.component.runs if run.link]
        assert [link.rsplit("/", 1)[1].partition("?")[0] for link in links] == ["castle.png", "notes.txt"]


async def test_a_file_without_words_is_a_line_too(town: Town) -> None:
    async with town.bridge():
        await town.say("", attachments=[PICTURE])
        assert (await town.seen("castle.png")).plain == "[Discord] <Mira> 🖼️ castle.png"


async def test_stickers_polls_and_embeds_are_named(town: Town) -> None:
    poll = {"question": {"text": "Which day?"}, "answers": [{"poll_media": {"text": "Saturday"}}]}
    helper = town.discord.add_member("Helper", bot=True)  # below a person's words, a box is only a preview
    async with town.bridge(discord={"relay-bots": True}):
        await town.say("", stickers=["Wave"])
        await town.seen("Wave")
        await town.say("", poll=poll)
        assert (await town.seen("Which day?")).plain == "[Discord] <Mira> 📊 Poll: Which day?"
        rules = {"title": "The rules", "url": "https://example.org/rules"}
        await town.discord.say(town.channel, helper, "read this", embeds=[rules])
        line = await town.seen("The rules")
        assert "https://example.org/rules" in {run.link for run in line.component.runs}


async def test_mentions_emoji_and_times_are_words(town: Town) -> None:
    role = town.discord.add_role("Builders", colour=0x3366CC)
    otto = town.discord.add_member("Otto", roles=[role])
    async with town.bridge(community={"time-zone": "Europe/Paris"}):
        await town.say(
            f"<@{otto.id}> and <@&{role.id}> meet in <#{town.channel.id}> "
            "<t:1700000000:f> <:castle:123456789012345678> <a:party:123456789012345678>"
        )
        line = await town.seen("meet in")
        assert "@Otto and @Builders meet in #main" in line.plain
        assert ":castle: :party:" in line.plain
        assert "23:13" in line.plain  # 22:13 UTC
        assert "<t:" not in line.plain


async def test_links_can_be_clicked_and_show_where_they_lead(town: Town) -> None:
    async with town.bridge():
        await town.say("see https://example.org/a_b and [the map](https://map.example/x) now")
        line = await town.seen("see ")
        links = {run.link: run for run in line.component.runs if run.link}
        assert links["https://example.org/a_b"].text == "https://example.org/a_b"
        masked = links["https://map.example/x"]
        assert (masked.text, masked.hover) == ("the map", "https://map.example/x")


async def test_markdown_has_its_looks_in_the_game(town: Town) -> None:
    async with town.bridge():
        await town.say("**loud** *soft* ~~gone~~ __under__")
        line = await town.seen("loud")
        assert line.plain == "[Discord] <Mira> loud soft gone under"
        looks = {run.text.strip(): {str(form) for form in run.formats} for run in line.component.runs}
        assert looks["loud"] == {"bold"}
        assert looks["soft"] == {"italic"}
        assert looks["gone"] == {"strikethrough"}
        assert looks["under"] == {"underlined"}


async def test_a_very_long_message_is_cut_in_the_game_and_whole_elsewhere(town: Town) -> None:
    long = " ".join(f"word{number}" for number in range(200))
    async with town.bridge() as bridge, bridge.page() as page:
        await town.say(long)
        line = await town.seen("word0")
        assert len(line.plain) < 300
        assert "word199" in await page.line("word0")


async def test_many_lines_at_once_are_shown_in_few_commands_each_once_and_in_order(town: Town) -> None:
    async with town.bridge():
        town.game.rcon.faults.delay_s = 0.02
        for number in range(200):
            await town.say(f"line {number}")
        await town.quiet()
        shown = [line for received in town.game.received for line in received.plain.split("\n")]
        assert [line.split()[-1] for line in shown[:200]] == [str(number) for number in range(200)]
        assert len(town.game.received) < 100


async def test_members_words_can_be_read_in_every_version_of_the_game(town: Town) -> None:
    other = await town.add_game("old", dialect="forge-1.12")
    async with town.bridge(servers={"old": {"rcon": {"components": "old"}}}):
        await town.say("see https://example.org/")
        for game in (town.game, other):
            line = await town.seen("see ", game=game)
            assert "https://example.org/" in {run.link for run in line.component.runs}
