"""A community on loopback, its bridge as a process, and Debian's Chromium to look at its website.

Simulators, browser and tests share one event loop for the whole run, so that each process of pytest starts
them once. Every page is watched while a test has it open: what the browser complains about fails the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeAlias

import aiohttp
import pytest
import pytest_asyncio
import yaml
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    StorageState,
    ViewportSize,
    async_playwright,
)

from bridge.config.settings import PlayerField
from bridge.simulator.discord import UNLIMITED, Channel, Member, SimDiscord
from bridge.simulator.game import SimGame
from tests.warm import WarmProcess, WarmPython

PUBLIC: Final = {
    "home": "/",
    "server": "/servers/survival",
    "server-that-is-down": "/servers/creative",
    "player": "/players/Alix",
    "leaderboard": "/leaderboard",
    "room": "/rooms/main",
    "room-to-read": "/rooms/news",
    "framed-room": "/embed/rooms/main",
    "framed-server": "/embed/survival",
    "sign-in": "/sign-in",
    "sign-in-that-failed": "/signed-in?state=unknown",
    "owner-link-that-is-over": "/sign-in/owner/worthless",
    "api": "/api/docs",
    "nowhere": "/nowhere",
}
"""Every kind of page that visitors see."""

STAFF: Final = {
    "overview": "/staff",
    "console": "/staff/console",
    "figures": "/staff/figures",
    "figures-players": "/staff/figures/players",
    "figures-hours": "/staff/figures/hours",
    "figures-compare": "/staff/figures/compare",
    "reports": "/staff/reports",
    "uptime": "/staff/uptime",
    "queries": "/staff/queries",
    "players": "/staff/players",
    "health": "/staff/health",
    "deliveries": "/staff/deliveries",
    "hooks": "/staff/hooks",
    "audit": "/staff/audit",
    "settings": "/staff/settings",
    "tokens": "/staff/tokens",
}
"""Every page in the navigation of an admin."""

DEEPER: Final = {"staff-player": "/staff/players/Alix"}
"""Pages for staff that lead from those."""

ROLES: Final = ("moderator", "admin")
PLAYERS: Final = ("Alix", "Boris", "Chloe")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
READY_WITHIN_S: Final = 30.0
STOPS_WITHIN_S: Final = 6.0
CLIENT_SECRET: Final = "client-secret-of-the-stage"
HOOK_SECRET: Final = "secret-of-the-stage's-shop"

VISITOR: Final = "visitor"
WIDE: Final[ViewportSize] = {"width": 1280, "height": 720}
Visit: TypeAlias = Callable[..., Awaitable[Page]]
SignIn: TypeAlias = Callable[..., Awaitable[None]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask a test once for every page, of visitors and of staff."""
    if "anywhere" in metafunc.fixturenames:
        pages = PUBLIC | STAFF | DEEPER
        metafunc.parametrize("anywhere", list(pages.values()), ids=list(pages))


@dataclass(kw_only=True)
class Stage:
    """The community: its game server, Discord, people, and the address of its website."""

    folder: Path
    game: SimGame
    discord: SimDiscord
    channel: Channel
    members: dict[str, Member]
    url: str
    neighbour: str  # the origin of the community's other site, which may show our cards in frames
    python: WarmPython

    @property
    def config(self) -> Path:
        """The bridge's settings."""
        return self.folder / "bridge.yml"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the bridge may never show."""
        return (self.discord.token, self.game.rcon.password, CLIENT_SECRET, HOOK_SECRET)

    async def say_in_discord(self, text: str) -> None:
        """Let a moderator write in the channel."""
        await self.discord.say(self.channel, self.members["moderator"], text)

    async def call(self, *arguments: str) -> str:
        """Run a command of the bridge's command line and return what it prints."""
        called = await asyncio.to_thread(self.python.run, "-m", "bridge", *arguments)
        assert called.returncode == 0, called.stderr
        return called.stdout.strip()


@dataclass
class Watched:
    """What the browser complained about on one page."""

    url: str
    troubles: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to a page: its console, its scripts, and where its requests go."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script failed: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        loading = message.text.startswith("Failed to load resource")  # told with its status by _response
        if message.type in ("error", "warning") and not loading:
            self.troubles.append(f"{message.type} in the console: {message.text}")

    def _response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request():
            return  # the test's own doing, such as to Discord's page
        if not request.url.startswith((f"{self.url}/", "data:")):
            self.troubles.append(f"asked somebody else: {request.url}")
        if response.status >= HTTPStatus.BAD_REQUEST:
            self.troubles.append(f"{response.status} for {request.url}")


