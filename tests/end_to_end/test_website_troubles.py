"""What goes wrong around the website, from visitors to Discord, and the bridge that goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.config.access import Bundle, Permission
from bridge.events import RoomId
from bridge.features.feeds import Feeds
from bridge.features.rooms import Rooms
from bridge.features.sign_in import SignIn
from bridge.website import ServerSentEvent
from bridge.website.identity import Identity, IdentityKind
from bridge.website.internet import is_public
from bridge.website.sessions import CHECK_EVERY, TRUST_FOR, Sessions
from bridge.website.signing import signed
from bridge.website.stream import MOST_BUFFERED
from tests.end_to_end.conftest import WITHIN_S, shown, until

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.discord.oauth import OAuth
    from bridge.simulator.discord import Member
    from bridge.website import Site
    from tests.end_to_end.conftest import Running, Town

MANY: Final = 200
QUICK_S: Final = 0.3
HEAD: Final = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: "
FORM: Final = (
    b"POST /rooms/main/lines HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext="
)
CLIENT_SECRET: Final = "client-secret-of-the-town"
SHOP: Final = SecretStr("the secret of the shop")


async def unaffected(town: Town, bridge: Running) -> None:
    """See that a line said in the game arrives on Discord, and that pages are answered."""
    mark = os.urandom(4).hex()
    town.game.chat("Alix", f"still here {mark}")
    await town.post(mark)
    assert (await bridge.get("/rooms/main"))[0] == HTTPStatus.OK


class Dripping:
    """A client that sends a byte now and then, until it is cut off."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def cut_off(self) -> bytes:
        """Return what it was answered until then."""
        answered = b""
        with contextlib.suppress(ConnectionError):
            while True:
                try:
                    async with asyncio.timeout(0.05):
                        piece = await self._reader.read(1 << 16)
                except TimeoutError:
                    self._writer.write(b"x")
                    continue
                if not piece:
                    break
                answered += piece
        return answered


@contextlib.asynccontextmanager
async def dripping(bridge: Running, begins: bytes) -> AsyncIterator[list[Dripping]]:
    """Connect many clients that begin a request and never end it."""
    port = int(bridge.url.rpartition(":")[2])
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MANY)]
    for _, writer in opened:
        writer.write(begins)
    try:
        yield [Dripping(reader, writer) for reader, writer in opened]
    finally:
        for _, writer in opened:
            writer.close()


def _never_asked(logs: list[Any]) -> int:
    """Count the connections that the log tells of as cut off without a request."""
    told = "connections ended that never sent a whole request"
    return sum(entry["connections"] for entry in logs if entry["event"] == told)


@pytest.mark.parametrize(("begins", "answer"), [(HEAD, b""), (FORM, b"HTTP/1.1 504 ")], ids=["head", "body"])
async def test_clients_that_send_a_byte_now_and_then_are_cut_off(
    town: Town, monkeypatch: pytest.MonkeyPatch, begins: bytes, answer: bytes
) -> None:
    # Ample for what else is asked of a busy machine, but for the head that is never whole.
    limits = {"IDLE_LIMIT_S": QUICK_S} if begins == HEAD else {"REQUEST_LIMIT_S": 1.0, "LINGER_S": QUICK_S}
    for name, seconds in limits.items():
        monkeypatch.setattr(f"bridge.website.site.{name}", seconds)
    with capture_logs() as logs:
        async with town.bridge() as bridge, dripping(bridge, begins) as clients:
            ends = [asyncio.create_task(client.cut_off()) for client in clients]
            await unaffected(town, bridge)
            async with asyncio.timeout(WITHIN_S):
                answers = await asyncio.gather(*ends)
            assert {each[: len(answer)] for each in answers} == {answer}
            assert answer or not any(answers)
            async with asyncio.timeout(WITHIN_S):
                while not answer and _never_asked(logs) < MANY:  # noqa: ASYNC110 - told in the log only
                    await asyncio.sleep(0.01)
    assert _never_asked(logs) == (0 if answer else MANY)
    slow = [entry["route"] for entry in logs if entry["event"] == "a request took too long"]
    assert slow == (["POST /rooms/{room}/lines"] * MANY if answer else [])


