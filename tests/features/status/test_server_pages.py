"""The first page, a server's page, and what other sites show of a server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.events import PlayerAdvanced, PlayerDied, PlayerJoined, ServerId
from bridge.minecraft.icon import checked_png
from bridge.simulator.game import SimGame
from bridge.website import Upcoming
from bridge.website.pictures import default_icon

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SURVIVAL = ServerId("survival")
MOTD = "\u00a76\u00a7lStonebridge\u00a7r <script>alert(1)</script>\n\u00a7bnext line"
SVG = "image/svg+xml"


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A pretend server with three players and a colourful welcome."""
    game = SimGame(tmp_path / "game", players=("Alix", "Boris", "Chloe"), motd=MOTD)
    await game.start()
    yield game
    await game.stop()


def status_of(game: SimGame) -> dict[str, Any]:
    """Return settings that look at the game's status port and nothing else."""
    return {"servers": {"survival": {"status": {"port": game.status.port}}}}


async def look(house: House) -> None:
    """Let every server be asked once."""
    for server in house.parts.servers.values():
        assert server.status is not None
        await server.status.check()


async def test_a_server_s_page_shows_its_state_colours_and_players(
    open_house: OpenHouse, game: SimGame
) -> None:
    async with open_house(**status_of(game)) as house:
        await look(house)
        html = await house.page("/servers/survival")
        assert '<a href="/servers/survival"' in await house.page("/")
    assert (
        '<span class="mc-6"><strong>Stonebridge</strong></span> &lt;script&gt;alert(1)&lt;/script&gt;<br>'
        in html
    )
    assert '<span class="mc-b">next line</span>' in html
    assert "<script>alert" not in html
    assert "\u00a7" not in html
    assert all(f"<bdi>{name}</bdi>" in html for name in ("Alix", "Boris", "Chloe"))
    assert f"<bdi>{game.version}</bdi>" in html


@pytest.mark.parametrize("path", ["/servers/{}", "/servers/{}/icon.png", "/badge/{}.svg", "/embed/{}"])
async def test_an_unknown_server_has_no_page(house: House, path: str) -> None:
    for name in ("nowhere", "SURVIVAL", "..%2f", "%00"):
        async with house.client.get(house.site.url + path.format(name)) as answer:
            assert answer.status == 404, name


async def test_what_players_did_is_told_the_newest_first(house: House) -> None:
    await house.happen(
        PlayerJoined(at=AT, server=SURVIVAL, player="Nora"),
        PlayerDied(at=AT + timedelta(minutes=2), server=SURVIVAL, player="Nora", text="drowned"),
        PlayerAdvanced(at=AT + timedelta(minutes=1), server=SURVIVAL, player="Nora", title="<b>Stone"),
        PlayerJoined(at=AT, server=ServerId("creative"), player="Elsewhere"),
    )
    html = await house.page("/servers/survival")
    told = re.findall(r'<li class="notice (\w+)">', html)
    assert told == ["died", "advanced", "joined"]
    assert "[&lt;b&gt;Stone]" in html
    assert "Elsewhere" not in html


@pytest.mark.parametrize(
    "changes",
    [
        {"privacy": {"hidden-players": ["nora"]}},
        {"website": {"show-players": False}},
        {"notices": {"join": {"enabled": False}}},
    ],
)
async def test_what_may_not_be_told_is_not(open_house: OpenHouse, changes: dict[str, Any]) -> None:
    async with open_house(**changes) as house:
        await house.happen(PlayerJoined(at=AT, server=SURVIVAL, player="Nora"))
        assert "Nora" not in await house.page("/servers/survival")


