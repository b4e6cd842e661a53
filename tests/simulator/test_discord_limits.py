"""The pretend Discord keeps Discord's rate limits, with Discord's headers and answers."""

from __future__ import annotations

import aiohttp
import pytest

from bridge.simulator.discord import UNLIMITED, Clock, Limit, RateLimits, SimDiscord


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def __call__(self) -> float:
        return self.at_s


async def test_webhook_takes_five_in_two_seconds() -> None:
    """The sixth execution is answered 429 with the wait; after the wait there is room again."""
    hands = Hands()
    async with SimDiscord(clock=Clock(steady=hands)) as sim, aiohttp.ClientSession() as http:
        channel = sim.add_channel("general")
        hook = sim.add_webhook(channel, "Chat")
        url = f"{sim.api_url}/webhooks/{hook.id}/{hook.token}?wait=1"
        for remaining in (4, 3, 2, 1, 0):
            async with http.post(url, json={"content": "hi"}) as answer:
                assert answer.status == 200
                assert answer.headers["X-RateLimit-Remaining"] == str(remaining)
                assert answer.headers["X-RateLimit-Limit"] == "5"
                assert answer.headers["X-RateLimit-Reset-After"] == "2.000"
        hands.at_s += 1.25
        async with http.post(url, json={"content": "too much"}) as answer:
            body = await answer.json()
        assert (answer.status, answer.headers["Content-Type"]) == (429, "application/json")
        assert body == {"message": "You are being rate limited.", "retry_after": 0.75, "global": False}
        assert (answer.headers["Retry-After"], answer.headers["X-RateLimit-Scope"]) == ("1", "user")
        assert answer.headers["Via"]
        hands.at_s += 0.75
        async with http.post(url, json={"content": "again"}) as answer:
            assert answer.status == 200
        assert len(sim.messages(channel)) == 6
        assert sim.rest.invalid == 1


async def test_channel_send_limit_is_per_channel(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession
) -> None:
    """Five messages in five seconds to one channel leave the other channel its own five."""
    one, two = sim_discord.add_channel("one"), sim_discord.add_channel("two")
    statuses = []
    for channel in [one] * 6 + [two]:
        async with rest.post(f"channels/{channel.id}/messages", json={"content": "x"}) as answer:
            statuses.append(answer.status)
    assert statuses == [200] * 5 + [429, 200]


async def test_global_limit(sim_discord: SimDiscord, rest: aiohttp.ClientSession) -> None:
    """Over fifty requests in a second the answer is a global 429."""
    sim_discord.rates = RateLimits(overall=Limit(50, 60.0))
    for _ in range(50):
        async with rest.get("users/@me") as answer:
            assert answer.status == 200
    async with rest.get("users/@me") as answer:
        body = await answer.json()
    assert answer.status == 429
    assert body["global"] is True
    assert answer.headers["X-RateLimit-Global"] == "true"
    assert answer.headers["X-RateLimit-Scope"] == "global"


async def test_topic_changes_have_a_hidden_limit(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession
) -> None:
    """The third topic in ten minutes is refused for minutes although the headers show room."""
    channel = sim_discord.add_channel("general")
    for topic in ("a", "b"):
        async with rest.patch(f"channels/{channel.id}", json={"topic": topic}) as answer:
            assert answer.status == 200
    async with rest.patch(f"channels/{channel.id}", json={"topic": "c"}) as answer:
        body = await answer.json()
    assert answer.status == 429
    assert 590 < body["retry_after"] <= 600
    assert answer.headers["X-RateLimit-Remaining"] == "7"
    async with rest.patch(f"channels/{channel.id}", json={"rate_limit_per_user": 5}) as answer:
        assert answer.status == 200  # other fields are not part of it


