"""What other programs make the bridge say is told on Discord and in the game: in its place, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from bridge.events import ChannelId, ChatSaid, ServerId, Speaker, SpeakerKind, server_end
from bridge.features.announcing import announcement
from bridge.journal import Draft, RecordId, SourceName, SqliteJournal
from bridge.simulator.discord import Channel
from bridge.store import Store
from tests.end_to_end.conftest import merged, until
from tests.end_to_end.test_kill import EXECUTE, QUIET, RUNS_S, counted

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

SURVIVAL: Final = ServerId("survival")
URL: Final = "https://blog.example.org/7"
POST: Final = {"post": {"channel": "news", "text": "x"}}
HOOKS: Final[dict[str, Any]] = {"in": {"shop": {"secret": "0123456789abcdef", "then": [POST]}}}
"""What gives a channel its delivery that is in no room."""


def made(
    markup: str, *channels: Channel, key: str = "7", servers: tuple[ServerId, ...] = (SURVIVAL,)
) -> Draft:
    return announcement(
        "hook:shop",
        key,
        at=datetime.now(UTC),
        markup=markup,
        channels=[ChannelId(str(channel.id)) for channel in channels],
        servers=servers,
        url=URL,
    )


def said(name: str, text: str, *, late: bool = False) -> Draft:
    """Return what a player said, as its log's source would append it."""
    speaker = Speaker(kind=SpeakerKind.PLAYER, name=name)
    event = ChatSaid(at=datetime.now(UTC), end=server_end(SURVIVAL), speaker=speaker, text=text)
    source = SourceName("test")
    return Draft(id=RecordId(f"test:{text}"), source=source, place=text, event=event, late=late)


def contents(town: Town, channel: Channel | None = None) -> list[tuple[str, str]]:
    return [(post.author.name, post.content) for post in town.posts(channel)]


async def test_an_announcement_keeps_its_place_among_the_lines(town: Town) -> None:
    news = town.discord.add_channel("news")
    async with town.bridge(hooks=HOOKS) as bridge, bridge.page() as page:
        await bridge.house.parts.journal.append(
            said("Alix", "before"), made("# News\n**everyone**", town.channel, news), said("Alix", "after")
        )
        await town.posted(3)
        assert contents(town) == [
            ("Alix", "before"),
            ("Our community", "# News\n**everyone**"),
            ("Alix", "after"),
        ]
        await town.posted(1, channel=news)
        assert contents(town, news) == [("Our community", "# News\n**everyone**")]
        assert f"News everyone {URL}" in await page.line("News")
        assert f"News everyone {URL}" in await page.text()


async def test_players_read_it_among_what_is_said_on_discord(town: Town) -> None:
    async with town.bridge() as bridge:
        await town.say("before")
        await town.seen("before")
        await bridge.house.parts.journal.append(made("**News**\nfor `all`"))
        seen = await town.seen("News")
        await town.say("after")
        await town.seen("after")
        assert [line for received in town.game.received for line in received.plain.split("\n")] == [
            "[Discord] <Mira> before",
            f"[Our community] News for all {URL}",
            "[Discord] <Mira> after",
        ]
        assert f'"click_event":{{"action":"open_url","url":"{URL}"}}' in seen.source


async def test_a_server_and_a_channel_in_no_room_are_told_too(town: Town) -> None:
    other, news = await town.add_game("creative"), town.discord.add_channel("news")
    rooms = {"main": {"servers": ["survival"]}}
    hooks = {"in": {"shop": {"then": [{**POST, "say": {"servers": ["creative"], "text": "x"}}]}}}
    async with town.bridge(rooms=rooms, hooks=merged(HOOKS, hooks)) as bridge:
        await bridge.house.parts.journal.append(made("News", news, servers=(ServerId("creative"),)))
        await town.post("News", channel=news)
        await town.seen("News", game=other)
        await town.quiet()
    assert not any("News" in received.plain for received in town.game.received)
    assert not any("News" in post.content for post in town.posts())


async def test_nobody_is_pinged_whatever_is_announced(town: Town) -> None:
    allowed = ["users", "roles", "everyone"]  # to players
    async with town.bridge(discord={"allowed-mentions": allowed}) as bridge:
        markup = f"@everyone <@{town.member.id}> hello"
        await bridge.house.parts.journal.append(made(markup, town.channel))
        post = await town.post("hello")
    assert post.content == markup
    assert not post.pinged


