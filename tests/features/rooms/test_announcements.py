"""Announcements on the pages of rooms: live, after a reload, once, and gone when they are removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.events import AnnouncementMade, ChannelId, ChatRemoved, ServerId, channel_end
from bridge.features.rooms.conversation import MOST_LINES
from bridge.features.rooms.pages import MOST_ON_HOME
from bridge.store.deliveries import Copy, add_copies

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
MAIN = ChannelId("123456789012345678")
NEWS = ChannelId("223456789012345678")
SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")
STREAM = "/rooms/main/stream"
SOURCE = "announce:feed:blog"


def made(
    markup: str,
    *,
    channels: tuple[ChannelId, ...] = (MAIN,),
    servers: tuple[ServerId, ...] = (SURVIVAL,),
    url: str | None = None,
    line: str | None = None,
) -> AnnouncementMade:
    return AnnouncementMade(
        at=AT, origin="feed:blog", markup=markup, channels=channels, servers=servers, url=url, line=line
    )


async def removed(house: House, *positions: int) -> None:
    """Let a moderator remove the message on Discord that shows these records."""
    async with house.parts.store.transaction() as tx:
        await add_copies(tx, [Copy(position=p, end=channel_end(MAIN), message="9001") for p in positions])
    await house.happen(ChatRemoved(at=AT, end=channel_end(MAIN), message="9001"))


async def test_an_announcement_is_a_notice_live_and_after_a_reload(house: House) -> None:
    async with house.listen(STREAM) as browser:
        await house.happen(made("**News** <b>", url="https://blog.example.org/7"), source=SOURCE)
        told = await browser.next()
    assert (told.name, told.id) == ("line", "1")
    for html in (told.data, await house.page("/rooms/main")):
        assert html.count("<strong>News</strong> &lt;b&gt;") == 1
        assert html.count('<a href="https://blog.example.org/7"') == 1
        assert 'class="notice' in html


async def test_it_stands_where_it_was_made_among_the_lines(house: House) -> None:
    await house.happen(house.said("Nora", "before"))
    await house.happen(made("the news"), source=SOURCE)
    await house.happen(house.said("Nora", "after"))
    html = await house.page("/rooms/main")
    assert html.index("before") < html.index("the news") < html.index("after")


async def test_the_first_page_has_it_among_what_was_said_last(house: House) -> None:
    await house.happen(house.said("Nora", "before"))
    await house.happen(made("the **news**"), source=SOURCE)
    html = await house.page("/")
    assert html.index("before") < html.index("the <strong>news</strong>")
    await house.happen(*(house.said("Nora", f"after {n}") for n in range(MOST_ON_HOME)))
    assert "the <strong>news</strong>" not in await house.page("/")


async def test_only_rooms_with_one_of_its_ends_show_it(house: House) -> None:
    elsewhere = made("elsewhere", channels=(NEWS,), servers=(CREATIVE,))
    here = made("on the server", channels=(NEWS,))
    async with house.listen(STREAM) as browser:
        await house.happen(elsewhere, here, source=SOURCE)
        assert "on the server" in (await browser.next()).data
    html = await house.page("/rooms/main")
    assert ["elsewhere" in html, "on the server" in html] == [False, True]
    assert "on the server" not in await house.page("/rooms/library")


async def test_a_room_shows_the_servers_line_only_if_none_of_its_channels_is_told(house: House) -> None:
    """What a channel of staff is told is not for everybody on the server."""
    await house.happen(made("for both", line="for players"), source=SOURCE)
    await house.happen(made("for staff", channels=(NEWS,), line="for the game"), source=SOURCE)
    html = await house.page("/rooms/main")
    shown = ["for both", "for players", "for staff", "for the game"]
    assert [each in html for each in shown] == [True, False, False, True]


async def test_what_a_moderator_removes_is_gone_from_the_page_for_good(house: House) -> None:
    await house.happen(made("oops"), made("fine"), source=SOURCE)
    async with house.listen(STREAM) as browser:
        await removed(house, 1)
        told = await browser.next()
        assert (told.name, told.data) == ("removed", "1")
    html = await house.page("/rooms/main")
    assert ["oops" in html, "fine" in html] == [False, True]


async def test_a_browser_that_comes_back_hears_what_came_and_what_went(house: House) -> None:
    await house.happen(made("one"), made("two"), source=SOURCE)
    await removed(house, 2)
    await house.happen(made("three"), source=SOURCE)
    async with house.listen(STREAM, last="2") as browser:
        gone, news = await browser.some(2)
    assert (gone.name, gone.data) == ("removed", "2")
    assert "three" in news.data


async def test_what_is_announced_elsewhere_pushes_nothing_out(house: House) -> None:
    await house.happen(made("ours"), source=SOURCE)
    others = [made(f"other {n}", channels=(NEWS,), servers=()) for n in range(MOST_LINES + 1)]
    await house.happen(*others, source=SOURCE)
    assert "ours" in await house.page("/rooms/main")


async def test_it_outlives_what_was_said(open_house: OpenHouse) -> None:
    async with open_house(retention={"chat": "3650d"}) as house:
        await house.happen(house.said("Nora", "long ago", at=datetime(2020, 1, 1, tzinfo=UTC)))
        await house.happen(made("the news"), source=SOURCE)
    async with open_house(retention={"chat": "1d"}) as house:
        html = await house.page("/rooms/main")
        while "long ago" in html:
            html = await house.page("/rooms/main")
        assert "the news" in html


async def test_code_and_quotes_stay_lines_of_the_notice(house: House) -> None:
    await house.happen(made("# Title\n> quoted\n```\n<code>\n```"), source=SOURCE)
    html = await house.page("/rooms/main")
    assert "<strong>Title</strong><br>&gt; quoted<br><code>&lt;code&gt;</code>" in html
