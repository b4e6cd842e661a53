"""The demo page over HTTP: its stream, what visitors send, and that hostile text stays text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.simulator.discord.sim import SimDiscord
from bridge.simulator.discord.values import Channel
from bridge.simulator.game import SimGame
from bridge.simulator.web import DemoPage
from bridge.simulator.web.texts import EN, FR, choose_language

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
View = dict[str, Any]


class Stream:
    """An open page, as a browser's EventSource sees it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self, wanted: Callable[[View], bool]) -> View:
        async with asyncio.timeout(5):
            while True:
                line = await self._response.content.readline()
                assert line, "the stream ended"
                if line.startswith(b"data: "):
                    view: View = json.loads(line[6:])
                    if wanted(view):
                        return view

    async def kind(self, kind: str) -> View:
        return await self.next(lambda view: view["type"] == kind)


@dataclass
class Stage:
    game: SimGame
    discord: SimDiscord
    channel: Channel
    page: DemoPage
    session: aiohttp.ClientSession

    async def post(self, path: str, **body: object) -> tuple[int, View]:
        body = {"visitor": "v1", **body}
        async with self.session.post(self.page.url + path, json=body) as response:
            return response.status, await response.json()

    async def open(self, visitor: str = "v1") -> Stream:
        response = await self.session.get(self.page.url + "stream", params={"visitor": visitor})
        return Stream(response)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    game = SimGame(tmp_path)
    await game.start()
    async with SimDiscord() as discord, aiohttp.ClientSession() as session:
        channel = discord.add_channel("minecraft", topic="Talk & <play>")
        status = discord.add_channel("status")
        page = DemoPage(
            game, discord, channel, "http://127.0.0.1:1/embed/rooms/main", absence_s=0.0, beside=status
        )
        await page.start()
        yield Stage(game, discord, channel, page, session)
        await page.stop()
    await game.stop()


async def test_the_page_speaks_the_browsers_language_and_escapes(stage: Stage) -> None:
    for language, texts in (("fr-FR,fr;q=0.9,en;q=0.8", FR), ("de", EN)):
        async with stage.session.get(stage.page.url, headers={"Accept-Language": language}) as response:
            body = await response.text()
        assert texts["lead"] in body
        assert "Talk &amp; &lt;play&gt;" in body
        assert 'src="http://127.0.0.1:1/embed/rooms/main"' in body
        assert 'href="http://127.0.0.1:1/rooms/main"' in body  # with its way to the other pages


async def test_the_policy_allows_own_files_and_the_frame_only(stage: Stage) -> None:
    async with stage.session.get(stage.page.url) as response:
        policy = response.headers["Content-Security-Policy"]
        body = await response.text()
    assert "default-src 'none'" in policy
    assert "frame-src http://127.0.0.1:1;" in policy
    assert "unsafe" not in policy
    assert "style=" not in body
    assert "onclick" not in body


async def test_all_files_of_the_page_are_served(stage: Stage) -> None:
    for name in ("demo.css", "demo.js", "draw.js", "face.js", "mark.svg", "scene.svg"):
        async with stage.session.get(f"{stage.page.url}static/{name}") as response:
            assert response.status == 200
            assert await response.read()
    async with stage.session.get(f"{stage.page.url}static/page.py") as response:
        assert response.status == 404


async def test_no_script_parses_html(stage: Stage) -> None:
    for name in ("demo.js", "draw.js", "face.js"):
        async with stage.session.get(f"{stage.page.url}static/{name}") as response:
            script = await response.text()
        for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
            assert door not in script


async def test_a_new_page_is_told_everything_so_far(stage: Stage) -> None:
    stage.game.join("Mira")
    stage.game.chat("Mira", "hello")
    nora = stage.discord.add_member("Nora")
    await stage.discord.say(stage.channel, nora, "**hi**")
    snapshot = await (await stage.open()).kind("snapshot")
    assert snapshot["roster"] == {"type": "roster", "players": ["Mira"], "running": True}
    assert snapshot["shown"][-1]["runs"] == [{"text": "<Mira> hello"}]
    assert snapshot["log"][-1]["text"] == "[Not Secure] <Mira> hello"
    (message,) = snapshot["messages"]
    assert (message["author"], message["app"]) == ("Nora", False)
    assert message["nodes"][0]["nodes"][0]["kind"] == "bold"


async def test_the_channel_beside_shows_its_newest_message_above(stage: Stage) -> None:
    (status,) = [each for each in stage.discord.world.channels.values() if each.name == "status"]
    bot = stage.discord.add_member("Bot")
    stream = await stage.open()
    assert (await stream.kind("snapshot"))["pinned"] == {"type": "pinned"}
    said = await stage.discord.say(status, bot, embeds=[{"title": "Survival", "description": "<t:1:R>"}])
    (embed,) = (await stream.kind("pinned"))["message"]["embeds"]
    assert embed["title"] == "Survival"
    assert embed["description"][0]["nodes"] == [{"kind": "ago", "text": "1"}]
    assert (await (await stage.open("v2")).kind("snapshot"))["pinned"]["message"]["id"] == said.id
    await stage.discord.delete(said)
    assert await stream.kind("pinned") == {"type": "pinned"}


