"""A player's page: what the settings make public, under the right spelling, and nothing of the hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bridge.events import PlayerIdentified, PlayerJoined, ServerId

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2025, 3, 4, 14, 0, tzinfo=UTC)
SURVIVAL = ServerId("survival")
ALL = ["online", "servers", "first-seen", "last-seen"]


async def meet(house: House, *names: str) -> None:
    """Let players come onto the server."""
    await house.happen(
        *(
            PlayerJoined(at=AT + timedelta(days=n), server=SURVIVAL, player=name)
            for n, name in enumerate(names)
        )
    )


async def status_of(house: House, path: str) -> int:
    async with house.client.get(path, allow_redirects=False) as answer:
        return answer.status


async def test_a_player_s_page_shows_only_the_public_fields(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await meet(house, "Nora")
        html = await house.page("/players/Nora")
    assert "<bdi>Nora</bdi>" in html
    assert "Not playing now" in html
    assert '<a href="/servers/survival"><bdi>Survival</bdi></a>' in html
    assert "First seen" not in html
    assert "2025" not in html


async def test_every_field_is_shown_where_all_are_public(open_house: OpenHouse) -> None:
    async with open_house(website={"player-fields": ALL}) as house:
        await meet(house, "Nora", "Nora")
        html = await house.page("/players/Nora")
    assert '<time datetime="2025-03-04T14:00:00Z"' in html
    assert '<time datetime="2025-03-05T14:00:00Z"' in html


async def test_another_spelling_leads_to_the_player_s_own(house: House) -> None:
    await meet(house, "Nora_99")
    async with house.client.get("/players/nORA_99?lang=fr", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/players/Nora_99?lang=fr"
    assert "<bdi>Nora_99</bdi>" in await house.page("/players/NORA_99")


async def test_of_two_spellings_each_has_its_page(house: House) -> None:
    """Servers without Mojang accounts know both as players of their own."""
    await meet(house, "Nora", "NORA")
    assert "<bdi>NORA</bdi>" in await house.page("/players/NORA")
    assert "<bdi>Nora</bdi>" in await house.page("/players/Nora")


@pytest.mark.parametrize("name", ["Nobody", "x" * 200, "%00", "..%2F", "%F0%9F%90%B4", "a%20b"])
async def test_an_unknown_player_has_no_page(house: House, name: str) -> None:
    assert await status_of(house, house.site.url + f"/players/{name}") == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"privacy": {"hidden-players": ["nora"]}},
        {"website": {"show-players": False}},
        {"website": {"player-fields": []}},
    ],
)
async def test_who_is_not_public_has_no_page(open_house: OpenHouse, changes: dict[str, Any]) -> None:
    async with open_house(**changes) as house:
        await meet(house, "Nora")
        await house.happen(PlayerIdentified(at=AT, server=SURVIVAL, player="Nora", uuid=None))
        for name in ("Nora", "nora", "NORA"):
            assert await status_of(house, f"/players/{name}") == 404
        assert "/players/" not in await house.page("/servers/survival")
