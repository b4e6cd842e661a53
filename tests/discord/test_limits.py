"""The limiter, with a clock of its own."""

from __future__ import annotations

import asyncio

import pytest

from bridge.discord.errors import DiscordUnavailable
from bridge.discord.limits import INVALID_LIMIT, Limiter, Route

HOOK = Route.of("POST", "/webhooks/{webhook}/{token}", webhook="1", token="secret")
OTHER_HOOK = Route.of("POST", "/webhooks/{webhook}/{token}", webhook="2", token="secret")
EDIT = Route.of(
    "PATCH", "/webhooks/{webhook}/{token}/messages/{message}", webhook="1", token="x", message="3"
)


class Hands:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, wait_s: float) -> None:
        self.slept.append(round(wait_s, 3))
        self.at += wait_s
        await asyncio.sleep(0)


def headers(remaining: str, reset_s: str, bucket: str = "hook") -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": bucket,
        "X-RateLimit-Remaining": remaining,
        "X-RateLimit-Reset-After": reset_s,
    }


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def limiter(hands: Hands) -> Limiter:
    return Limiter(now=hands.now, sleep=hands.sleep)


async def test_waits_when_the_headers_say_that_nothing_is_left(hands: Hands, limiter: Limiter) -> None:
    limiter.note(HOOK, headers("1", "1.5"))
    await limiter.wait(HOOK)
    limiter.note(HOOK, headers("0", "1.5"))
    await limiter.wait(HOOK)
    assert hands.slept == [1.501]


async def test_routes_that_share_a_limit_wait_together(limiter: Limiter) -> None:
    limiter.note(EDIT, headers("5", "2"))
    limiter.note(HOOK, headers("0", "2"))
    assert limiter.wait_s(EDIT) > 1.9
    assert limiter.wait_s(OTHER_HOOK) <= 0


async def test_a_429_shuts_the_route_or_everything(limiter: Limiter) -> None:
    limiter.note_429(HOOK, 3.0, everywhere=False)
    assert limiter.wait_s(HOOK) == pytest.approx(3.001)
    assert limiter.wait_s(OTHER_HOOK) <= 0
    limiter.note_429(HOOK, 2.0, everywhere=True)
    assert limiter.wait_s(OTHER_HOOK) == pytest.approx(2.001)


async def test_a_very_long_wait_is_the_callers_decision(limiter: Limiter) -> None:
    limiter.note_429(HOOK, 500.0, everywhere=False)
    with pytest.raises(DiscordUnavailable) as shut:
        await limiter.wait(HOOK)
    assert shut.value.retry_after_s == pytest.approx(500.0, abs=0.1)
    assert not shut.value.outcome_unknown


@pytest.mark.parametrize("broken", [{}, headers("many", "1"), headers("0", "soon"), headers("", "")])
async def test_headers_that_make_no_sense_are_ignored(limiter: Limiter, broken: dict[str, str]) -> None:
    limiter.note(HOOK, broken)
    assert limiter.wait_s(HOOK) <= 0


async def test_requests_of_one_limit_go_one_after_another(limiter: Limiter) -> None:
    order: list[str] = []

    async def request(name: str) -> None:
        async with limiter.turn(HOOK):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(request("first"), request("second"))
    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_too_many_refused_requests_stop_everything_for_a_while(hands: Hands, limiter: Limiter) -> None:
    for _ in range(INVALID_LIMIT - 1):
        limiter.note_invalid()
    assert limiter.wait_s(HOOK) <= 0
    limiter.note_invalid()
    assert limiter.wait_s(HOOK) == pytest.approx(600.0)
    hands.at += 601
    limiter.note_invalid()
    assert limiter.wait_s(HOOK) <= 0


async def test_limits_of_the_past_are_forgotten(hands: Hands, limiter: Limiter) -> None:
    for number in range(2000):
        route = Route.of("POST", "/interactions/{interaction}/{token}", interaction=str(number), token="x")
        limiter.note(route, headers("0", "1", bucket=""))
        hands.at += 1
    assert len(limiter._buckets) <= 257


def test_a_route_hides_its_secret() -> None:
    assert "secret" not in repr(HOOK)
    assert "secret" not in HOOK.name
