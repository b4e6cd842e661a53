"""A room as it happens: new lines, edits and removals, for many browsers, and after a broken connection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.events import (
    ChannelId,
    ChatEdited,
    ChatRemoved,
    ChatSaid,
    EndId,
    PlayerJoined,
    ServerId,
    Speaker,
    SpeakerKind,
    channel_end,
    server_end,
)
from bridge.features.rooms.conversation import MOST_LINES
from bridge.store.deliveries import Copy, add_copies
from bridge.store.lines import line_at

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
CHANNEL = channel_end(ChannelId("123456789012345678"))
MEMBER = Speaker(kind=SpeakerKind.MEMBER, name="Capitaine", id="42")
STREAM = "/rooms/main/stream"


def posted(text: str, message: str) -> ChatSaid:
    """Return what a member posts on Discord."""
    return ChatSaid(at=AT, end=CHANNEL, speaker=MEMBER, text=text, markup=text, message=message)


def edited(text: str, message: str) -> ChatEdited:
    return ChatEdited(at=AT, end=CHANNEL, speaker=MEMBER, text=text, markup=text, message=message)


def removed(message: str, end: EndId = CHANNEL) -> ChatRemoved:
    return ChatRemoved(at=AT, end=end, message=message)


async def test_a_line_reaches_every_browser_at_once(house: House) -> None:
    async with house.listen(STREAM) as one, house.listen(STREAM) as two:
        await house.happen(house.said("Nora", "hello <both>"))
        for browser in (one, two):
            told = await browser.next()
            assert (told.name, told.id) == ("line", "1")
            assert "hello &lt;both&gt;" in told.data
            assert 'data-position="1"' in told.data


async def test_what_happens_in_the_game_is_told_live(house: House) -> None:
    async with house.listen(STREAM) as browser:
        await house.happen(PlayerJoined(at=AT, server=ServerId("survival"), player="Milo"))
        told = await browser.next()
        assert 'class="notice joined"' in told.data
        assert "<strong>Milo</strong> joined" in told.data


async def test_what_is_said_elsewhere_is_not_told(house: House) -> None:
    elsewhere = house.said("Nora", "elsewhere", end=server_end(ServerId("creative")))
    async with house.listen(STREAM) as browser:
        await house.happen(elsewhere, house.said("Nora", "here"))
        assert "here" in (await browser.next()).data


async def test_a_visitor_s_line_comes_back_by_the_stream(house: House) -> None:
    async with house.listen(STREAM) as browser:
        form = {"name": "Ines", "text": "hello from the web"}
        async with house.client.post("/rooms/main/lines", data=form) as answer:
            assert answer.status == 200
        told = await browser.next()
        assert "hello from the web" in told.data
        assert 'class="source website"' in told.data


async def test_an_edit_is_told_live_and_stays(house: House) -> None:
    await house.happen(posted("helo", "7001"))
    async with house.listen(STREAM) as browser:
        await house.happen(edited("hello <b>", "7001"))
        told = await browser.next()
        assert (told.name, told.json["position"]) == ("edited", 1)
        assert "hello &lt;b&gt;" in told.json["html"]
        assert "(edited)" in told.json["html"]
    html = await house.page("/rooms/main")
    assert "hello &lt;b&gt;" in html
    assert "helo" not in html


async def test_a_removal_is_told_live_and_stays(house: House) -> None:
    await house.happen(posted("oops", "7001"), posted("fine", "7002"))
    async with house.listen(STREAM) as browser:
        await house.happen(removed("7001"))
        told = await browser.next()
        assert (told.name, told.data) == ("removed", "1")
    html = await house.page("/rooms/main")
    assert "oops" not in html
    assert "fine" in html
    async with house.parts.store.reading() as conn:
        line = await line_at(conn, 1)
    assert line is not None
    assert line.removed_at == AT
    assert line.body.text == "oops"  # for moderators


async def test_a_removed_line_is_not_brought_back_by_an_edit(house: House) -> None:
    await house.happen(posted("oops", "7001"), removed("7001"))
    async with house.listen(STREAM) as browser:
        await house.happen(edited("worse", "7001"))
        assert (await browser.next()).name == "removed"
    assert "worse" not in await house.page("/rooms/main")


async def test_removing_our_own_copy_removes_the_lines_it_shows(house: House) -> None:
    """A moderator who removes the bridge's message on Discord removes what players said in it."""
    await house.happen(
        house.said("Nora", "a plum"), house.said("Nora", "a pear"), house.said("Milo", "a fig")
    )
    async with house.parts.store.transaction() as tx:
        await add_copies(tx, [Copy(position=position, end=CHANNEL, message="9001") for position in (1, 2)])
    async with house.listen(STREAM) as browser:
        await house.happen(removed("9001"))
        assert [(told.name, told.data) for told in await browser.some(2)] == [
            ("removed", "1"),
            ("removed", "2"),
        ]
    html = await house.page("/rooms/main")
    assert [words in html for words in ("a plum", "a pear", "a fig")] == [False, False, True]


