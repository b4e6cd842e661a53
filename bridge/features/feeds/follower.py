"""One feed: looked at in its own pace, its new entries made facts, its troubles told once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec
import structlog

from bridge.config.outside import FeedSettings
from bridge.features.feeds.newsroom import Newsroom
from bridge.features.feeds.pace import (
    LONGEST_WAIT_S,
    max_age_s,
    wait_after_failing,
    wait_after_reading,
    with_jitter,
)
from bridge.features.feeds.reading import ReadFeed, read_feed
from bridge.features.feeds.screening import NotAFeed
from bridge.journal import Journal
from bridge.store import Store
from bridge.store.feeds import (
    StoredFeed,
    forget_entries,
    known_entries,
    save_feed,
    see_entries,
    stored_feed,
)
from bridge.website.outgoing import AddressRefused, Answer, OutgoingError, retry_after_s

log = structlog.get_logger(__name__)

_ACCEPT: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
_REMEMBERED: Final = timedelta(days=90)  # feeds take entries out and put them back
_ASKING_FOR_PATIENCE: Final = frozenset({429, 503})


class Trouble(StrEnum):
    """Why a look brought nothing; what to do is under ``feeds.advice`` in the locales."""

    GONE = "gone"
    NOT_A_FEED = "not-a-feed"
    PRIVATE = "private"
    REFUSED = "refused"
    SITE = "site"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """How a feed is doing, for people who run the community."""

    name: str
    looked_at: datetime | None  # None: not yet
    next_at: datetime | None  # None: not before the bridge starts again
    failures: int  # in a row
    problem: str | None  # of the last look, in words; None where all is well
    read_at: datetime | None = None  # when it was last read with success
    trouble: Trouble | None = None  # the kind of problem


class Way(Protocol):
    """The way to a feed."""

    async def send(self, method: str, url: str, *, headers: Mapping[str, str]) -> Answer:
        """Make one request; see :class:`bridge.website.outgoing.Outgoing`."""


# What permanent redirects have led to is then no use any more.
_ASTRAY: Final = frozenset({Trouble.NOT_A_FEED, Trouble.PRIVATE, Trouble.REFUSED})


class _LookFailed(Exception):
    """A look brought nothing.

    Attributes:
        trouble: The kind of problem.
        retry_after_s: How long the server asks to be left alone.
    """

    def __init__(self, problem: str, trouble: Trouble, *, retry_after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.trouble, self.retry_after_s = trouble, retry_after_s


@dataclass(frozen=True, slots=True)
class _Brought:
    """What a good look brought; no feed where it has not changed."""

    answer: Answer
    feed: ReadFeed | None


class Follower:
    """Follows one feed for as long as it runs; where it stands outlives a restart."""

    def __init__(
        self,
        settings: FeedSettings,
        newsroom: Callable[[], Newsroom],
        *,
        way: Way,
        journal: Journal,
        store: Store,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        roll: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._newsroom = settings, newsroom
        self._way, self._journal, self._store = way, journal, store
        self._now, self._sleep, self._roll = now, sleep, roll
        self._name = newsroom().name
        self._stands: StoredFeed | None = None
        self._log = log.bind(feed=self._name)

    @property
    def state(self) -> FeedState:
        """How the feed is doing."""
        stands = self._stands or StoredFeed(name=self._name, url="")
        return FeedState(
            name=self._name,
            looked_at=stands.looked_at,
            next_at=stands.next_at,
            failures=stands.failures,
            problem=stands.problem,
            read_at=stands.read_at,
            trouble=Trouble(stands.trouble) if stands.trouble is not None else None,
        )

    async def run(self) -> None:
        """Look again and again until cancelled; ends when the feed is gone for good.

        Raises:
            JournalError: What a look brought cannot be kept; the next look brings it again.
            StoreError: The same.
        """
        if self._stands is None:
            self._stands = await self._stored()
        while (wait_s := self._wait_s(self._stands)) is not None:
            await self._sleep(wait_s)
            self._stands = await self._looked(self._stands)

    def _wait_s(self, stands: StoredFeed) -> float | None:
        """Return how long until the next look; None if there is to be none."""
        if stands.next_at is None:
            return None
        wait_s = (stands.next_at - self._now()).total_seconds()
        # A clock that was wrong when this was written must not keep us away for years.
        longest_s = with_jitter(max(LONGEST_WAIT_S, self._settings.every_s), 1.0)
        return min(max(wait_s, 0.0), longest_s)

    async def _stored(self) -> StoredFeed:
        """Return where the feed stood; a feed at another address is a new one."""
        async with self._store.reading() as conn:
            stored = await stored_feed(conn, self._name)
        if stored is None or stored.url != self._settings.url:
            return StoredFeed(name=self._name, url=self._settings.url, next_at=self._now())
        if stored.next_at is None:  # gone; somebody may have brought it back
            return msgspec.structs.replace(stored, next_at=self._now())
        return stored

    async def _looked(self, stands: StoredFeed) -> StoredFeed:
        """Look once and return where the feed then stands."""
        # Whatever keeps us from finishing, the site is not asked again at once.
        self._stands = msgspec.structs.replace(stands, next_at=self._in(self._settings.every_s))
        try:
            brought = await self._fetch(stands)
        except _LookFailed as failure:
            return await self._failed(stands, failure)
        if brought.feed is not None:
            await self._publish(stands, brought.feed)
        return await self._read(stands, brought)

    async def _fetch(self, stands: StoredFeed) -> _Brought:
        asked = {"Accept": _ACCEPT, "If-None-Match": stands.etag, "If-Modified-Since": stands.modified}
        headers = {name: value for name, value in asked.items() if value is not None}
        try:
            answer = await self._way.send("GET", stands.moved or stands.url, headers=headers)
        except OutgoingError as exc:
            private = isinstance(exc, AddressRefused)
            raise _LookFailed(str(exc), Trouble.PRIVATE if private else Trouble.UNREACHABLE) from exc
        # Before it was first read, nobody asked for what has changed.
        if answer.status == 304 and stands.read_at is not None:
            return _Brought(answer, None)
        if answer.status != 200:
            raise self._refusal(stands, answer)
        try:
            feed = await asyncio.to_thread(
                read_feed, answer.body, content_type=answer.headers.get("Content-Type", ""), url=answer.url
            )
        except NotAFeed as exc:
            raise _LookFailed(str(exc), Trouble.NOT_A_FEED) from exc
        return _Brought(answer, feed)

    def _refusal(self, stands: StoredFeed, answer: Answer) -> _LookFailed:
        status, words = answer.status, f"the site answered with status {answer.status}"
        if status == 410 and stands.moved is None:
            return _LookFailed("the feed is gone for good (status 410)", Trouble.GONE)
        if status in _ASKING_FOR_PATIENCE:
            wait_s = retry_after_s(answer.headers, self._now())
            return _LookFailed(words, Trouble.SITE, retry_after_s=wait_s)
        return _LookFailed(words, Trouble.REFUSED if 400 <= status < 500 else Trouble.SITE)

    async def _publish(self, stands: StoredFeed, feed: ReadFeed) -> None:
        """Append what is new, and then know it: what a crash leaves between is appended again, to no effect.

        What a feed already holds when it is first read is no news.
        """
        now = self._now()
        async with self._store.reading() as conn:
            known = await known_entries(conn, self._name)
        new = [entry for entry in feed.entries if entry.id not in known]
        if stands.read_at is not None and new:
            await self._journal.append(*self._newsroom().drafts(feed, new, at=now))
            self._log.info("new entries", entries=len(new))
        async with self._store.transaction() as tx:
            await see_entries(tx, self._name, [entry.id for entry in feed.entries], now)
            await forget_entries(tx, self._name, unseen_since=now - _REMEMBERED)

    async def _read(self, stands: StoredFeed, brought: _Brought) -> StoredFeed:
        headers, now = brought.answer.headers, self._now()
        fresh = brought.feed is not None
        wait_s = wait_after_reading(
            self._settings.every_s,
            max_age_s=max_age_s(headers),
            ttl_s=brought.feed.ttl_s if brought.feed is not None else 0.0,
        )
        if stands.problem is not None:
            self._log.info("the feed can be read again")
        if brought.answer.moved is not None and brought.answer.moved != stands.moved:
            self._log.info("the feed has moved for good; the settings could name its new address")
        return await self._saved(
            StoredFeed(
                name=self._name,
                url=stands.url,
                moved=brought.answer.moved or stands.moved,
                etag=_sendable(headers, "ETag") if fresh else stands.etag,
                modified=_sendable(headers, "Last-Modified") if fresh else stands.modified,
                looked_at=now,
                read_at=now,
                next_at=self._in(wait_s),
            )
        )

    async def _failed(self, stands: StoredFeed, failure: _LookFailed) -> StoredFeed:
        problem, trouble, failures = str(failure), failure.trouble, stands.failures + 1
        wait_s = wait_after_failing(self._settings.every_s, failures, retry_after_s=failure.retry_after_s)
        if problem != stands.problem:
            self._log.warning("the feed cannot be read", problem=problem, next_try_in_s=round(wait_s))
        else:
            self._log.debug("the feed still cannot be read", problem=problem)
        if trouble in _ASTRAY and stands.moved is not None:  # what its server said of it goes with it
            stands = msgspec.structs.replace(stands, moved=None, etag=None, modified=None)
        return await self._saved(
            msgspec.structs.replace(
                stands,
                looked_at=self._now(),
                next_at=None if trouble is Trouble.GONE else self._in(wait_s),
                failures=failures,
                problem=problem,
                trouble=trouble.value,
            )
        )

    async def _saved(self, stands: StoredFeed) -> StoredFeed:
        async with self._store.transaction() as tx:
            await save_feed(tx, stands)
        return stands

    def _in(self, wait_s: float) -> datetime:
        return self._now() + timedelta(seconds=with_jitter(wait_s, self._roll()))


def _sendable(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header word for word, if it is one that can be sent back."""
    value = headers.get(name)
    return value if value and value.isascii() and value.isprintable() else None