async def test_a_visitor_plays_and_leaves_when_the_page_is_closed(stage: Stage) -> None:
    response = await stage.session.get(stage.page.url + "stream", params={"visitor": "v1"})
    assert await stage.post("game", name="Visitor", text="hi\nall §cred") == (200, {"reply": ""})
    assert "<Visitor> hi all  cred" in stage.game.log.latest.read_text()
    other = await stage.open("v2")
    await other.kind("snapshot")
    response.close()
    await other.next(lambda view: view["type"] == "roster" and not view["players"])
    assert "Visitor left the game" in stage.game.log.latest.read_text()


async def test_what_cannot_be_said_is_answered_in_words(stage: Stage) -> None:
    stage.game.join("Mira")
    for name, text, problem in (
        ("a b", "hi", EN["bad_name"]),
        ("Mira", "hi", EN["taken"].format(name="Mira")),
        ("Visitor", "x" * 257, EN["too_long"].format(most=256)),
        ("Visitor", " ", "there is nothing to say"),
    ):
        assert await stage.post("game", name=name, text=text) == (400, {"problem": problem})
    await stage.game.stop()
    assert await stage.post("game", name="Visitor", text="hi") == (400, {"problem": EN["server_down"]})


async def test_a_command_is_answered_to_the_player_alone(stage: Stage) -> None:
    status, answer = await stage.post("game", name="Visitor", text="/list")
    assert status == 200
    assert answer["reply"] == "There are 1 of a max of 20 players online: Visitor"


async def test_a_member_writes_edits_and_removes(stage: Stage) -> None:
    stream = await stage.open()
    status, answer = await stage.post("discord", name="Visitor", text="hello")
    assert status == 200
    created = await stream.kind("message")
    assert (created["author"], created["author_id"]) == ("Visitor", answer["member"])
    foreign = await stage.post("discord/edit", visitor="v2", id=created["id"], text="mine now")
    assert foreign[0] == 400
    assert (await stage.post("discord/edit", id=created["id"], text="hello there"))[0] == 200
    edited = await stream.kind("message")
    assert (edited["id"], edited["markup"], edited["edited"]) == (created["id"], "hello there", True)
    assert (await stage.post("discord/remove", id=created["id"]))[0] == 200
    assert (await stream.kind("removed"))["ids"] == [created["id"]]


async def test_a_slash_command_without_a_bot_is_refused_in_words(stage: Stage) -> None:
    status, answer = await stage.post("discord", name="Visitor", text="/list")
    assert status == 400
    assert "/list" in answer["problem"]


async def test_hostile_text_crosses_as_text_only(stage: Stage) -> None:
    """It is data in the stream's JSON, and never part of a page that is parsed as HTML."""
    stream = await stage.open()
    await stage.post("discord", name="<b>Eve</b>", text=HOSTILE)
    message = await stream.kind("message")
    assert message["author"] == "<b>Eve</b>"
    assert "".join(node.get("text", "") for node in message["nodes"][0]["nodes"]) == HOSTILE
    stage.game.join("Mira")
    component = json.dumps({"text": HOSTILE})
    assert stage.game.command(f"tellraw @a {component}", source="Rcon") == ""
    shown = await stream.next(lambda view: view["type"] == "shown" and view["origin"] == "tellraw")
    assert shown["runs"] == [{"text": HOSTILE}]
    async with stage.session.get(stage.page.url) as response:
        assert "onerror" not in await response.text()


async def test_another_site_cannot_type(stage: Stage) -> None:
    body = json.dumps({"visitor": "v1", "name": "Visitor", "text": "hi"})
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json", "Origin": "https://evil.example"},
    ):
        url = stage.page.url + "game"
        async with stage.session.post(url, data=body, headers=headers) as response:
            assert response.status == 400
    assert "Visitor" not in stage.game.online


async def test_the_meter_counts_what_crosses(stage: Stage) -> None:
    stream = await stage.open()
    hook = stage.discord.add_webhook(stage.channel, "Passerelle")
    stage.game.join("Mira_")
    stage.game.chat("Mira_", "a _line_ from the game")
    await stage.post("discord", name="Visitor", text="a line from Discord")
    await stage.discord.say_by_webhook(hook, r"a \_line\_ from the game", username="Mira_")
    stage.game.command('tellraw @a {"text":"[D] Visitor: a line from Discord"}')
    stage.game.command('tellraw @a {"text":"[Web] Zoe: a line from nowhere"}')
    meter = await stream.next(lambda view: view["type"] == "meter" and view["site_to_both"]["lines"] == 1)
    for direction in ("game_to_discord", "discord_to_game"):
        assert meter[direction]["lines"] == 1
        assert meter[direction]["last_ms"] >= 0


def test_both_languages_say_everything() -> None:
    assert EN.keys() == FR.keys()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("fr", "fr"), ("de-DE, fr;q=0.5, en;q=0.4", "fr"), ("fr;q=0", "en"), ("\x00,;q=", "en")],
)
def test_the_language_follows_the_browser(accepted: str, language: str) -> None:
    assert choose_language(accepted) == language
