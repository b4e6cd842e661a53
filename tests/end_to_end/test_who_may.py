"""Who gets in where: everybody asks for every page and operation, and the one table says how that should end.

What an answer should be is worked out from the table and the bundles alone. 401 and 403 keep somebody out;
whatever else is answered, such as 404 or 422, was answered by the page itself, behind the door.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from pydantic import SecretStr

from bridge.app import built
from bridge.config.access import Bundle, Permission, permissions_of
from bridge.config.load import load
from bridge.config.permissions import PERMISSIONS, Rule, Rules, Who
from bridge.features.sign_in.links import PATH as OWNERS_LINK
from bridge.features.sign_in.links import make_link
from bridge.simulator.nameless import SimNameless
from bridge.website import Request, Response, Site
from bridge.website.identity import Identity, IdentityKind
from bridge.website.pace import Limiter
from bridge.website.secrets import site_key
from bridge.website.signing import signed

if TYPE_CHECKING:
    from bridge.features import Parts
    from tests.end_to_end.conftest import Town

LAST = ("POST /sign-out", "POST /sign-out/everywhere")  # they end the session of whoever is let in
PAGES = [*sorted({name for name in PERMISSIONS if not name.startswith("/")} - {*LAST}), *LAST]
SHOP, FORUM = SecretStr("the secret of the shop"), SecretStr("the-secret-of-the-forum")
VALUES = {
    "server": "survival",
    "room": "main",
    "name": "Alix",
    "hook": "shop",
    "secret": "worthless",
    "token": "worthless",
    "id": "1",
    "position": "1",
    "period": "2026-01",
    "number": "1",
}
"""What stands in addresses where the table has a name in braces."""

LET_IN = 0


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who asks, and what they hold by the bundles alone."""

    name: str
    headers: dict[str, str]
    held: frozenset[Permission] = frozenset()
    signed_in: bool = False
    token: bool = False
    good: bool = True  # a token that was not revoked
    csrf: str = ""


def expected(name: str, caller: Caller, *, form: bool) -> int:
    """Return the status that keeps a caller out, by the table; ``LET_IN`` if none should."""
    who, api = PERMISSIONS[name].who, " /api/" in name
    if caller.token and api and not caller.good:
        return HTTPStatus.UNAUTHORIZED
    program = caller.token and api  # a token counts for nothing elsewhere
    known = program or caller.signed_in
    held = caller.held if known else frozenset()
    if who is Who.SENDERS:  # nobody here knows the hook's secret
        return HTTPStatus.UNAUTHORIZED
    open_to_them = who is not Who.SIGNED_IN or caller.signed_in
    allowed = who in held if isinstance(who, Permission) else open_to_them
    if not allowed:
        return HTTPStatus.FORBIDDEN if known else HTTPStatus.UNAUTHORIZED
    if name.startswith("POST ") and not program and not (form and caller.csrf):
        return HTTPStatus.FORBIDDEN
    return LET_IN


