"""Who gets in: sessions, the permission table, forms, streams of people who lost their role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bridge.config.access import Bundle
from bridge.config.settings import WebsiteSettings
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.audit import audit_entries
from bridge.store.schema import Migrate
from bridge.website import Site
from bridge.website import door as door_module
from bridge.website.door import Door
from bridge.website.identity import IdentityKind, identity_of
from bridge.website.sessions import Sessions, Unchecked

MEMBER = "200000000000000001"


@dataclass
class House:
    """A site with a door, a clock that the test moves, and Discord's word on roles."""

    site: Site
    store: Store
    sessions: Sessions
    client: aiohttp.ClientSession
    now: list[datetime]
    bundles: dict[str, Bundle | None] = field(default_factory=dict)
    asked: int = 0
    silent: bool = False

    async def recheck(self, member: str) -> Bundle | None:
        self.asked += 1
        if self.silent:
            raise Unchecked("Discord does not answer")
        return self.bundles[member]

    async def sign_in(self, bundle: Bundle, *, kind: str = "member", member: str = MEMBER) -> str:
        """Sign the client in and return what its forms must send back."""
        self.bundles[member] = bundle
        value, session = await self.sessions.open(
            kind=IdentityKind(kind), member=member, name="Mira", avatar_url=None, bundle=bundle
        )
        self.client.cookie_jar.update_cookies({"passerelle": value}, URL(self.site.url))
        return session.csrf

    async def status(self, path: str, **options: object) -> int:
        async with self.client.get(path, **options) as answer:  # type: ignore[arg-type]  # aiohttp's own options
            return answer.status

    async def post(self, path: str, **fields: str) -> int:
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self.client.post(path, data=fields, headers=headers, allow_redirects=False) as answer:
            return answer.status


OpenHouse: TypeAlias = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_house(tmp_path: Path, migrate: Migrate) -> OpenHouse:
    """Build and run a house; the same one when it is opened again."""

    @asynccontextmanager
    async def opened(*, idle_s: float = 7200.0) -> AsyncIterator[House]:
        now = [datetime(2026, 7, 1, 12, tzinfo=UTC)]
        async with await Store.open(tmp_path, migrate=migrate) as store:
            sessions = Sessions(store, tmp_path, idle_s=idle_s, secure=False, now=lambda: now[0])
            door = Door(store, sessions, address_of=lambda request: request.remote or "")
            settings = WebsiteSettings.model_validate({"port": 0})
            site = Site(settings, Catalogue.load("en"), community="Stonebridge", door=door)
            _add_pages(site, door)
            running = asyncio.create_task(site.run())
            await site.listening.wait()
            # The jar keeps cookies of a host by address, too.
            jar = aiohttp.CookieJar(unsafe=True)
            try:
                async with aiohttp.ClientSession(site.url, cookie_jar=jar) as client:
                    made = House(site, store, sessions, client, now)
                    sessions.recheck = made.recheck
                    yield made
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    return opened


def _add_pages(site: Site, door: Door) -> None:
    async def who(request: web.Request) -> web.Response:
        listed = " ".join(page.path for page in site.staff_pages(request))
        shown = {"X-Listed": listed, "X-Form": door.form_token(request)}
        return web.Response(text=identity_of(request).name, headers=shown)

    async def changed(request: web.Request) -> web.Response:
        await site.audit(request, "tokens.created", "token 1", became="records.read")
        return web.Response(text="done")

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun\n")
        await asyncio.Event().wait()
        return response

    site.add_get("/", who)
    site.add_staff_page("/staff", "site.nav.status", who)
    site.add_staff_page("/staff/audit", "site.nav.status", who)
    site.add_get("/staff/console/stream", stream)
    site.add_post("/staff/tokens", changed)
    site.add_post("/rooms/{room}/lines", who)
    site.add_get("/not-in-the-table", who)


async def test_a_visitor_sees_what_is_open_and_is_sent_to_sign_in_for_the_rest(open_house: OpenHouse) -> None:
    async with open_house() as there:
        assert await there.status("/") == HTTPStatus.OK
        assert await there.status("/staff") == HTTPStatus.UNAUTHORIZED
        assert (
            await there.status("/staff", headers={"Cookie": "passerelle=nonsense"}) == HTTPStatus.UNAUTHORIZED
        )


