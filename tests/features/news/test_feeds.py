"""Feeds: what servers did and what was announced, the newest first, with ids that stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import msgspec
import pytest

from bridge.events import (
    AnnouncementMade,
    ChannelId,
    ChatRemoved,
    PlayerAdvanced,
    PlayerJoined,
    ServerId,
    ServerLost,
    ServerRecovered,
    ServerStarted,
    ServerStopping,
    channel_end,
)
from bridge.store.deliveries import Copy, add_copies

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SURVIVAL = ServerId("survival")
MAIN = ChannelId("123456789012345678")
ATOM = "{http://www.w3.org/2005/Atom}"
SERVER, NEWS = "/feeds/servers/survival.atom", "/feeds/news.atom"


def minute(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def announced(markup: str, *, url: str | None = None, at: datetime = AT) -> AnnouncementMade:
    return AnnouncementMade(at=at, origin="hook:shop", markup=markup, servers=(SURVIVAL,), url=url)


async def read(house: House, path: str, **headers: str) -> ET.Element:
    """Return a feed that is there."""
    async with house.client.get(
        path, headers={key.replace("_", "-"): each for key, each in headers.items()}
    ) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/atom+xml"
        return ET.fromstring(await answer.text())  # noqa: S314 - our own


def titles(feed: ET.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.findall(f"{ATOM}entry")]


async def test_what_a_moderator_removes_is_in_no_feed(house: House) -> None:
    oops = msgspec.structs.replace(announced("oops"), channels=(MAIN,))
    await house.happen(oops, announced("fine"), source="hook:shop")
    async with house.parts.store.transaction() as tx:
        await add_copies(tx, [Copy(position=1, end=channel_end(MAIN), message="9001")])
    await house.happen(ChatRemoved(at=AT, end=channel_end(MAIN), message="9001"))
    for path in (NEWS, SERVER):
        assert titles(await read(house, path)) == ["fine"]


async def test_a_server_s_feed_tells_what_happened_to_it(house: House) -> None:
    await house.happen(
        ServerStarted(at=minute(0), server=SURVIVAL),
        PlayerJoined(at=minute(1), server=SURVIVAL, player="Nora"),
        PlayerAdvanced(at=minute(2), server=SURVIVAL, player="Nora", title="Stone Age"),
        ServerLost(at=minute(3), server=SURVIVAL),
        ServerRecovered(at=minute(4), server=SURVIVAL),
        ServerStarted(at=minute(5), server=ServerId("creative")),
        announced("**Contest** on Friday", at=minute(6)),
        ServerStopping(at=minute(7), server=SURVIVAL),
    )
    feed = await read(house, SERVER)
    assert titles(feed) == [
        "Survival is closing.",
        "Contest on Friday",
        "Survival answers again.",
        "Survival does not answer any more.",
        "Nora has made the advancement [Stone Age]",
        "Survival is open.",
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-11-22T14:07:00Z"
    assert titles(await read(house, SERVER, Accept_Language="fr"))[0] == "Survival ferme."


async def test_a_server_s_feed_tells_the_line_that_the_server_was_told(house: House) -> None:
    told = AnnouncementMade(
        at=AT, origin="hook:shop", markup="On Discord", servers=(SURVIVAL,), line="In the game"
    )
    await house.happen(told)
    assert titles(await read(house, SERVER)) == ["In the game"]
    assert titles(await read(house, "/feeds/news.atom")) == ["On Discord"]


async def test_announcements_have_a_feed_of_their_own(house: House) -> None:
    url = "https://shop.example/sale"
    await house.happen(
        ServerStarted(at=AT, server=SURVIVAL),
        announced("**Sale** <script>alert(1)</script>\nmore \x00here", url=url),
        announced("bad link", url="javascript:alert(1)"),
    )
    feed = await read(house, "/feeds/news.atom")
    assert titles(feed) == ["bad link", "Sale <script>alert(1)</script>"]
    bad, good = feed.findall(f"{ATOM}entry")
    assert bad.find(f"{ATOM}link") is None
    link = good.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == url
    content = good.findtext(f"{ATOM}content", "")
    assert "<strong>Sale</strong> &lt;script&gt;" in content
    assert content.endswith("<br>more here")


async def test_ids_and_links_are_those_of_the_public_address(open_house: OpenHouse) -> None:
    async with open_house(website={"public-url": "https://mc.example.org/"}) as house:
        await house.happen(ServerStarted(at=AT, server=SURVIVAL))
        feed = await read(house, SERVER)
        html = await house.page("/servers/survival")
    assert feed.findtext(f"{ATOM}id") == "tag:mc.example.org,2026:feeds/servers/survival"
    assert feed.findtext(f"{ATOM}entry/{ATOM}id") == "tag:mc.example.org,2026:journal/1"
    assert [(link.attrib["rel"], link.attrib["href"]) for link in feed.findall(f"{ATOM}link")] == [
        ("self", f"https://mc.example.org{SERVER}"),
        ("alternate", "https://mc.example.org/servers/survival"),
    ]
    for path in (SERVER, NEWS):
        assert f'href="{path}">' in html


async def test_a_feed_that_has_not_changed_is_not_sent_again(house: House) -> None:
    await house.happen(ServerStarted(at=AT, server=SURVIVAL))
    async with house.client.get(SERVER) as answer:
        tag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    old = "Sun, 22 Nov 2026 13:00:00 GMT"
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f"W/{tag}"}, 304),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": old}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
    ):
        async with house.client.get(SERVER, headers=headers) as answer:
            assert answer.status == status, headers


@pytest.mark.parametrize(
    "changes", [{"privacy": {"hidden-players": ["NORA"]}}, {"website": {"show-players": False}}]
)
async def test_who_is_hidden_is_in_no_feed(open_house: OpenHouse, changes: dict[str, object]) -> None:
    async with open_house(**changes) as house:
        await house.happen(PlayerAdvanced(at=AT, server=SURVIVAL, player="Nora", title="Stone Age"))
        assert titles(await read(house, SERVER)) == []


async def test_an_empty_feed_is_a_feed(house: House) -> None:
    for path in (SERVER, NEWS):
        feed = await read(house, path)
        assert titles(feed) == []
        assert feed.findtext(f"{ATOM}updated")
    async with house.client.get("/feeds/servers/nowhere.atom") as answer:
        assert answer.status == 404


async def test_what_was_kept_before_a_restart_is_told_once(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await house.happen(ServerStarted(at=AT, server=SURVIVAL))
    async with open_house() as house:
        await house.happen(ServerStopping(at=minute(1), server=SURVIVAL), source="log:survival:2")
        assert titles(await read(house, SERVER)) == ["Survival is closing.", "Survival is open."]