class Walk:
    """Asks a running site for everything, as everybody."""

    def __init__(self, parts: Parts) -> None:
        assert parts.site is not None
        self._parts, self._site = parts, parts.site
        self._site.api.limiter = Limiter(1_000_000, 1)
        self._members: dict[Bundle, str] = {}

    @property
    def site(self) -> Site:
        """What is asked."""
        return self._site

    async def differences(self, members: dict[Bundle, str], pages: Iterable[str] = PAGES) -> list[str]:
        """Return where the site does not do what the table says.

        Args:
            members: Discord's, by what their role carries.
            pages: What is asked for; those that end sessions last.
        """
        self._members = members
        found = [f"{name}: in no row of the table" for name in self._site.routes - PERMISSIONS.keys()]
        found += [f"{name}: no such route" for name in set(PAGES) - self._site.routes]
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(self._site.url, cookie_jar=jar) as client:
            people = await self._people(client)
            programs = await self._programs()
            self._later()
            for name in pages:
                if name in LAST:
                    people = await self._people(client)
                callers = people + (programs if " /api/" in name else programs[-1:])
                found += [each for caller in callers for each in await self._asked(client, name, caller)]
        return sorted(found)

    async def _asked(self, client: aiohttp.ClientSession, name: str, caller: Caller) -> list[str]:
        method, path = name.split(" ")
        path = re.sub(r"\{(\w+)\}", lambda found: VALUES[found[1]], path)
        tries = [("POST", False), ("POST", True)] if method == "POST" else [(method, False)]
        if method == "GET" and expected(name, caller, form=False):  # the other way to ask for the same
            tries.append(("HEAD", False))
        found = []
        for verb, form in tries:
            headers = caller.headers | ({"X-CSRF-Token": caller.csrf} if form else {})
            body = b"{}" if "/api/" in path else None
            if body is not None and verb == "POST":
                headers["Content-Type"] = "application/json"
            asked = client.request(
                verb, path, headers=headers, data=body if verb == "POST" else None, allow_redirects=False
            )
            async with asked as answer:
                status = answer.status
            should = expected(name, caller, form=form)
            shut = status if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else LET_IN
            if shut != should or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                how = " with the form's token" if form else ""
                found.append(
                    f"{name}: {caller.name}{how} gets {status} for {verb}, should {should or 'pass'}"
                )
        return found

    async def _people(self, client: aiohttp.ClientSession) -> list[Caller]:
        """Return a visitor, a member of every bundle by their role on Discord, and the owner by the link."""
        people = [Caller(name="a visitor", headers={}, csrf=await _csrf(client, "/rooms/main"))]
        for bundle, member in self._members.items():
            # Opened with the wrong bundle: their role counts, which is asked for after half a minute.
            wrong = Bundle.PLAYER if bundle is not Bundle.PLAYER else Bundle.ADMIN
            value, session = await self._site.sessions.open(
                kind=IdentityKind.MEMBER, member=member, name="Mira", avatar_url=None, bundle=wrong
            )
            cookie = {"Cookie": f"{self._site.sessions.cookie}={value}"}
            held = permissions_of(bundle)
            people.append(Caller(name=bundle, headers=cookie, held=held, signed_in=True, csrf=session.csrf))
        return [*people, await self._owner(client)]

    async def _owner(self, client: aiohttp.ClientSession) -> Caller:
        key = await asyncio.to_thread(site_key, self._parts.store.path.parent)
        link = OWNERS_LINK + make_link(key, datetime.now(UTC))
        form = {"csrf": await _csrf(client, link)}
        async with client.post(link, data=form, allow_redirects=False) as answer:
            cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        csrf = await _csrf(client, "/sign-in", cookie)
        held = frozenset(Permission)
        return Caller(name="the owner", headers=cookie, held=held, signed_in=True, csrf=csrf)

    async def _programs(self) -> list[Caller]:
        """Return a program for every scope, one with a token that was revoked, and one with all scopes."""
        maker = Identity(kind=IdentityKind.OWNER, permissions=frozenset(Permission))
        scopes = {scope.value: frozenset({scope}) for scope in Permission}
        programs = []
        for name, held in {**scopes, "revoked": frozenset(Permission), "all": frozenset(Permission)}.items():
            made = await self._site.tokens.create(name, held, maker=maker)
            if name == "revoked":
                await self._site.tokens.revoke(made.token.id)
            header = {"Authorization": f"Bearer {made.secret}"}
            called = f"the token {name}"
            programs.append(
                Caller(name=called, headers=header, held=held, token=True, good=name != "revoked")
            )
        return programs

    def _later(self) -> None:
        """Let half a minute pass for sessions, so that Discord is asked for everybody's roles."""
        self._site.sessions._now = lambda: datetime.now(UTC) + timedelta(minutes=1)


async def _csrf(client: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None) -> str:
    async with client.get(path, headers=headers) as answer:
        found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
    assert found is not None, f"no form at {path}"
    return found[1]


