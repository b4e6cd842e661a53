"""The pretend server's Management Protocol and console speak as the real ones, seen by a plain client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.simulator.game import SimGame
from bridge.simulator.game.console_socket import PROTOCOL
from bridge.simulator.game.management import SECRET
from bridge.simulator.game.values import offline_uuid

Json = Any
PASSWORD = "correct-horse"


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path, dialect="paper", management_secret=SECRET, console_password=PASSWORD)
    await game.start()
    yield game
    await game.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def managed(
    game: SimGame, http: aiohttp.ClientSession
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with http.ws_connect(f"http://127.0.0.1:{game.management.port}/", headers=headers) as socket:
        yield socket


async def ask(
    socket: aiohttp.ClientWebSocketResponse, method: str, *params: Json, named: Json = None
) -> Json:
    message: Json = {"jsonrpc": "2.0", "id": 7, "method": method}
    if params or named:
        message["params"] = named or list(params)
    await socket.send_json(message)
    while True:
        answer = await socket.receive_json(timeout=5)
        if answer.get("id") == 7:
            return answer


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": SECRET}])
async def test_without_the_secret_nobody_gets_in(
    game: SimGame, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"http://127.0.0.1:{game.management.port}/", headers=headers)
    assert refused.value.status == 401


async def test_params_go_by_place_or_by_name(game: SimGame, managed: aiohttp.ClientWebSocketResponse) -> None:
    mira = {"id": offline_uuid("Mira"), "name": "Mira"}
    answer = await ask(managed, "minecraft:allowlist/add", [{"name": "Mira"}])
    assert answer == {"jsonrpc": "2.0", "id": 7, "result": [mira]}
    answer = await ask(managed, "minecraft:allowlist/remove", named={"remove": [mira]})
    assert answer["result"] == []
    answer = await ask(managed, "minecraft:allowlist/add", named={"players": [mira]})
    assert answer["error"]["code"] == -32602
    assert answer["error"]["data"] == "Params passed by-name, but expected param [add] does not exist"
    assert game.whitelisted == set()


async def test_what_it_does_not_know_it_says(managed: aiohttp.ClientWebSocketResponse) -> None:
    assert (await ask(managed, "minecraft:nothing"))["error"]["code"] == -32601
    await managed.send_str("no JSON")
    assert (await managed.receive_json(timeout=5))["error"]["code"] == -32700
    document = (await ask(managed, "rpc.discover"))["result"]
    assert document["info"]["version"] == "2.0.0"
    assert {"name": "minecraft:bans/add", "params": []} in document["methods"]


async def test_notifications_without_data_have_no_params(
    game: SimGame, managed: aiohttp.ClientWebSocketResponse
) -> None:
    await ask(managed, "minecraft:server/status")
    game.join("Mira")
    game.management.notify("server/saved")
    mira = {"id": offline_uuid("Mira"), "name": "Mira"}
    assert [await managed.receive_json(timeout=5) for _ in range(2)] == [
        {"jsonrpc": "2.0", "method": "minecraft:notification/players/joined", "params": [mira]},
        {"jsonrpc": "2.0", "method": "minecraft:notification/server/saved"},
    ]


async def console(
    game: SimGame, http: aiohttp.ClientSession, password: str = PASSWORD
) -> aiohttp.ClientWebSocketResponse:
    return await http.ws_connect(game.console.url.replace("ws:", "http:"), protocols=(PROTOCOL, password))


async def test_the_console_shows_its_last_pieces_first(game: SimGame, http: aiohttp.ClientSession) -> None:
    for number in range(60):
        game.chat("Mira", f"n{number}")
    socket = await console(game, http)
    history = json.loads((await socket.receive(timeout=5)).data)
    assert history["type"] == "logHistory"
    assert len(history["lines"]) == 50
    assert history["lines"][-1].endswith("<Mira> n59\n")
    game.chat("Mira", "now")
    assert (await socket.receive_json(timeout=5))["data"].endswith("<Mira> now\n")
    await socket.send_json({"type": "stdin", "data": "say hello"})
    assert "hello" in (await socket.receive_json(timeout=5))["data"]
    assert game.console.typed == ["say hello"]
    stopping = asyncio.create_task(game.stop())
    last = [message async for message in socket]
    assert "Stopping" in str(last)
    assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
    await stopping


async def test_the_console_looks_at_password_and_origin(game: SimGame, http: aiohttp.ClientSession) -> None:
    for status in (401, 403):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await console(game, http, "wrong")
        assert refused.value.status == status
        game.console.origins = frozenset({"https://mc.example.org"})
