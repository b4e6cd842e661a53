"""The pretend Discord fails on purpose, exactly as scripted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import discord
import pytest

from bridge.simulator.discord import UNLIMITED, Channel, FaultKind, SimDiscord

Connect = Callable[..., AbstractAsyncContextManager[discord.Client]]


@pytest.fixture
def channel(sim_discord: SimDiscord) -> Channel:
    """A channel without rate limits."""
    sim_discord.rates = UNLIMITED
    return sim_discord.add_channel("general")


async def send(rest: aiohttp.ClientSession, channel: Channel, content: str = "x") -> int:
    """Send a message and return the status of the answer."""
    async with rest.post(f"channels/{channel.id}/messages", json={"content": content}) as answer:
        await answer.read()
        return answer.status


async def test_errors_are_answered_in_order_and_only_where_they_match(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """Faults are used up one by one; requests that do not match pass."""
    sim_discord.faults.error(500, path="messages$")
    sim_discord.faults.error(502, times=2, method="POST")
    async with rest.get("users/@me") as answer:
        assert answer.status == 200
    assert [await send(rest, channel) for _ in range(4)] == [500, 502, 502, 200]
    assert len(sim_discord.messages(channel)) == 1
    assert [one.fault for one in sim_discord.requests] == [None, "error", "error", "error", None]


@pytest.mark.parametrize(("kind", "stored"), [(FaultKind.DROP, 0), (FaultKind.DROP_AFTER, 1)])
async def test_a_closed_connection_before_or_after_handling(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel, kind: FaultKind, stored: int
) -> None:
    """The client sees the same, but only the second kind has made the message."""
    (sim_discord.faults.drop if kind is FaultKind.DROP else sim_discord.faults.drop_after)()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send(rest, channel)
    assert len(sim_discord.messages(channel)) == stored
    assert sim_discord.requests[-1].status is None
    assert await send(rest, channel) == 200


async def test_an_error_after_handling(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """The answer is 502 although the message exists."""
    sim_discord.faults.error_after(502)
    assert await send(rest, channel) == 502
    assert len(sim_discord.messages(channel)) == 1


async def test_hanging_requests_end_with_clear(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """A request that hangs is never handled; clear drops its connection."""
    sim_discord.faults.hang()
    hanging = asyncio.create_task(send(rest, channel))
    await sim_discord.wait_for(lambda: sim_discord.rest.received == 1)
    await sim_discord.wait_for(lambda: sim_discord.requests[0].fault is FaultKind.HANG)
    assert not hanging.done()
    sim_discord.faults.clear()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await hanging
    assert sim_discord.messages(channel) == []


async def test_an_outage_lasts_until_it_ends(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """During an outage every request fails in the chosen way."""
    sim_discord.faults.start_outage(status=503)
    assert [await send(rest, channel) for _ in range(3)] == [503, 503, 503]
    sim_discord.faults.end_outage()
    assert await send(rest, channel) == 200


async def test_delays_keep_the_request(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """A delayed request is handled after its wait."""
    sim_discord.faults.delay(0.02)
    assert await send(rest, channel) == 200
    entry = sim_discord.requests[-1]
    assert entry.answered_s is not None
    assert entry.answered_s - entry.arrived_s >= 0.02


async def test_discord_py_waits_for_a_429(
    sim_discord: SimDiscord, connect: Connect, channel: Channel
) -> None:
    """discord.py understands a scripted 429 and repeats; without Via it takes it for a ban."""
    async with connect() as client:
        there = client.get_partial_messageable(int(channel.id))
        sim_discord.faults.limited(0.01, method="POST", path="messages$")
        await there.send("after the wait")
        sim_discord.faults.limited(0.01, method="POST", path="messages$", via=False)
        with pytest.raises(discord.HTTPException, match="429"):
            await there.send("banned")
    assert [one.content for one in sim_discord.messages(channel)] == ["after the wait"]
    posts = [one.status for one in sim_discord.requests if one.method == "POST"]
    assert posts == [429, 200, 429]


async def test_stop_releases_everything_and_start_takes_the_same_port(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """A whole outage: nothing listens, then the same address works again with the same guild."""
    port = sim_discord.port
    sim_discord.faults.hang()
    hanging = asyncio.create_task(send(rest, channel))
    await sim_discord.wait_for(lambda: sim_discord.rest.received == 1)
    await sim_discord.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging
    with pytest.raises(aiohttp.ClientConnectorError):
        await send(rest, channel)
    await sim_discord.start(port)
    assert await send(rest, channel) == 200


async def test_gateway_faults(sim_discord: SimDiscord) -> None:
    """Heartbeats can stay unanswered, sessions can be invalidated, connections cut without a word."""
    async with aiohttp.ClientSession() as http, http.ws_connect(sim_discord.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        sim_discord.faults.ignore_heartbeats = True
        await socket.send_json({"op": 1, "d": None})
        (connection,) = sim_discord.gateway.connections
        await sim_discord.wait_for(lambda: connection.heartbeats == 1)
        sim_discord.faults.ignore_heartbeats = False
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        sim_discord.gateway.invalidate()
        assert await socket.receive_json() == {"op": 9, "d": False}
        sim_discord.gateway.ask_to_reconnect()
        assert (await socket.receive_json())["op"] == 7
        sim_discord.gateway.drop(abruptly=True)
        async for _ in socket:
            pass
        assert socket.close_code == 1006


async def test_many_starts_and_stops_leave_nothing() -> None:
    """Twenty rounds with an open gateway connection leave no task behind."""
    before = asyncio.all_tasks()
    for _ in range(20):
        async with (
            SimDiscord() as sim,
            aiohttp.ClientSession() as http,
            http.ws_connect(sim.gateway_url) as socket,
        ):
            await socket.receive_json()
            await sim.stop()
    assert asyncio.all_tasks() == before