# -- signing in, while Discord does not answer


def sign_in_settings(town: Town) -> dict[str, Any]:
    """Return the settings of an owner who lets members sign in."""
    application = {
        "client-id": str(town.discord.bot.id),
        "client-secret": CLIENT_SECRET,
        "authorize-url": town.discord.authorize_url,
    }
    return {"website": {"sign-in": application}}


@contextlib.asynccontextmanager
async def browser(bridge: Running) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a browser without cookies."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(bridge.url, cookie_jar=jar) as opened:
        yield opened


async def way_back(client: aiohttp.ClientSession, member: Member) -> str:
    """Press the button, agree on Discord's page, and return where that sends the browser."""
    async with client.get("/sign-in?next=/staff") as page:
        (csrf,) = re.findall(r'name="csrf" value="([^"]+)"', await page.text())
    form = {"csrf": csrf, "next": "/staff"}
    async with client.post("/sign-in", data=form, allow_redirects=False) as answer:
        discord = answer.headers["Location"]
    async with client.post(discord, data={"member": member.id}, allow_redirects=False) as answer:
        return answer.headers["Location"]


def oauth_of(bridge: Running) -> OAuth:
    """Return the bridge's end of the sign-in."""
    (feature,) = [each for each in bridge.house.features if isinstance(each, SignIn)]
    assert feature._members is not None
    assert feature._members._oauth is not None
    return feature._members._oauth


@pytest.mark.parametrize("how", ["nobody listens", "500", "silence"])
async def test_while_discord_signs_nobody_in_the_page_says_so_and_leads_back(town: Town, how: str) -> None:
    async with town.bridge(**sign_in_settings(town)) as bridge, browser(bridge) as client:
        town.discord.register_oauth(CLIENT_SECRET, f"{bridge.url}/signed-in")
        oauth = oauth_of(bridge)
        match how:
            case "nobody listens":
                oauth._api_url = "http://127.0.0.1:1/api"
            case "500":
                town.discord.faults.error(500, path="/oauth2/token$")
            case _:
                town.discord.faults.hang(path="/oauth2/token$")
                object.__setattr__(oauth._timeout, "total", 2 * QUICK_S)
        back = await way_back(client, town.member)
        with capture_logs() as logs:
            coming = asyncio.create_task(client.get(back))
            await unaffected(town, bridge)
            async with await coming as answer:
                page = await answer.text()
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "Discord does not answer" in shown(page)
        assert 'href="/sign-in?next=/staff"' in page
        (told,) = [entry for entry in logs if entry["event"] == "nobody can sign in now"]
        assert told["log_level"] == "warning"
        secrets = [value for values in parse_qs(urlsplit(back).query).values() for value in values]
        assert len(secrets) == 2, "a code and a state"
        assert [secret for secret in (*secrets, CLIENT_SECRET) if secret in f"{logs}{page}"] == []


# -- who may do something, until they may not


async def cookie_of_a_moderator(site: Site, member: str) -> dict[str, str]:
    """Sign a member in as a moderator and return the header that their browser sends."""
    value, _ = await site.sessions.open(
        kind=IdentityKind.MEMBER, member=member, name="Odo", avatar_url=None, bundle=Bundle.MODERATOR
    )
    return {"Cookie": f"{site.sessions.cookie}={value}"}


class Passing:
    """The time of sessions and tokens, which a test lets pass."""

    def __init__(self, site: Site) -> None:
        self._more = timedelta()
        site.sessions._now = site.tokens._now = self

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._more

    def go_on(self, more: timedelta) -> None:
        """Let some time pass."""
        self._more += more