async def test_a_removal_of_what_we_do_not_know_does_nothing(house: House) -> None:
    async with house.listen(STREAM) as browser:
        await house.happen(removed("1"), edited("x", "2"), house.said("Nora", "after"))
        assert "after" in (await browser.next()).data


async def test_a_browser_that_comes_back_gets_what_it_missed_once(house: House) -> None:
    await house.happen(*(house.said("Nora", f"line {number}") for number in range(1, 6)))
    async with house.listen(STREAM, last="2") as browser:
        await house.happen(house.said("Nora", "line 6"))
        told = await browser.some(4)
        assert [each.id for each in told] == ["3", "4", "5", "6"]
        assert [f"line {each.id}" in each.data for each in told] == [True] * 4


async def test_the_page_s_own_stream_begins_where_the_page_ends(house: House) -> None:
    await house.happen(house.said("Nora", "on the page"))
    html = await house.page("/rooms/main")
    last = html.partition('data-last="')[2].partition('"')[0]
    await house.happen(house.said("Nora", "in between"))
    async with house.listen(f"{STREAM}?after={last}") as browser:
        await house.happen(house.said("Nora", "afterwards"))
        told = await browser.some(2)
        assert ["in between" in told[0].data, "afterwards" in told[1].data] == [True, True]


async def test_the_browser_s_own_memory_goes_before_the_page_s(house: House) -> None:
    await house.happen(*(house.said("Nora", f"line {number}") for number in range(1, 4)))
    async with house.listen(f"{STREAM}?after=0", last="2") as browser:
        assert (await browser.next()).id == "3"


async def test_edits_and_removals_in_between_are_told_after_a_break(house: House) -> None:
    await house.happen(posted("first", "7001"), posted("second", "7002"), posted("third", "7003"))
    await house.happen(edited("second, mended", "7002"), removed("7003"))
    async with house.listen(STREAM, last="3") as browser:
        mended, gone = await browser.some(2)
        assert (mended.name, mended.json["position"]) == ("edited", 2)
        assert "second, mended" in mended.json["html"]
        assert (gone.name, gone.data) == ("removed", "3")


async def test_a_browser_that_was_away_for_long_begins_anew(house: House) -> None:
    await house.happen(*(house.said("Nora", f"line {number}") for number in range(MOST_LINES + 20)))
    async with house.listen(STREAM, last="5") as browser:
        told = await browser.some(MOST_LINES + 1)
        assert told[0].name == "reset"
        assert [each.id for each in told[1:]] == [str(20 + number) for number in range(1, MOST_LINES + 1)]


async def test_nonsense_for_a_place_to_resume_is_the_end(house: House) -> None:
    await house.happen(house.said("Nora", "old"))
    for nonsense in ("-1", "1e3", "x", "9" * 30, "\u0663"):
        async with house.listen(f"{STREAM}?after={nonsense}") as browser:
            await house.happen(house.said("Nora", f"new {len(nonsense)}"))
            assert f"new {len(nonsense)}" in (await browser.next()).data


async def test_hidden_players_are_in_no_page_and_no_stream(open_house: OpenHouse) -> None:
    async with open_house(privacy={"hidden-players": ["Herobrine"]}) as house:
        async with house.listen(STREAM) as browser:
            await house.happen(
                PlayerJoined(at=AT, server=ServerId("survival"), player="Herobrine"),
                house.said("Herobrine", "I am here"),
            )
            told = await browser.next()
            assert "I am here" in told.data
            assert "Somebody" in told.data
            assert "herobrine" not in told.data.casefold()
        for path in ("/", "/rooms/main", "/metrics"):
            assert "herobrine" not in (await house.page(path)).casefold()


async def test_the_archive_goes_on_after_a_restart_without_doubling(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await house.happen(house.said("Nora", "before the restart"))
    async with open_house() as house:
        await house.happen(house.said("Nora", "after it"), source="log:survival:2")
        html = await house.page("/rooms/main")
    assert html.count("before the restart") == 1
    assert html.count("after it") == 1


async def test_old_lines_expire_from_page_and_archive(open_house: OpenHouse) -> None:
    """What is older than the setting is gone when the house opens again."""
    async with open_house(retention={"chat": "3650d"}) as house:
        old = house.said("Nora", "long ago", at=datetime(2020, 1, 1, tzinfo=UTC))
        await house.happen(old, house.said("Nora", "today", at=datetime.now(UTC)))
        assert "long ago" in await house.page("/rooms/main")
    async with open_house(retention={"chat": "1d"}) as house:
        html = await house.page("/rooms/main")
        while "long ago" in html:
            html = await house.page("/rooms/main")
        assert "today" in html