async def test_what_is_announced_during_an_outage_is_delivered_and_never_folded(town: Town) -> None:
    async with town.bridge() as bridge:
        announced = msgspec.structs.replace(made("News", town.channel), late=True)
        await bridge.house.parts.journal.append(
            said("Alix", "old a", late=True),
            said("Boris", "old b", late=True),
            announced,
            said("Alix", "old c", late=True),
        )
        await town.posted(3)
        first, second, third = (content for _, content in contents(town))
        assert ["2 messages" in first, "old a" in first, "old b" in first] == [True] * 3
        assert second == "News"
        assert ["One message" in third, "old c" in third] == [True] * 2
        assert (await town.seen("News")).plain == f"[Our community] News {URL}"


async def test_what_waits_through_an_outage_is_delivered_as_it_is(town: Town) -> None:
    async with town.bridge(relay={"late-after": "1ms"}) as bridge:
        town.discord.faults.start_outage()
        await bridge.house.parts.journal.append(
            said("Alix", "before"), made("News", town.channel), said("Alix", "after")
        )
        assert (await town.seen("News")).plain == f"[Our community] News {URL}"
        town.discord.faults.end_outage()
        await town.posted(3)
        first, second, third = (content for _, content in contents(town))
        assert ["One message" in first, "before" in first] == [True, True]
        assert second == "News"
        assert ["One message" in third, "after" in third] == [True, True]


async def test_a_long_announcement_comes_in_parts_and_a_page_shows_it_whole(town: Town) -> None:
    lines = [f"{number}. {'word ' * 15}end" for number in range(1, 61)]
    async with town.bridge() as bridge:
        await bridge.house.parts.journal.append(made("\n".join(lines), town.channel), said("Alix", "after"))
        await town.post("after")
        parts = [content for _, content in contents(town)][:-1]
        assert len(parts) == 3
        assert "\n".join(parts).split("\n") == lines
        _, html = await bridge.get("/rooms/main")
        assert html.count("word end") == 60


async def test_appended_again_it_is_told_no_second_time(town: Town) -> None:
    async with town.bridge() as bridge:
        await bridge.house.parts.journal.append(made("News", town.channel))
        await town.post("News")
        await town.seen("News")
    async with town.bridge() as bridge:
        await bridge.house.parts.journal.append(made("News, changed", town.channel))
        await town.quiet()
    assert [content for _, content in contents(town) if "News" in content] == ["News"]
    assert sum("News" in received.plain for received in town.game.received) == 1


async def appended(town: Town, *drafts: Draft) -> None:
    """Append facts while no bridge runs."""
    async with await Store.open(town.folder / "data") as store, SqliteJournal(store) as journal:
        await journal.append(*drafts)


@pytest.mark.timeout(120)  # several starts
async def test_killed_between_sending_and_noting_it_an_announcement_is_not_doubled(town: Town) -> None:
    async with town.bridge(logging=QUIET):
        await town.quiet()
    await appended(town, made("News", town.channel), said("Alix", "after"))
    faults = town.discord.faults
    faults.drop_after(path=EXECUTE)
    async with town.daemon(ready=False, logging=QUIET) as daemon:
        await until(lambda: not faults.script, within_s=RUNS_S, what="no message was sent")
        await town.seen("News")
        await daemon.kill()  # Discord has it, and the bridge does not know
        await daemon.start()
        await daemon.ready()
        await town.post("after")
        await town.quiet()
        await daemon.stop()
    told = [content for _, content in contents(town) if "mark" not in content]
    assert told == ["News", "after"]
    assert sum("News" in received.plain for received in town.game.received) == 1
    assert counted(town, "relay.discord.possible-repeats") == 0


async def test_what_the_game_may_have_shown_is_not_shown_again(town: Town) -> None:
    patient = {"survival": {"rcon": {"timeout": "30s"}}}
    async with town.bridge(servers=patient) as bridge:
        await until(lambda: any(each.text.startswith("list") for each in town.game.commands))
        town.game.rcon.faults.delay_s = 20.0  # the players have it, the bridge waits for the reply
        await bridge.house.parts.journal.append(made("News"))
        await town.seen("News")
    town.game.rcon.faults.delay_s = 0.0
    async with town.bridge():
        await town.quiet()
    assert sum("News" in received.plain for received in town.game.received) == 1
    assert counted(town, "relay.game.outcome-unknown") == 1