class Reading:
    """Somebody who reads a stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self._read = b""

    async def line(self, wanted: str) -> None:
        """Return once that was told."""
        async with asyncio.timeout(WITHIN_S):
            while wanted.encode() not in self._read:
                piece = await self._answer.content.readany()
                assert piece, "the stream has ended"
                self._read += piece

    async def ended(self) -> None:
        """Return once the stream is cut."""
        async with asyncio.timeout(WITHIN_S):
            with contextlib.suppress(aiohttp.ClientError):
                while await self._answer.content.readany():
                    pass


@contextlib.asynccontextmanager
async def reading(bridge: Running, path: str, headers: dict[str, str]) -> AsyncIterator[Reading]:
    """Open a stream."""
    async with bridge.session.get(bridge.url + path, headers=headers) as answer:
        assert answer.status == HTTPStatus.OK
        yield Reading(answer)


async def asked(bridge: Running, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status of an answer, and what it says."""
    async with bridge.session.get(bridge.url + path, headers=headers) as answer:
        return answer.status, shown(await answer.text())


async def test_whoever_loses_a_role_or_a_token_loses_the_pages_and_the_streams(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.website.door._LOOK_AGAIN_S", 0.02)
    role = town.discord.add_role("Moderator")
    member = town.discord.add_member("Odo", roles=[role])
    async with town.bridge(staff={"roles": {str(role.id): "moderator"}}) as bridge:
        site = bridge.house.parts.site
        assert site is not None
        time = Passing(site)
        cookie = await cookie_of_a_moderator(site, str(member.id))
        owner = Identity(kind=IdentityKind.OWNER, permissions=frozenset(Permission))
        token = await site.tokens.create("Archive", [Permission.RECORDS_READ], maker=owner)
        bearer = {"Authorization": f"Bearer {token.secret}"}
        async with (
            reading(bridge, "/staff/console/stream", cookie) as console,
            reading(bridge, "/api/v1/stream", bearer) as stream,
        ):
            town.game.chat("Alix", "for everybody")
            for each in (console, stream):
                await each.line("for everybody")
            with capture_logs() as logs:
                town.discord.world.change_member(member, roles=())
                time.go_on(CHECK_EVERY)  # half a minute
                await console.ended()
                assert (await asked(bridge, "/staff/console", cookie))[0] == HTTPStatus.FORBIDDEN
                town.game.chat("Alix", "for programs")
                await stream.line("for programs")
                await site.tokens.revoke(token.token.id)
                await stream.ended()
                assert (await asked(bridge, "/api/v1/records", bearer))[0] == HTTPStatus.UNAUTHORIZED
            ends = [entry["page"] for entry in logs if entry["event"].startswith("a stream ends")]
            assert ends == ["GET /staff/console/stream", "GET /api/v1/stream"]
            await unaffected(town, bridge)


async def test_while_roles_cannot_be_asked_for_they_are_believed_for_minutes_and_then_nobody_gets_in(
    town: Town,
) -> None:
    role = town.discord.add_role("Moderator")
    member = town.discord.add_member("Odo", roles=[role])
    async with town.bridge(staff={"roles": {str(role.id): "moderator"}}) as bridge:
        site = bridge.house.parts.site
        assert site is not None
        time = Passing(site)
        cookie = await cookie_of_a_moderator(site, str(member.id))
        path = f"/members/{member.id}$"
        town.discord.faults.error(503, path=path, times=1_000_000)
        with capture_logs() as logs:
            time.go_on(CHECK_EVERY)
            assert (await asked(bridge, "/staff/console", cookie))[0] == HTTPStatus.OK
            time.go_on(TRUST_FOR)
            status, page = await asked(bridge, "/staff/console", cookie)
            assert (status, "Your roles cannot be read" in page) == (HTTPStatus.SERVICE_UNAVAILABLE, True)
            assert (await asked(bridge, "/", cookie))[0] == HTTPStatus.OK
            await unaffected(town, bridge)
        assert "roles cannot be read, so nobody is let in by them" in [entry["event"] for entry in logs]
        town.discord.faults.clear()
        assert (await asked(bridge, "/staff/console", cookie))[0] == HTTPStatus.OK


async def test_a_cookie_that_somebody_has_changed_is_nobodys_and_is_taken_back(
    town: Town, tmp_path: Path
) -> None:
    async with town.bridge() as bridge:
        site = bridge.house.parts.site
        assert site is not None
        owner: dict[str, Any] = {"kind": IdentityKind.OWNER, "member": "owner", "name": ""}
        owner |= {"avatar_url": None, "bundle": Bundle.ADMIN}
        good, _ = await site.sessions.open(**owner)
        (folder := tmp_path / "elsewhere").mkdir()
        store = bridge.house.parts.store
        foreign, _ = await Sessions(store, folder, idle_s=600, secure=False).open(**owner)
        flipped = [good[:at] + ("A" if was != "A" else "B") + good[at + 1 :] for at, was in enumerate(good)]
        cut = [good[:length] for length in (0, 1, len(good) // 2, len(good) - 4, len(good) - 1)]
        odd = [foreign, good + good, good * 3, "=" * 80, "\u00e9" * 40, good.swapcase()]
        for value in (*flipped, *cut, *odd):
            cookie = {"Cookie": f"{site.sessions.cookie}={value}"}
            async with bridge.session.get(f"{bridge.url}/staff", headers=cookie) as answer:
                assert answer.status == HTTPStatus.UNAUTHORIZED, value
                taken = answer.headers.get("Set-Cookie", "")
            assert taken.startswith(f'{site.sessions.cookie}=""; '), value
            assert "Max-Age=0" in taken
        cookie = {"Cookie": f"{site.sessions.cookie}={good}"}
        async with bridge.session.get(f"{bridge.url}/staff", headers=cookie) as answer:
            assert (answer.status, answer.headers.get("Set-Cookie")) == (HTTPStatus.OK, None)
        await unaffected(town, bridge)


# -- hooks


async def test_deliveries_that_are_not_as_they_should_be_are_answered_and_told(town: Town) -> None:
    rule = {"post": {"channel": "main", "text": "**{who}** paid"}}
    hooks = {"in": {"shop": {"secret": SHOP.get_secret_value(), "then": [rule]}}}
    async with town.bridge(hooks=hooks) as bridge:

        async def send(
            body: bytes, *, id_: str = "1", ahead_s: float = 0.0, type_: str = "application/json"
        ) -> tuple[int, str]:
            at = datetime.now(UTC) + timedelta(seconds=ahead_s)
            own = {"Content-Type": type_, **signed(SHOP, id_=id_, at=at, body=body)}
            async with bridge.session.post(f"{bridge.url}/hooks/shop", data=body, headers=own) as answer:
                return answer.status, await answer.text()

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(800):
                yield bytes(65536)  # 50 MB of them

        good = b'{"who": "Boris"}'
        with capture_logs() as logs:
            assert (await send(good))[0] == HTTPStatus.ACCEPTED
            assert await send(good) == (HTTPStatus.OK, '{"accepted": true, "repeated": true}')
            for ahead_s in (-1000, 1000):
                status, words = await send(good, id_="2", ahead_s=ahead_s)
                assert (status, "server_time" in words) == (HTTPStatus.UNAUTHORIZED, True)
            deep, deeper = b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[" * 200_000
            for number, body in enumerate((deep, deeper, b"[1]", b"{")):
                status, words = await send(body, id_=f"odd-{number}")
                assert (status, "JSON" in words) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
            status, _ = await send(good, id_="3", type_="text/csv")
            assert status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            with contextlib.suppress(aiohttp.ClientError):  # hung up on before all was sent
                async with bridge.session.post(f"{bridge.url}/hooks/shop", data=endless()) as answer:
                    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            await unaffected(town, bridge)
        told = [entry["why"] for entry in logs if entry["event"] == "a delivery cannot be used"]
        assert told == ["deep", "deep", "object", "json", "type", "too-large"]
        assert [round(entry["ahead_s"], -2) for entry in logs if "another time" in entry["event"]] == [
            -1000,
            1000,
        ]
        assert SHOP.get_secret_value() not in str(logs)
        assert len([line for line in town.told() if "paid" in line]) == 1


# -- feeds


@contextlib.asynccontextmanager
async def odd_blog() -> AsyncIterator[str]:
    """Run a site with feeds that are none: one that never ends, one elsewhere, one of another kind."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/moved":
            return web.Response(status=301, headers={"Location": "http://10.0.0.1/feed?key=secret"})
        if request.path == "/picture":
            return web.Response(body=b"\x89PNG\r\n\x1a\n" + bytes(100))
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"<rss version='2.0'><channel>" + b"<!-- -->" * 5000)
        return response

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_feeds_that_are_none_are_told_and_left_alone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bridge.website.outgoing.is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    wanted = {
        "moved": "private network",
        "endless": "longer than 2048 KiB",
        "picture": "not RSS or Atom but something else",
    }
    with capture_logs() as logs:
        async with odd_blog() as url:
            feeds = {name: {"url": f"{url}/{name}", "channel": "main"} for name in wanted}
            async with town.bridge(feeds=feeds) as bridge:
                (following,) = [each for each in bridge.house.features if isinstance(each, Feeds)]
                await unaffected(town, bridge)
                await until(lambda: all(state.problem for state in following.states()))
                problems = {state.name: state.problem or "" for state in following.states()}
                await unaffected(town, bridge)
    assert [name for name, words in wanted.items() if words not in problems[name]] == []
    told = {entry["feed"]: entry["problem"] for entry in logs if "feed" in entry and "problem" in entry}
    assert told == problems
    assert "secret" not in str([entry for entry in logs if "feed" in entry])


# -- listeners


async def test_a_listener_that_never_reads_is_let_go_and_the_others_hear_every_line(town: Town) -> None:
    async with town.bridge() as bridge, bridge.page() as one, bridge.page() as other:
        site, loop = bridge.house.parts.site, asyncio.get_running_loop()
        (rooms,) = [each for each in bridge.house.features if isinstance(each, Rooms)]
        assert site is not None
        assert rooms._pages is not None
        broadcast = rooms._pages._broadcasts[RoomId("main"), "en"]
        with capture_logs() as logs, socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            lazy.setblocking(False)
            await loop.sock_connect(lazy, ("127.0.0.1", int(bridge.url.rpartition(":")[2])))
            await loop.sock_sendall(lazy, b"GET /rooms/main/stream HTTP/1.1\r\nHost: x\r\n\r\n")
            await until(lambda: broadcast.listeners == 3)
            rounds = 0
            while broadcast.listeners == 3 and rounds < 100:
                rounds += 1
                town.game.chat("Alix", f"line {rounds} of many")
                for _ in range(3):  # what would be hundreds of lines
                    broadcast.send(ServerSentEvent(name="noise", data="x" * 60_000))
                for page in (one, other):
                    await page.line(f"line {rounds} of many")
            await unaffected(town, bridge)
        assert broadcast.listeners == site.streams.open == 2
        (told,) = [entry for entry in logs if entry["event"] == "a stream ends: its reader takes nothing"]
        assert told["behind_bytes"] > MOST_BUFFERED
        wanted = [f"line {number} of many" for number in range(1, rounds + 1)]
        for page in (one, other):
            assert re.findall(r"line \d+ of many", " ".join(page.lines)) == wanted
            assert len([name for name, _ in page.events if name == "noise"]) == 3 * rounds
        assert re.findall(r"line \d+ of many", " ".join(town.told())) == wanted