async def test_webhook_channel_limit_can_be_switched_on(sim_discord: SimDiscord) -> None:
    """Thirty executions per minute and channel, shared by its webhooks, do not count as invalid."""
    sim_discord.rates = RateLimits(webhook=None, overall=None, webhook_channel=Limit(30, 60.0))
    channel = sim_discord.add_channel("general")
    hooks = [sim_discord.add_webhook(channel, name) for name in ("a", "b")]
    answers = []
    async with aiohttp.ClientSession() as http:
        for number in range(31):
            hook = hooks[number % 2]
            url = f"{sim_discord.api_url}/webhooks/{hook.id}/{hook.token}"
            async with http.post(url, json={"content": "x"}) as answer:
                answers.append((answer.status, answer.headers.get("X-RateLimit-Scope")))
    assert answers == [(204, None)] * 30 + [(429, "shared")]
    assert sim_discord.rest.invalid == 0


async def test_too_many_invalid_requests_ban_the_address(sim_discord: SimDiscord) -> None:
    """After the allowed number of refusals every answer is the ban page, which is not JSON and has no Via."""
    sim_discord.rates = RateLimits(invalid=Limit(3, 600.0))
    async with aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.get(f"{sim_discord.api_url}/users/@me") as answer:
                assert answer.status == 401
        async with http.get(f"{sim_discord.api_url}/gateway") as answer:
            assert answer.status == 429
            assert answer.content_type == "text/plain"
            assert "Via" not in answer.headers


async def test_gateway_send_limits() -> None:
    """More than 120 sends in a minute close with 4008, and so does the sixth presence in 20 seconds."""
    async with SimDiscord() as sim, aiohttp.ClientSession() as http:
        async with http.ws_connect(sim.gateway_url) as socket:
            for _ in range(121):
                await socket.send_json({"op": 1, "d": None})
            async for _ in socket:
                pass
            assert socket.close_code == 4008
        async with http.ws_connect(sim.gateway_url) as socket:
            await socket.send_json({"op": 2, "d": {"token": sim.token, "intents": 1}})
            for _ in range(6):
                await socket.send_json({"op": 3, "d": {"status": "online", "activities": []}})
            async for _ in socket:
                pass
            assert socket.close_code == 4008


async def test_identify_limit_invalidates_the_session() -> None:
    """A second IDENTIFY within five seconds gets INVALID_SESSION."""
    async with SimDiscord() as sim, aiohttp.ClientSession() as http:
        operations = []
        for _ in range(2):
            async with http.ws_connect(sim.gateway_url) as socket:
                await socket.send_json({"op": 2, "d": {"token": sim.token, "intents": 0}})
                await socket.receive_json()  # HELLO
                operations.append((await socket.receive_json())["op"])
        assert operations == [0, 9]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("not json", 4002),
        ('{"op": 99}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "wrong", "intents": 0}}', 4004),
        ('{"op": 2, "d": {"token": "simulated.bot.token", "intents": 0, "pad": "' + "x" * 4096 + '"}}', 4002),
        ('{"op": 6, "d": {"token": "wrong", "session_id": "?", "seq": 1}}', 4004),
    ],
)
async def test_gateway_close_codes(sent: str, code: int) -> None:
    """What the gateway cannot accept closes the connection with the documented code."""
    sim = SimDiscord()
    await sim.start()
    async with aiohttp.ClientSession() as http, http.ws_connect(sim.gateway_url) as socket:
        await socket.send_str(sent)
        async for _ in socket:
            pass
        assert socket.close_code == code
    await sim.close()
    assert len(sim.errors) == (code == 4001)  # an unknown operation is a mistake somebody must hear of


async def test_unlimited_is_unlimited(sim_discord: SimDiscord, rest: aiohttp.ClientSession) -> None:
    """With the limits off nothing is refused and no limit headers are sent."""
    sim_discord.rates = UNLIMITED
    channel = sim_discord.add_channel("general")
    for _ in range(60):
        async with rest.post(f"channels/{channel.id}/messages", json={"content": "x"}) as answer:
            assert answer.status == 200
            assert "X-RateLimit-Limit" not in answer.headers