async def test_a_page_that_is_not_in_the_table_stays_closed(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.ADMIN)
        assert await there.status("/not-in-the-table") == HTTPStatus.NOT_FOUND


async def test_each_sees_what_their_bundle_may_see(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.HELPER)
        assert await there.status("/staff") == HTTPStatus.OK
        assert await there.status("/staff/audit") == HTTPStatus.FORBIDDEN
        await there.sign_in(Bundle.MANAGER)
        assert await there.status("/staff/audit") == HTTPStatus.OK
        await there.sign_in(Bundle.PLAYER)
        assert await there.status("/staff") == HTTPStatus.FORBIDDEN


async def test_the_cookie_is_sealed_and_out_of_reach_of_scripts(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.ADMIN, kind="owner", member="owner")
        value = next(iter(there.client.cookie_jar)).value
        for at in range(0, len(value) - 2, 7):  # the last ones hold no whole byte
            changed = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
            async with aiohttp.ClientSession(there.site.url, cookies={"passerelle": changed}) as other:
                assert (await other.get("/staff")).status == HTTPStatus.UNAUTHORIZED


async def test_a_demoted_moderator_is_out_within_a_minute(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.MANAGER)
        there.bundles[MEMBER] = Bundle.PLAYER
        assert await there.status("/staff/audit") == HTTPStatus.OK
        there.now[0] += timedelta(seconds=31)
        assert await there.status("/staff/audit") == HTTPStatus.FORBIDDEN
        there.bundles[MEMBER] = None  # left the guild
        there.now[0] += timedelta(seconds=31)
        assert await there.status("/staff") == HTTPStatus.UNAUTHORIZED


async def test_roles_are_asked_for_once_in_a_while(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.MANAGER)
        there.now[0] += timedelta(seconds=31)
        assert set(await asyncio.gather(*(there.status("/staff") for _ in range(5)))) == {HTTPStatus.OK}
        assert there.asked == 1


async def test_while_discord_is_silent_roles_are_believed_for_some_minutes(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.MANAGER)
        there.silent = True
        there.now[0] += timedelta(minutes=4)
        assert await there.status("/staff") == HTTPStatus.OK
        there.now[0] += timedelta(minutes=2)
        assert await there.status("/staff") == HTTPStatus.SERVICE_UNAVAILABLE
        assert await there.status("/") == HTTPStatus.OK, "what everybody may see stays open"
        there.silent = False
        assert await there.status("/staff") == HTTPStatus.OK


async def test_the_owners_session_needs_no_discord(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.ADMIN, kind="owner", member="owner")
        there.silent = True
        there.now[0] += timedelta(minutes=90)
        assert await there.status("/staff/audit") == HTTPStatus.OK


async def test_an_idle_session_ends(open_house: OpenHouse) -> None:
    async with open_house(idle_s=600) as there:
        await there.sign_in(Bundle.ADMIN, kind="owner", member="owner")
        for _ in range(3):
            there.now[0] += timedelta(minutes=9)
            assert await there.status("/staff") == HTTPStatus.OK
        there.now[0] += timedelta(minutes=11)
        assert await there.status("/staff") == HTTPStatus.UNAUTHORIZED


async def test_signing_out_everywhere_ends_every_session_of_a_member(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.HELPER)
        cookies = {cookie.key: cookie.value for cookie in there.client.cookie_jar}
        there.client.cookie_jar.clear()
        await there.sign_in(Bundle.HELPER)
        assert await there.sessions.end_all(MEMBER) == 2
        assert await there.status("/staff") == HTTPStatus.UNAUTHORIZED
        async with aiohttp.ClientSession(there.site.url, cookies=cookies) as other:
            assert (await other.get("/staff")).status == HTTPStatus.UNAUTHORIZED


async def test_who_signs_out_while_discord_is_asked_stays_out(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.HELPER)
        assert await there.status("/staff") == HTTPStatus.OK
        there.now[0] += timedelta(seconds=31)
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slowly(_member: str) -> Bundle:
            asked.set()
            await answer.wait()
            return Bundle.HELPER

        there.sessions.recheck = slowly
        under_way = asyncio.create_task(there.status("/staff"))
        await asked.wait()
        await there.sessions.end_all(MEMBER)
        answer.set()
        assert await under_way == HTTPStatus.UNAUTHORIZED
        assert await there.status("/staff") == HTTPStatus.UNAUTHORIZED