async def test_the_picture_is_the_server_s_own_and_not_sent_twice(
    open_house: OpenHouse, game: SimGame
) -> None:
    async with open_house(**status_of(game)) as house:
        async with house.client.get("/servers/survival/icon.png") as answer:
            assert await answer.read() == default_icon()
        await look(house)
        async with house.client.get("/servers/survival/icon.png") as answer:
            picture, tag = await answer.read(), answer.headers["ETag"]
            assert answer.content_type == "image/png"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert checked_png(picture) == picture != default_icon()
        headers = {"If-None-Match": tag}
        async with house.client.get("/servers/survival/icon.png", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (304, b"")


async def test_a_badge_tells_the_state_in_two_words(open_house: OpenHouse, game: SimGame) -> None:
    async with open_house(**status_of(game)) as house:
        async with house.client.get("/badge/survival.svg") as answer:
            assert "<title>Survival: not known</title>" in await answer.text()
        await look(house)
        async with house.client.get("/badge/survival.svg") as answer:
            svg, tag = await answer.text(), answer.headers["ETag"]
            assert answer.content_type == SVG
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "<title>Survival: 3/20 online</title>" in svg
        async with house.client.get("/badge/survival.svg", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        french = await house.page("/badge/survival.svg?lang=fr&style=flat-square&label=%3Cserveur%3E")
        assert "<title>&lt;serveur&gt;: 3/20 en ligne</title>" in french
        assert 'rx="0"' in french


async def test_only_cards_may_be_framed_and_only_by_named_sites(open_house: OpenHouse) -> None:
    async with open_house(website={"frame-ancestors": ["https://www.example.org"]}) as house:
        for path in ("/embed/survival", "/embed/rooms/main"):
            async with house.client.get(path) as answer:
                assert answer.status == 200
                policy = answer.headers["Content-Security-Policy"]
                assert policy.endswith("frame-ancestors https://www.example.org")
                assert "X-Frame-Options" not in answer.headers
        for path in ("/", "/servers/survival", "/rooms/main", "/embed/rooms/nowhere"):
            async with house.client.get(path) as answer:
                assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
                assert answer.headers["X-Frame-Options"] == "DENY"


async def test_links_in_a_frame_open_pages_of_their_own(open_house: OpenHouse) -> None:
    """Most sites refuse to be shown in a frame, and so do our own pages."""
    async with open_house() as house:
        for path in ("/embed/survival", "/embed/rooms/main"):
            assert '<base target="_blank">' in await house.page(path)
        for path in ("/", "/servers/survival", "/rooms/main"):
            assert "<base" not in await house.page(path)


async def test_nobody_may_frame_a_card_when_no_site_is_named(house: House) -> None:
    async with house.client.get("/embed/survival") as answer:
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_the_first_page_shows_what_was_said_last_in_open_rooms(house: House) -> None:
    assert "Nothing has been said here yet." in await house.page("/")
    await house.happen(*(house.said("Nora", f"<i>line {number}") for number in range(1, 8)))
    html = await house.page("/")
    assert re.findall(r"&lt;i&gt;line (\d)", html) == ["3", "4", "5", "6", "7"]
    assert 'id="said-library"' in html
    assert 'id="said-staff"' not in html


async def test_what_comes_next_is_shown_when_somebody_knows(house: House) -> None:
    assert "What comes next" not in await house.page("/")

    async def planned(language: str) -> list[Upcoming]:
        return [
            Upcoming(title=f"Contest <{language}>", at=AT + timedelta(days=2), where="Survival"),
            Upcoming(title="Raid", at=AT + timedelta(days=1), path="/occasions/raid"),
        ]

    house.site.add_upcoming(planned)
    html = await house.page("/?lang=fr")
    assert "À venir" in html
    assert html.index("Raid") < html.index("Contest &lt;fr&gt;")
    assert '<a href="/occasions/raid"><bdi>Raid</bdi></a>' in html


async def test_how_servers_are_is_told_without_the_database(house: House) -> None:
    await house.parts.store.close()
    for path in ("/", "/servers/survival"):
        assert "Survival" in await house.page(path)


async def test_many_who_ask_at_once_get_what_was_made_once(house: House) -> None:
    house.status.pages.kept.for_s = 3600
    first = await house.page("/")
    await house.happen(house.said("Nora", "later"))
    assert await house.page("/") == first
    assert "later" not in await house.page("/?lang=en")


async def test_every_page_is_in_the_visitor_s_language(house: House) -> None:
    await house.happen(PlayerJoined(at=AT, server=SURVIVAL, player="Nora"))
    headers = {"Accept-Language": "fr"}
    for path, words in {
        "/": "n\u2019a pas encore été vérifié",
        "/servers/survival": "</strong> a rejoint la partie",
        "/rooms/main": "</strong> a rejoint la partie",
        "/players/Nora": "Connu sur",
    }.items():
        async with house.client.get(path, headers=headers) as answer:
            html = await answer.text()
            assert '<html lang="fr">' in html
            assert words in html, path
