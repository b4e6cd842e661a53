"""The pretend site answers as NamelessMC's API is documented to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bridge.simulator.nameless import (
    FaultKind,
    Integration,
    SimNameless,
    SiteAnnouncement,
    SiteGroup,
    SiteServer,
)

STEVE = "069a79f444e94726a5befca90e38aaf5"


@pytest.fixture
async def site() -> AsyncIterator[SimNameless]:
    async with SimNameless() as site:
        site.servers[1] = SiteServer(id=1)
        site.group_server = 1
        yield site


@pytest.fixture
async def client(site: SimNameless) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {site.key}"}
    async with aiohttp.ClientSession(site.url, headers=headers) as session:
        yield session


async def answer(
    client: aiohttp.ClientSession,
    method: str,
    route: str,
    **more: Any,  # noqa: ANN401 - handed on to aiohttp
) -> tuple[int, dict[str, Any]]:
    async with client.request(method, f"/api/v2/{route}", **more) as response:
        assert response.content_type == "application/json"
        return response.status, await response.json()


async def test_both_ways_of_asking_lead_to_the_same(site: SimNameless, client: aiohttp.ClientSession) -> None:
    _, pretty = await answer(client, "GET", "info")
    async with client.get("/index.php", params={"route": "/api/v2/info"}) as response:
        assert await response.json() == pretty
    site.pretty_urls = False
    async with client.get("/api/v2/info") as response:
        assert (response.status, response.content_type) == (404, "text/html")


async def test_the_key_is_looked_for_in_two_headers(site: SimNameless) -> None:
    async with aiohttp.ClientSession(site.url) as client:
        for headers, expected in (
            ({}, (401, "nameless:missing_api_key")),
            ({"Authorization": "Basic abc"}, (400, "nameless:missing_api_key")),
            ({"Authorization": "Bearer wrong", "X-API-Key": site.key}, (401, "nameless:invalid_api_key")),
            ({"X-API-Key": site.key}, (200, None)),
        ):
            status, body = await answer(client, "GET", "info", headers=headers)
            assert (status, body.get("error")) == expected


@pytest.mark.parametrize(
    ("method", "route", "body", "expected"),
    [
        ("GET", "nothing", None, (404, "nameless:invalid_api_method")),
        ("POST", "info", None, (405, "nameless:invalid_api_method")),
        ("GET", "users/999", None, (400, "nameless:cannot_find_user")),
        ("POST", "minecraft/server-info", None, (400, "nameless:invalid_post_contents")),
        ("POST", "minecraft/server-info", {"server-id": 1}, (400, "nameless:invalid_post_contents")),
        ("POST", "minecraft/server-info", {"server-id": 0}, (400, "nameless:invalid_post_contents")),
        ("POST", "minecraft/server-info", {"server-id": 2, "players": {}}, (400, "core:invalid_server_id")),
        ("POST", "minecraft/update-groups", {"server_id": 1}, (400, "nameless:invalid_post_contents")),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_answered_with_its_name(
    client: aiohttp.ClientSession, method: str, route: str, body: object, expected: tuple[int, str]
) -> None:
    status, said = await answer(client, method, route, json=body)
    assert (status, said["error"]) == expected


async def test_a_switched_off_api_says_so(site: SimNameless, client: aiohttp.ClientSession) -> None:
    site.api_enabled = False
    assert await answer(client, "GET", "info") == (400, {"error": "nameless:api_is_disabled"})


async def test_users_come_in_pages_and_are_found_by_their_accounts(
    site: SimNameless, client: aiohttp.ClientSession
) -> None:
    site.groups[2] = SiteGroup(id=2, name="Members")
    for number in range(20):
        site.add_user(f"u{number}")
    steve = site.add_user("Steve", Integration(name="Minecraft", identifier=STEVE, username="Steve"))
    steve.groups.append(2)
    _, first = await answer(client, "GET", "users")
    assert (first["limit"], len(first["users"])) == (15, 15)
    _, last = await answer(client, "GET", "users", params={"limit": "10", "offset": "20"})
    assert ([user["username"] for user in last["users"]], last["next_page"] is None) == (["Steve"], False)
    _, one_page = await answer(client, "GET", "users", params={"limit": "10"})
    assert one_page["next_page"] is None
    for named in (
        "21",
        "id:21",
        "username:Steve",
        f"integration_id:Minecraft:{STEVE}",
        "integration_name:Minecraft:Steve",
    ):
        _, user = await answer(client, "GET", f"users/{named}")
        assert (user["id"], user["groups"][0]["name"]) == (21, "Members")
    _, groups = await answer(client, "GET", "groups")
    assert groups == {"groups": [{"id": 2, "name": "Members", "staff": False, "order": 1}]}


async def test_only_announcements_for_guests_are_told_and_without_a_key(site: SimNameless) -> None:
    site.announcements = [
        SiteAnnouncement(id=1, header="Tea & cake", message="<p>Now</p>"),
        SiteAnnouncement(id=2, header="Staff", message="<p>Secret</p>", groups=(3,)),
    ]
    async with aiohttp.ClientSession(site.url) as client:
        _, said = await answer(client, "GET", "announcements")
    assert [(one["id"], one["header"]) for one in said["announcements"]] == [(1, "Tea &amp; cake")]


async def test_groups_are_taken_for_verified_players_of_the_right_server(
    site: SimNameless, client: aiohttp.ClientSession
) -> None:
    site.add_user("Steve", Integration(name="Minecraft", identifier=STEVE, username="Steve"))
    dashed = f"{STEVE[:8]}-{STEVE[8:12]}-{STEVE[12:16]}-{STEVE[16:20]}-{STEVE[20:]}"
    body: dict[str, Any] = {
        "server_id": 1,
        "player_groups": {dashed: {"groups": ["vip"]}, "0" * 32: {"groups": []}},
    }
    _, said = await answer(client, "POST", "minecraft/update-groups", json=body)
    assert (len(said["log"]), site.ranks) == (1, {STEVE: ("vip",)})
    _, said = await answer(client, "POST", "minecraft/update-groups", json={**body, "server_id": 2})
    assert "log" not in said


async def test_faults_happen_in_their_order_and_only_so_often(
    site: SimNameless, client: aiohttp.ClientSession
) -> None:
    site.faults.add(FaultKind.ERROR, route="info")
    site.faults.add(FaultKind.DROP, route="users", times=None)  # aiohttp itself asks a second time
    assert (await answer(client, "GET", "groups"))[0] == 200
    assert (await answer(client, "GET", "info"))[0] == 500
    assert (await answer(client, "GET", "info"))[0] == 200
    with pytest.raises(aiohttp.ClientError):
        await answer(client, "GET", "users")


async def test_it_comes_back_on_the_same_port(site: SimNameless) -> None:
    url = site.url
    await site.stop()
    await site.start()
    assert site.url == url


async def test_what_hangs_is_let_go_when_the_site_stops(
    site: SimNameless, client: aiohttp.ClientSession
) -> None:
    site.faults.add(FaultKind.HANG)
    with pytest.raises(TimeoutError):
        await answer(client, "GET", "info", timeout=aiohttp.ClientTimeout(total=0.1))
    await site.stop()
