"""A house whose website lets people in by a pretend Discord, and the browsers of those who come."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import aiohttp
import pytest

from bridge.config.settings import BridgeSettings
from bridge.discord import DiscordLink, Timing
from bridge.features.contract import Parts
from bridge.features.sign_in import SignIn
from bridge.features.staff import Staff
from bridge.features.status import Status
from bridge.journal import SqliteJournal
from bridge.locales import Catalogue
from bridge.simulator.discord import Member, RateLimits, Role, SimDiscord
from bridge.store import Store
from bridge.store.audit import audit_entries
from bridge.store.schema import Migrate
from bridge.website import Site
from bridge.website.door import Door
from bridge.website.sessions import Sessions

SECRET = "client-secret-of-the-test"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Clock:
    """The bridge's time, which goes on when it is told to."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Page:
    """What a browser got in the end."""

    status: int
    path: str
    text: str
    headers: dict[str, str]


@dataclass
class Browser:
    """Somebody's browser, with its cookies."""

    client: aiohttp.ClientSession
    sim: SimDiscord
    site: Site

    async def get(self, path: str, **options: Any) -> Page:  # noqa: ANN401 - the client's own
        """Open an address."""
        async with self.client.get(path, **options) as answer:
            return await _page(answer)

    async def post(self, path: str, page: Page | None = None, **fields: str) -> Page:
        """Send a form of a page of ours; of the page for signing in if none is named."""
        shown = page or await self.get("/sign-in")
        data = {"csrf": self.csrf(shown), **fields}
        async with self.client.post(path, data=data, allow_redirects=False) as answer:
            return await _page(answer)

    @staticmethod
    def csrf(page: Page) -> str:
        """The token in a page's form."""
        found = CSRF.search(page.text)
        assert found is not None, page.text
        return found[1]

    async def to_discord(self, then: str = "") -> str:
        """Press the button and return where Discord's page is."""
        shown = await self.get(f"/sign-in?next={quote(then)}")
        sent = await self.post("/sign-in", shown, next=then)
        assert sent.status == 303, sent.text
        return sent.headers["Location"]

    async def sign_in(self, member: Member | None, then: str = "") -> Page:
        """Sign in as a member, or refuse on Discord's page, and return where that ends."""
        url = await self.to_discord(then)
        answer = await self.sim.sign_in(self.client, url, member)
        return await _page(answer)

    def cookies(self) -> dict[str, str]:
        """What the browser keeps."""
        return {cookie.key: cookie.value for cookie in self.client.cookie_jar}


async def _page(answer: aiohttp.ClientResponse) -> Page:
    return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))


@dataclass
class House:
    """What a test needs of a running house."""

    parts: Parts
    site: Site
    feature: SignIn
    sim: SimDiscord
    clock: Clock
    moderators: Role
    _open: contextlib.AsyncExitStack

    async def browser(self, **options: Any) -> Browser:  # noqa: ANN401 - same
        """A browser without cookies."""
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=10)
        made = aiohttp.ClientSession(self.site.url, cookie_jar=jar, timeout=timeout, **options)
        return Browser(await self._open.enter_async_context(made), self.sim, self.site)

    async def audit(self) -> list[tuple[str, str, str | None]]:
        """What the audit log says was done: who, what, and what became of it; oldest first."""
        async with self.parts.store.reading() as conn:
            entries = await audit_entries(conn, before=None, who="", action="", most=100)
        return [(entry.who, entry.action, entry.became) for entry in reversed(entries)]


OpenHouse: TypeAlias = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_house(tmp_path: Path, migrate: Migrate) -> OpenHouse:
    """Build and run a house with other settings of the website, or without Discord."""

    @asynccontextmanager
    async def opened(*, with_discord: bool = True, **website: object) -> AsyncIterator[House]:
        async with contextlib.AsyncExitStack() as stack:
            sim = await stack.enter_async_context(SimDiscord(rates=RateLimits(identify=None)))
            moderators = sim.add_role("Moderator")
            settings = _settings(sim, moderators, tmp_path, website)
            if not with_discord:
                settings = settings.model_copy(update={"discord": None})
            store = await stack.enter_async_context(await Store.open(settings.data, migrate=migrate))
            journal = await stack.enter_async_context(SqliteJournal(store))
            clock = Clock()
            parts = Parts(
                settings=settings,
                catalogue=Catalogue.load("en"),
                journal=journal,
                store=store,
                discord=_link(settings, journal),
                site=_site(settings, store, clock),
                now=clock,
            )
            yield await _running(parts, sim, clock, moderators, stack)

    return opened


@pytest.fixture
async def house(open_house: OpenHouse) -> AsyncIterator[House]:
    """A running house with the usual settings."""
    async with open_house() as opened:
        yield opened


def _settings(sim: SimDiscord, moderators: Role, folder: Path, website: dict[str, object]) -> BridgeSettings:
    sign_in = {
        "client_id": sim.bot.id,
        "client_secret": SECRET,
        "authorize_url": sim.authorize_url,
    }
    return BridgeSettings.model_validate(
        {
            "data": folder / "data",
            "servers": {"survival": {"status": {"port": 1}}},
            "discord": {
                "token": sim.token,
                "guild": sim.guild_id,
                "channels": {"main": sim.add_channel("main").id},
                "api_url": sim.api_url,
                "gateway_url": sim.gateway_url,
            },
            "website": {"port": 0, "sign_in": sign_in} | website,
            "staff": {"roles": {moderators.id: "moderator"}},
        }
    )


def _link(settings: BridgeSettings, journal: SqliteJournal) -> DiscordLink | None:
    if settings.discord is None:
        return None
    return DiscordLink(settings.discord, journal, channels=frozenset(), timing=Timing(request_s=1.0))


def _site(settings: BridgeSettings, store: Store, clock: Clock) -> Site:
    sessions = Sessions(store, store.path.parent, idle_s=settings.staff.idle_s, secure=False, now=clock)
    door = Door(store, sessions, address_of=lambda request: request.headers.get("X-Test-From", "192.0.2.1"))
    return Site(settings.website, Catalogue.load("en"), community="Stonebridge", door=door)


async def _running(
    parts: Parts, sim: SimDiscord, clock: Clock, moderators: Role, stack: contextlib.AsyncExitStack
) -> House:
    site = parts.site
    assert site is not None
    Status(parts)
    Staff(parts)
    feature = SignIn(parts)
    task = asyncio.create_task(site.run())
    stack.push_async_callback(_ended, task, parts.discord)
    async with asyncio.timeout(10):
        await site.listening.wait()
    sim.register_oauth(SECRET, f"{site.url}/signed-in")
    return House(parts, site, feature, sim, clock, moderators, stack)


async def _ended(task: asyncio.Task[None], link: DiscordLink | None) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    if link is not None:
        await link._rest.close()