async def test_a_database_that_takes_nothing_keeps_nobody_out_who_is_in(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.HELPER)
        async with there.store.transaction() as tx:
            await tx.exec_driver_sql("PRAGMA query_only = ON")
        there.now[0] += timedelta(minutes=2)
        assert await there.status("/staff") == HTTPStatus.OK
        assert there.asked == 1


async def test_sessions_outlive_a_restart(open_house: OpenHouse) -> None:
    async with open_house() as there:
        await there.sign_in(Bundle.HELPER)
        cookies = {cookie.key: cookie.value for cookie in there.client.cookie_jar}
    async with open_house() as there:
        there.bundles[MEMBER] = Bundle.HELPER
        async with aiohttp.ClientSession(there.site.url, cookies=cookies) as other:
            assert await (await other.get("/staff")).text() == "Mira"


async def test_a_form_is_taken_with_its_token_and_from_our_own_pages_only(open_house: OpenHouse) -> None:
    async with open_house() as there:
        csrf = await there.sign_in(Bundle.ADMIN)
        assert await there.post("/staff/tokens") == HTTPStatus.FORBIDDEN
        assert await there.post("/staff/tokens", csrf="x" * 32) == HTTPStatus.FORBIDDEN
        foreign = {"Origin": "https://evil.example"}
        async with there.client.post("/staff/tokens", data={"csrf": csrf}, headers=foreign) as answer:
            assert answer.status == HTTPStatus.FORBIDDEN
        assert await there.post("/staff/tokens", csrf=csrf) == HTTPStatus.OK
        async with there.store.reading() as conn:
            (entry,) = await audit_entries(conn)
        assert (entry.who, entry.who_name, entry.action) == (f"member:{MEMBER}", "Mira", "tokens.created")
        assert (entry.target, entry.address, entry.became) == ("token 1", "127.0.0.1", "records.read")


async def test_a_stream_ends_when_its_reader_may_not_read_it_any_more(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_LOOK_AGAIN_S", 0.01)
    async with open_house() as there:
        await there.sign_in(Bundle.MODERATOR)
        async with there.client.get("/staff/console/stream") as answer:
            assert await answer.content.readline() == b"begun\n"
            there.bundles[MEMBER] = Bundle.HELPER
            there.now[0] += timedelta(minutes=1)
            with pytest.raises(aiohttp.ClientError):
                await answer.content.readline()


async def test_a_page_that_lies_open_does_not_keep_its_session(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_LOOK_AGAIN_S", 0.01)
    looked = asyncio.Event()

    async def recheck(_member: str) -> Bundle:
        looked.set()
        return Bundle.MODERATOR

    async with open_house() as there, asyncio.timeout(5):
        await there.sign_in(Bundle.MODERATOR)
        async with there.client.get("/staff/console/stream") as answer:
            assert await answer.content.readline() == b"begun\n"
            there.sessions.recheck = recheck
            there.now[0] += timedelta(seconds=there.sessions.idle_s * 0.7)
            await looked.wait()
            there.now[0] += timedelta(seconds=there.sessions.idle_s * 0.7)
            with pytest.raises(aiohttp.ClientError):
                await answer.content.readline()


async def test_the_navigation_lists_what_one_may_see(open_house: OpenHouse) -> None:
    async with open_house() as there:
        for bundle, wanted in ((Bundle.HELPER, "/staff"), (Bundle.MANAGER, "/staff /staff/audit")):
            await there.sign_in(bundle)
            async with there.client.get("/staff") as answer:
                assert answer.headers["X-Listed"] == wanted


async def test_a_visitor_s_form_needs_no_cookie_and_is_good_for_their_address_only(
    open_house: OpenHouse,
) -> None:
    async with open_house() as there:
        async with there.client.get("/") as answer:
            token = answer.headers["X-Form"]
        for given, status in (
            (token, HTTPStatus.OK),
            ("", HTTPStatus.FORBIDDEN),
            ("0" * 32, HTTPStatus.FORBIDDEN),
        ):
            async with aiohttp.ClientSession(there.site.url) as other:
                assert (await other.post("/rooms/main/lines", data={"csrf": given})).status == status


async def test_forms_outlive_a_restart(open_house: OpenHouse) -> None:
    tokens = []
    for _ in range(2):
        async with open_house() as there, there.client.get("/") as answer:
            tokens.append(answer.headers["X-Form"])
    assert tokens[0] == tokens[1]
