"""Rate limits as Discord keeps them: fixed windows that begin with their first request.

The numbers without documentation are those that communities have observed; all can be changed or
switched off, because what matters to a client is that it reads the headers.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

from bridge.simulator.discord.clock import Clock


class Limit(msgspec.Struct, frozen=True):
    """So many requests in so many seconds."""

    count: int
    per_s: float


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Every limit that the simulator keeps; None switches one off."""

    overall: Limit | None = Limit(50, 1.0)  # documented, per bot; interaction answers do not count
    invalid: Limit | None = Limit(10_000, 600.0)  # documented: 401, 403 and 429 until the address is banned
    send: Limit | None = Limit(5, 5.0)  # observed, per channel
    edit: Limit | None = Limit(5, 5.0)  # observed, per channel
    delete: Limit | None = Limit(5, 1.0)  # observed, per channel
    typing: Limit | None = Limit(5, 5.0)  # observed, per channel
    webhook: Limit | None = Limit(5, 2.0)  # observed, per webhook: execute, edit and delete
    webhook_channel: Limit | None = None  # observed as 30 in 60 s by some; hidden from the headers
    channel: Limit | None = Limit(10, 15.0)  # observed: PATCH of a channel
    channel_name_topic: Limit | None = Limit(2, 600.0)  # documented nowhere but certain; hidden
    commands_created: Limit | None = Limit(200, 86_400.0)  # documented, per guild
    gateway_sends: Limit | None = Limit(120, 60.0)  # documented, per connection
    presence: Limit | None = Limit(5, 20.0)  # documented, per connection
    identify: Limit | None = Limit(1, 5.0)  # documented: max_concurrency
    sessions: Limit | None = Limit(1000, 86_400.0)  # documented


UNLIMITED: Final = RateLimits(**dict.fromkeys(RateLimits.__struct_fields__))


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What one request found in its bucket, for the headers."""

    limit: int
    remaining: int
    reset_after_s: float
    bucket: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A 429: how long to wait and whose limit it was."""

    retry_after_s: float
    scope: str = "user"  # user, shared or global
    usage: Usage | None = None


class _Window:
    __slots__ = ("ends", "used")

    def __init__(self) -> None:
        self.used = 0
        self.ends = -math.inf


class Buckets:
    """Counts requests in their windows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def take(self, limit: Limit, name: str, key: str) -> tuple[bool, Usage]:
        """Count one request; false when the window has no room, and then nothing is counted."""
        now = self._clock.steady()
        window = self._windows.setdefault((name, key), _Window())
        if now >= window.ends:
            window.used, window.ends = 0, now + limit.per_s
        fits = window.used < limit.count
        window.used += fits
        return fits, Usage(
            limit=limit.count,
            remaining=limit.count - window.used,
            reset_after_s=window.ends - now,
            bucket=name,
        )

    def fits(self, limit: Limit | None, name: str, key: str) -> bool:
        """Count one use of a limit that has no headers; true when there is no such limit."""
        return limit is None or self.take(limit, name, key)[0]

    def used(self, name: str, key: str) -> int:
        """Return how many were counted in the window that is still open."""
        window = self._windows.get((name, key))
        return window.used if window is not None and self._clock.steady() < window.ends else 0

    def clear(self) -> None:
        """Forget everything that was counted."""
        self._windows.clear()


def round_up(seconds: float) -> float:
    """Return a wait in whole milliseconds that is never too short."""
    return math.ceil(seconds * 1000) / 1000


def headers_of(usage: Usage, clock: Clock) -> dict[str, str]:
    """Return the rate-limit headers of an answer."""
    return {
        "X-RateLimit-Limit": str(usage.limit),
        "X-RateLimit-Remaining": str(usage.remaining),
        "X-RateLimit-Reset": f"{round_up(clock.wall() + usage.reset_after_s):.3f}",
        "X-RateLimit-Reset-After": f"{round_up(usage.reset_after_s):.3f}",
        "X-RateLimit-Bucket": usage.bucket,
    }


def refusal_headers(refusal: Refusal, clock: Clock) -> dict[str, str]:
    """Return the headers of a 429."""
    headers = {} if refusal.usage is None else headers_of(refusal.usage, clock)
    headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    headers["X-RateLimit-Scope"] = refusal.scope
    if refusal.scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return headers