def staff(town: Town) -> tuple[dict[Bundle, str], dict[str, Any]]:
    """Let a member of every bundle join the guild; return them, and the settings that say what roles mean."""
    roles = {
        bundle: town.discord.add_role(bundle.title()) for bundle in Bundle if bundle is not Bundle.PLAYER
    }
    members = {Bundle.PLAYER: str(town.discord.add_member("A player").id)}
    members |= {
        bundle: str(town.discord.add_member(f"A {bundle}", roles=[role]).id) for bundle, role in roles.items()
    }
    return members, {"roles": {str(role.id): bundle.value for bundle, role in roles.items()}}


def everything(town: Town, nameless: SimNameless) -> dict[str, Any]:
    """Return the settings of an owner who opens everything that there is."""
    nobody, secret = "http://127.0.0.1:1/", SHOP.get_secret_value()
    post = {"post": {"channel": "main", "text": "x"}}
    sign_in = {
        "client-id": str(town.discord.bot.id),
        "client-secret": "of nobody",
        "authorize-url": town.discord.authorize_url,
    }
    return {
        "website": {"sign-in": sign_in, "player-fields": ["online", "servers", "first-seen", "last-seen"]},
        "rooms": {"library": {"website": "read"}, "closed": {"website": "off"}},
        "hooks": {
            "in": {
                "shop": {"secret": secret, "then": [post]},
                "forum": {"kind": "nameless", "secret": FORUM.get_secret_value(), "then": [post]},
            },
            "out": {"archive": {"url": nobody, "secret": secret, "kinds": ["hook.*"], "allow-private": True}},
        },
        "feeds": {"blog": {"url": nobody, "channel": "main", "allow-private": True}},
        "nameless": {"url": nameless.url, "api-key": nameless.key, "allow-private": True},
    }


@pytest.fixture(autouse=True)
def _any_number_of_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody here comes from one address, and would not be listened to after ten wrong signatures."""
    monkeypatch.setattr("bridge.features.hooks_in.pages.WRONG_ONES", 1_000_000)
    monkeypatch.setattr("bridge.features.sign_in.pages._MOST_ATTEMPTS", 1_000_000)
    monkeypatch.setattr("bridge.features.sign_in.owner._MOST_ATTEMPTS", 1_000_000)


async def test_everybody_gets_in_where_the_table_says_and_nowhere_else(town: Town) -> None:
    members, roles = staff(town)
    async with (
        SimNameless() as nameless,
        town.bridge(staff=roles, **everything(town, nameless)) as bridge,
    ):
        assert await Walk(bridge.house.parts).differences(members) == []
        for path, headers in (("/hooks/shop", _signed()), (f"/hooks/forum/{FORUM.get_secret_value()}", {})):
            headers["Content-Type"] = "application/json"
            async with bridge.session.post(bridge.url + path, data=_BODY, headers=headers) as answer:
                assert answer.status == HTTPStatus.ACCEPTED, await answer.text()


_BODY = json.dumps({"event": "paid"}).encode()


def _signed() -> dict[str, str]:
    return signed(SHOP, id_="order-1", at=datetime.now(UTC), body=_BODY)


ODD_WAYS = (
    "GET {path} HTTP/1.1",
    "GET {path}/ HTTP/1.1",
    "GET /{path} HTTP/1.1",
    "GET {upper} HTTP/1.1",
    "GET {encoded} HTTP/1.1",
    "GET {path}?next=/ HTTP/1.1",
    "GET {path};/static/site.css HTTP/1.1",
    "GET /static/..{path} HTTP/1.1",
    "GET /static/%2e%2e{path} HTTP/1.1",
    "GET {path}%00 HTTP/1.1",
    "GET {path}%0d%0aCookie:%20passerelle=x HTTP/1.1",
    "GET http://127.0.0.1{path} HTTP/1.1",
    "GET http://another.example{path} HTTP/1.1",
    "GET {path} HTTP/1.0",
    "OPTIONS {path} HTTP/1.1",
    "TRACE {path} HTTP/1.1",
    "PROPFIND {path} HTTP/1.1",
    "POST {path} HTTP/1.1",
)
"""How else one may ask for a page, hoping that it is told apart from the page by the door alone."""

CLAIMS = (
    "X-Original-URL: /",
    "X-Rewrite-URL: /",
    "X-HTTP-Method-Override: HEAD",
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-User: admin",
    "Authorization: Basic YWRtaW46YWRtaW4=",
    "Authorization: Bearer psl_worthless",
)


async def test_no_other_way_to_ask_leads_past_the_door(town: Town) -> None:
    closed = [
        name.removeprefix("GET ")
        for name in PAGES
        if name.startswith("GET ") and isinstance(PERMISSIONS[name].who, Permission) and "{" not in name
    ]
    async with town.bridge() as bridge:
        port = int(bridge.url.rpartition(":")[2])

        async def status(asked: str, *headers: str) -> int:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            lines = (asked, "Host: x", "Content-Length: 0", "Connection: close", *headers)
            writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
            async with asyncio.timeout(10):
                first = await reader.readline()
            writer.close()
            return int(first.split()[1])

        found = {}
        for path in closed:
            encoded = "".join(f"%{ord(each):02x}" if each.isalpha() else each for each in path)
            for way in ODD_WAYS:
                asked = way.format(path=path, upper=path.upper(), encoded=encoded)
                found[asked] = await status(asked)
            for claim in CLAIMS:
                found[f"{path} {claim}"] = await status(f"GET {path} HTTP/1.1", claim)
    assert len(closed) > 5
    assert {asked: code for asked, code in found.items() if code not in (400, 401, 403, 404, 405)} == {}
    assert [found[f"GET {path} HTTP/1.1"] for path in closed] == [HTTPStatus.UNAUTHORIZED] * len(closed)


class Careless(Rules):
    """A door's copy of the table with mistakes in it."""

    def get(self, name: str) -> Rule | None:
        mistakes = {
            "GET /staff/audit": Rule(Who.EVERYONE, "a page that somebody forgot to close"),
            "POST /staff/tokens": Rule(Who.SENDERS, "a form that anybody's page may send"),
            "GET /api/v1/records": Rule(Permission.STAFF_READ, "the wrong permission"),
            "GET /feeds/news.atom": Rule(Who.SIGNED_IN, "closed, though it is everybody's"),
        }
        return mistakes.get(name) or super().get(name)