class Visitors:
    """Opens pages in fresh windows of the browser, as somebody who is signed in or not."""

    def __init__(self, browser: Browser, stage: Stage) -> None:
        self._browser, self._stage = browser, stage
        self._signed_in: dict[str, StorageState] = {}
        self._kept: dict[tuple[str, bool], tuple[Page, Watched]] = {}

    async def window(self, who: str = VISITOR, **options: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's
        """Open a window: of a visitor, or of whoever has that role."""
        state = None if who == VISITOR else await self._state(who)
        usual = {"base_url": self._stage.url, "locale": "en-GB", "storage_state": state}
        return await self._browser.new_context(**{**usual, **options})

    async def kept(self, who: str, *, scripts: bool) -> tuple[Page, Watched]:
        """Return somebody's page that stays open from test to test, and what the browser says of it."""
        if (who, scripts) not in self._kept:
            window = await self.window(who, java_script_enabled=scripts, reduced_motion="reduce")
            watched = Watched(self._stage.url)
            watched.watch(page := await window.new_page())
            self._kept[who, scripts] = page, watched
        return self._kept[who, scripts]

    async def leave(self) -> None:
        """Close the windows that were kept."""
        for page, _ in self._kept.values():
            await page.context.close()

    async def _state(self, who: str) -> StorageState:
        """Return what a browser keeps once somebody has signed in; they do so once."""
        if who not in self._signed_in:
            window = await self.window()
            await signed_in(await window.new_page(), self._stage.members[who].name)
            self._signed_in[who] = await window.storage_state()
            await window.close()
        return self._signed_in[who]


async def signed_in(page: Page, name: str, *, then: str = "") -> None:
    """Sign in through Discord's page as a member."""
    await page.goto(f"/sign-in?next={then}")
    await page.get_by_role("button", name="Sign in with Discord").click()
    await page.get_by_role("button", name=name, exact=True).click()
    await page.wait_for_url(lambda url: "oauth2" not in url and "signed-in?" not in url)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "these tests need a browser; on Debian: apt-get install chromium"
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests of this process."""
    async with async_playwright() as playwright:
        # As root, as in a container, Chromium starts only without its sandbox; it sees nothing but our pages.
        started = await playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=["--disable-gpu"]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory, warm: WarmPython) -> AsyncIterator[Stage]:
    """A community where something has happened, and its bridge."""
    folder = tmp_path_factory.mktemp("stage")
    async with SimDiscord(rates=UNLIMITED) as discord:
        game = SimGame(folder / "survival", players=PLAYERS, motd="§aBlocks and §lbridges\n<b>Come in</b>")
        await game.start()
        try:
            made = _stage(folder, game, discord, warm)
            async with _bridge(made):
                await _live(made)
                yield made
        finally:
            await game.stop()


def _stage(folder: Path, game: SimGame, discord: SimDiscord, python: WarmPython) -> Stage:
    channel = discord.add_channel("main")
    discord.add_channel("news")
    roles = {name: discord.add_role(name.title()) for name in ROLES}
    members = {name: discord.add_member(f"Mira the {name}", roles=[role]) for name, role in roles.items()}
    members["player"] = discord.add_member("Noor the player")
    url = f"http://127.0.0.1:{_free_port()}"
    discord.register_oauth(CLIENT_SECRET, f"{url}/signed-in")
    stage = Stage(
        folder=folder,
        game=game,
        discord=discord,
        channel=channel,
        members=members,
        url=url,
        neighbour=f"http://localhost:{_free_port()}",
        python=python,
    )
    staff = {"roles": {str(role.id): name for name, role in roles.items()}}
    stage.config.write_text(yaml.safe_dump(_settings(stage) | {"staff": staff}), encoding="utf-8")
    stage.config.chmod(0o600)
    return stage


def _settings(stage: Stage) -> dict[str, Any]:
    """Return what an owner would write who opens everything."""
    game, discord = stage.game, stage.discord
    channels = {each.name: str(each.id) for each in discord.world.channels.values()}
    survival = {
        "title": "Survival",
        "address": "mc.example.org",
        "log": {"path": str(game.log.latest)},
        "rcon": {"port": game.rcon.port, "password": game.rcon.password},
        "status": {"port": game.status.port, "every": "1s"},
    }
    hook = {
        "secret": HOOK_SECRET,
        "then": [{"post": {"channel": "news", "text": "**{who}** supports us: <https://example.org/shop>"}}],
    }
    nobody_listens = {
        "url": f"http://127.0.0.1:{_free_port()}/",
        "secret": HOOK_SECRET,
        "kinds": ["player.*"],
        "allow-private": True,
    }
    sign_in = {
        "client-id": str(discord.bot.id),
        "client-secret": CLIENT_SECRET,
        "authorize-url": discord.authorize_url,
    }
    return {
        "data": "data",
        "community": {"name": "Stonebridge"},
        "servers": {
            "survival": survival,
            "creative": {"status": {"port": _free_port(), "every": "1s", "down-after": 1}},
        },
        "discord": {
            "token": discord.token,
            "guild": str(discord.guild_id),
            "channels": channels,
            "api-url": discord.api_url,
            "gateway-url": discord.gateway_url,
        },
        "rooms": {
            "main": {"servers": ["survival"], "channels": ["main"], "website": "write"},
            "news": {"title": "News", "channels": ["news"], "website": "read"},
        },
        "website": {
            "port": int(stage.url.rpartition(":")[2]),
            "frame-ancestors": [stage.neighbour],
            "sign-in": sign_in,
            "visitor-interval": "0s",
            "player-fields": [each.value for each in PlayerField],
            "leaderboard": True,
        },
        "hooks": {"in": {"shop": hook}, "out": {"archive": nobody_listens}},
    }


@contextlib.asynccontextmanager
async def _bridge(stage: Stage) -> AsyncIterator[None]:
    """Run the ordinary bridge from the settings file, as a process of its own."""
    path = stage.folder / "bridge.log"
    with path.open("wb") as log:
        process = stage.python.start("-m", "bridge", "run", str(stage.config), stdout=log, stderr=log)
    try:
        await _until_ready(stage, process, path)
        yield
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
    assert process.returncode == 0, _said(path)


async def _until_ready(stage: Stage, process: WarmProcess, log: Path) -> None:
    async with aiohttp.ClientSession() as session:
        ends = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < ends:
            assert process.returncode is None, _said(log)
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{stage.url}/readyz") as answer:
                    if answer.status == HTTPStatus.OK:
                        return
            await asyncio.sleep(0.05)  # another process: there is nothing to be woken by
    raise TimeoutError(f"not ready; its log: {_said(log)}")


async def _live(stage: Stage) -> None:
    """Let happen what pages are to show, and return once the website shows the last of it."""
    game = stage.game
    game.chat("Boris", "good evening, " + "https://example.org/" + "a-long-way/" * 12)
    game.die("Chloe", "fell from a high place")
    game.advance("Alix", "Stone Age")
    await stage.say_in_discord(
        "**Welcome**, `/list` tells who is here. ||It was the creeper||\n> a quoted line"
    )
    await stage.say_in_discord("```\n" + "code " * 60 + "\n```")
    await _told_by_the_shop(stage)
    game.chat("Alix", "the bridge stands")
    async with aiohttp.ClientSession() as session, asyncio.timeout(READY_WITHIN_S):
        for path, last in (("/rooms/main", "the bridge stands"), ("/rooms/news", "supports us")):
            while True:
                async with session.get(stage.url + path) as answer:
                    if last in await answer.text():
                        break
                await asyncio.sleep(0.05)  # same


async def _told_by_the_shop(stage: Stage) -> None:
    body, at = json.dumps({"who": "Chloe"}), str(int(time.time()))
    signature = hmac.new(HOOK_SECRET.encode(), f"v1:{at}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Passerelle-Id": "order-1",
        "X-Passerelle-Timestamp": at,
        "X-Passerelle-Signature": f"v1={signature}",
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.url}/hooks/shop", data=body, headers=headers) as answer,
    ):
        assert answer.ok, await answer.text()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def visitors(browser: Browser, stage: Stage) -> AsyncIterator[Visitors]:
    """Everybody who may visit."""
    everybody = Visitors(browser, stage)
    yield everybody
    await everybody.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(visitors: Visitors, stage: Stage) -> AsyncIterator[Visit]:
    """Open a page of somebody's in a window of its own; in the end nobody may have complained.

    Its arguments: the address, ``who`` (a role, else a visitor), and Playwright's options of a window.
    """
    watched = Watched(stage.url)
    windows: list[BrowserContext] = []

    async def opened(path: str, who: str = VISITOR, **options: Any) -> Page:  # noqa: ANN401 - Playwright's
        windows.append(window := await visitors.window(who, **options))
        page = await window.new_page()
        watched.watch(page)
        await page.goto(path)
        return page

    yield opened
    for window in windows:
        await window.close()
    assert not watched.troubles, "\n".join(watched.troubles)


@pytest_asyncio.fixture(loop_scope="session")
async def look(visitors: Visitors) -> AsyncIterator[Visit]:
    """Open a page by day and wide, in a window that its visitor keeps: for tests that leave nothing there.

    A window of its own takes the browser as long as a page. Its arguments: the address, ``who``, and whether
    there are ``scripts``. In the end nobody may have complained.
    """
    looked_at: list[Watched] = []

    async def opened(path: str, who: str = VISITOR, *, scripts: bool = True) -> Page:
        page, watched = await visitors.kept(who, scripts=scripts)
        looked_at.append(watched)
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size(WIDE)
        await page.goto(path)
        return page

    yield opened
    troubles = [trouble for watched in looked_at for trouble in watched.troubles]
    for watched in looked_at:
        watched.troubles.clear()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def sign_in() -> SignIn:
    """Sign in through Discord's page: on which page, as whom, and ``then`` where that leads."""
    return signed_in


@pytest.fixture
def staff_pages() -> frozenset[str]:
    """The addresses of all pages for staff."""
    return frozenset(STAFF.values())


@pytest.fixture
def whose() -> Callable[[str], str]:
    """Tell who looks at a page: an admin at those of staff."""
    return lambda path: "admin" if path.startswith("/staff") else VISITOR


def _said(log: Path) -> str:
    return log.read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session", autouse=True)
def _zone() -> Iterator[None]:
    """The pretend server writes its log in UTC, as the bridge reads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
