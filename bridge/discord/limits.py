"""Keeps us inside Discord's rate limits, which are known only from its headers and change without notice."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from bridge.discord.errors import DiscordUnavailable

log = structlog.get_logger(__name__)

_INVALID_WINDOW_S: Final = 600.0
INVALID_LIMIT: Final = 2_000  # Discord shuts an address out after 10,000 such answers in ten minutes
_ROUNDING_S: Final = 0.001  # the headers carry milliseconds
_MOST_BUCKETS: Final = 256
_MAJOR: Final = ("channel", "guild", "webhook", "interaction")


@dataclass(frozen=True, slots=True)
class Route:
    """One of Discord's addresses. ``name`` is safe to log; ``path`` can hold a webhook's token."""

    method: str
    template: str
    path: str = field(repr=False)
    major: str = ""  # channel, guild or webhook: limits are counted for each apart

    @classmethod
    def of(cls, method: str, template: str, **ids: str) -> Route:
        """Return the route with its ``{placeholders}`` filled in."""
        major = next((ids[name] for name in _MAJOR if name in ids), "")
        return cls(method, template, template.format_map(ids), major)

    @property
    def name(self) -> str:
        """The route without ids and secrets."""
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of Discord's allowance was used since the start."""

    requests: int = 0
    limited: int = 0  # answers 429
    failed: int = 0  # time-outs, closed sockets, 5xx
    waited_s: float = 0.0  # spent waiting for a limit to pass, before it was hit


class _Bucket:
    """One limit: requests that share it go one after another, which also keeps them in order."""

    __slots__ = ("lock", "remaining", "resets_at")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.remaining = 1
        self.resets_at = -math.inf

    def opens_at(self) -> float:
        return self.resets_at if self.remaining <= 0 else -math.inf


class Limiter:
    """Makes requests wait for their turn instead of running into a 429."""

    def __init__(
        self,
        *,
        longest_wait_s: float = 30.0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._longest_wait_s, self._now, self._sleep = longest_wait_s, now, sleep
        self._hashes: dict[str, str] = {}  # route name → Discord's name for the limit behind it
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._shut_until = -math.inf  # a global limit, or too many invalid requests
        self._invalid, self._invalid_ends = 0, -math.inf
        self.waited_s = 0.0

    @asynccontextmanager
    async def turn(self, route: Route) -> AsyncIterator[None]:
        """Wait until *route* may be used and keep others of its limit waiting inside the block.

        Raises:
            DiscordUnavailable: The wait would be longer than ``longest_wait_s``.
        """
        async with self._bucket(route).lock:
            await self.wait(route)
            yield

    async def wait(self, route: Route) -> None:
        """Wait until *route* may be used, without taking the turn.

        Raises:
            DiscordUnavailable: The wait would be longer than ``longest_wait_s``.
        """
        while (wait_s := self.wait_s(route)) > 0:
            if wait_s > self._longest_wait_s:
                raise DiscordUnavailable(
                    f"Discord's limit for {route.name} is used up for {wait_s:.0f} s", retry_after_s=wait_s
                )
            self.waited_s += wait_s
            await self._sleep(wait_s)

    def wait_s(self, route: Route) -> float:
        """Return for how many seconds *route* must not be used; 0 or less when it may be used now."""
        return max(self._bucket(route).opens_at(), self._shut_until) - self._now()

    def note(self, route: Route, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer."""
        if name := headers.get("X-RateLimit-Bucket"):
            self._learn_name(route, name)
        try:
            remaining = int(headers.get("X-RateLimit-Remaining", ""))
            reset_s = float(headers.get("X-RateLimit-Reset-After", ""))
        except ValueError:  # not there, on routes without a limit of their own
            return
        bucket = self._bucket(route)
        bucket.remaining, bucket.resets_at = remaining, self._now() + reset_s + _ROUNDING_S

    def note_429(self, route: Route, retry_after_s: float, *, everywhere: bool) -> None:
        """Keep *route*, or everything, shut for as long as Discord asks."""
        until = self._now() + retry_after_s + _ROUNDING_S
        if everywhere:
            self._shut_until = max(self._shut_until, until)
            log.warning("discord limits everything we send", retry_after_s=retry_after_s)
            return
        bucket = self._bucket(route)
        bucket.remaining, bucket.resets_at = 0, until
        log.info("discord limits a route", route=route.name, retry_after_s=retry_after_s)

    def note_invalid(self) -> None:
        """Count an answer 401, 403 or 429; too many of them, and we stop before Discord shuts us out."""
        now = self._now()
        if now >= self._invalid_ends:
            self._invalid, self._invalid_ends = 0, now + _INVALID_WINDOW_S
        self._invalid += 1
        if self._invalid == INVALID_LIMIT:
            self._shut_until = max(self._shut_until, self._invalid_ends)
            log.error(
                "too many refused requests; sending rests", refused=self._invalid, rest_s=_INVALID_WINDOW_S
            )

    def _learn_name(self, route: Route, name: str) -> None:
        known = self._hashes.get(route.name)
        if known == name:
            return
        bucket = self._bucket(route)
        self._hashes[route.name] = name
        self._buckets.setdefault((name, route.major), bucket)

    def _bucket(self, route: Route) -> _Bucket:
        key = (self._hashes.get(route.name, route.name), route.major)
        bucket = self._buckets.get(key)
        if bucket is None:
            self._tidy()
            bucket = self._buckets[key] = _Bucket()
        return bucket

    def _tidy(self) -> None:
        if len(self._buckets) < _MOST_BUCKETS:
            return
        now = self._now()
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if bucket.lock.locked() or bucket.opens_at() > now
        }