@asynccontextmanager
async def careless_site(town: Town, roles: dict[str, Any]) -> AsyncIterator[Parts]:
    """Run a site whose door is careless, with a page that nobody wrote into the table, and without hooks."""
    loaded = load(town.write(staff=roles))

    async def page(_request: Request) -> Response:
        return Response(text="what was it that the table should say?")

    async with built(loaded.settings) as house:
        site = house.parts.site
        assert site is not None
        site._the_door.rules = Careless()
        site.add_get("/forgotten", page)
        running = asyncio.create_task(site.run())
        try:
            await site.listening.wait()
            yield house.parts
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_the_walk_finds_what_is_wrong(town: Town) -> None:
    """So that an empty list of differences means something."""
    wrong = {
        "GET /staff/audit": (
            "a visitor gets 200 for GET, should 401",
            "moderator gets 200 for HEAD, should 403",
        ),
        "POST /staff/tokens": ("admin gets 422 for POST, should 403",),
        "GET /api/v1/records": (
            "the token records.read gets 403 for GET, should pass",
            "the token staff.read gets 200 for GET, should 403",
        ),
        "GET /feeds/news.atom": ("a visitor gets 401 for GET, should pass",),
    }
    fine = ("GET /staff/audit: admin", "POST /staff/tokens: admin with")
    right = ("GET /staff", "GET /staff/health")
    members, roles = staff(town)
    async with careless_site(town, roles) as parts:
        found = await Walk(parts).differences(members, [*wrong, *right])
    assert "GET /forgotten: in no row of the table" in found
    assert "POST /hooks/{hook}: no such route" in found
    for name, callers in wrong.items():
        assert [caller for caller in callers if f"{name}: {caller}" not in found] == []
    assert not [line for line in found if line.startswith((*(f"{name}:" for name in right), *fine))]
