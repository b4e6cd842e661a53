"""The console on a running site: its page, and rows as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bridge.config.access import Bundle
from bridge.events import AnnouncementMade, ChatSaid, EndId, PlayerJoined, ServerId, Speaker, SpeakerKind
from bridge.features.console import Console
from bridge.features.staff import Staff

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def streaming(desk: Desk, query: str = "", **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open the console's stream as a browser does."""
    async with desk.client.get(f"/staff/console/stream{query}", headers=headers) as answer:
        assert answer.status == HTTPStatus.OK
        assert (await answer.content.readline()).startswith(b"retry:")
        yield answer


async def row(answer: aiohttp.ClientResponse) -> tuple[str, str]:
    """Return the id and the HTML of the next row of a stream."""
    id_, html = "", ""
    async with asyncio.timeout(5):
        while True:
            line = (await answer.content.readline()).decode().rstrip("\n")
            if line.startswith("id: "):
                id_ = line.removeprefix("id: ")
            elif line.startswith("data: "):
                html += line.removeprefix("data: ") + "\n"
            elif not line and html:
                return id_, html


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A moderator in front of the console."""
    async with open_desk(Staff, Console) as opened:
        await opened.sign_in(Bundle.MODERATOR)
        yield opened


def said(text: str) -> ChatSaid:
    speaker = Speaker(kind=SpeakerKind.PLAYER, name="<i>Mira</i>")
    return ChatSaid(at=AT, end=EndId("server:survival"), speaker=speaker, text=text)


def joined(player: str) -> PlayerJoined:
    return PlayerJoined(at=AT, server=ServerId("survival"), player=player)


async def test_the_page_shows_what_happened_newest_first_and_escaped(desk: Desk) -> None:
    assert "Nothing has happened yet." in await desk.page("/staff/console")
    await desk.happen(joined("Noah"), said("<script>alert(1)</script>"))
    html = await desk.page("/staff/console")
    assert html.index("&lt;script&gt;alert(1)") < html.index("player.joined")
    assert "&lt;i&gt;Mira" in html


async def test_an_announcement_is_shown_as_it_reads(desk: Desk) -> None:
    await desk.happen(
        AnnouncementMade(at=AT, origin="hook:shop", markup="**News**\n> <i>", servers=(ServerId("survival"),))
    )
    html = await desk.page("/staff/console")
    assert "<strong>News</strong><br>&gt; &lt;i&gt;" in html


async def test_the_page_can_be_narrowed_down(desk: Desk) -> None:
    await desk.happen(joined("Noah"), said("hello"))
    html = await desk.page("/staff/console?area=players")
    assert "player.joined" in html
    assert "chat.said" not in html
    assert "chat.said" in await desk.page("/staff/console?area=nonsense")


async def test_rows_come_as_things_happen(desk: Desk) -> None:
    async with streaming(desk) as all_of_it, streaming(desk, "?area=players") as players:
        await desk.happen(said("hello"), joined("Noah"))
        assert "hello" in (await row(all_of_it))[1]
        assert "Noah" in (await row(all_of_it))[1]
        assert "Noah" in (await row(players))[1]


async def test_a_stream_goes_on_where_the_browser_was(desk: Desk) -> None:
    await desk.happen(said("first"))
    async with streaming(desk, "?after=0") as stream:
        id_, html = await row(stream)
        assert "first" in html
    await desk.happen(said("second"), said("third"))
    async with streaming(desk, **{"Last-Event-ID": id_}) as stream:
        assert "second" in (await row(stream))[1]
        assert "third" in (await row(stream))[1]
        await desk.happen(said("fourth"))
        assert "fourth" in (await row(stream))[1]
