"""The pretend Discord signs people in as strictly as Discord does."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.discord import Clock, Member, SimDiscord
from bridge.simulator.discord.oauth import Ask, OAuthDesk, PageRefused, TokenRefused, TurnedBack

SECRET = "client-secret-of-the-test"
REDIRECT = "http://127.0.0.1:1/signed-in?from=discord"
VERIFIER = "v" * 43
SCOPES = "identify guilds.members.read"


class Steps:
    """A clock that goes on when it is told to."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Application:
    """An application's end of a sign-in, and the browsers of those who sign in."""

    sim: SimDiscord
    browser: aiohttp.ClientSession
    clock: Steps
    mira: Member

    def url(self, **changes: str) -> str:
        """Where a browser is sent to; a value of "" leaves a parameter out."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.sim.bot.id,
            "scope": SCOPES,
            "state": "the state",
            "redirect_uri": REDIRECT,
            "prompt": "none",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        kept = {name: value for name, value in (query | changes).items() if value}
        return f"{self.sim.authorize_url}?{urlencode(kept)}"

    async def back(self, member: str | None = None, **changes: str) -> dict[str, str]:
        """What comes back in the address after a member has pressed a button."""
        chosen = self.mira.id if member is None else member
        async with self.browser.post(
            self.url(**changes), data={"member": chosen}, allow_redirects=False
        ) as answer:
            assert answer.status == 302, await answer.text()
            location = answer.headers["Location"]
        assert location.startswith(REDIRECT)
        return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}

    async def ask(
        self,
        path: str,
        token: str,
        *,
        scheme: str = "Bearer",
        method: str = "GET",
        **body: Any,  # noqa: ANN401 - the client's own
    ) -> tuple[int, Any]:
        """Status and JSON of an answer of the API."""
        headers = {"Authorization": f"{scheme} {token}"}
        async with self.browser.request(method, self.sim.api_url + path, headers=headers, **body) as answer:
            return answer.status, await answer.json()

    async def exchange(self, *, path: str = "/oauth2/token", **changes: str) -> tuple[int, Any]:
        """Ask for a token, or for its end, as an application does."""
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        basic = aiohttp.encode_basic_auth(self.sim.bot.id, SECRET).removeprefix("Basic ")
        return await self.ask(path, basic, scheme="Basic", method="POST", data=form | changes)


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """An application that is registered."""
    clock, jar = Steps(), aiohttp.CookieJar(unsafe=True)
    async with (
        SimDiscord(clock=Clock(steady=clock)) as sim,
        aiohttp.ClientSession(cookie_jar=jar) as browser,
    ):
        sim.register_oauth(SECRET, REDIRECT)
        yield Application(sim, browser, clock, sim.add_member("Mira"))


async def test_a_member_agrees_and_the_browser_goes_back_with_code_and_state(
    application: Application,
) -> None:
    back = await application.back()
    assert (back["state"], back["from"]) == ("the state", "discord")
    assert len(back["code"]) > 20


async def test_a_member_refuses(application: Application) -> None:
    back = await application.back("")
    assert (back["error"], back["state"]) == ("access_denied", "the state")


async def test_the_page_has_a_button_for_each_member_and_escapes_their_names(
    application: Application,
) -> None:
    application.sim.add_member("<i>Odo</i>")
    gone = application.sim.add_member("Gone")
    application.sim.world.remove_member(gone)
    async with application.browser.get(application.url()) as answer:
        page = await answer.text()
    assert ("&lt;i&gt;Odo&lt;/i&gt;" in page, "<i>" in page, "Gone" in page) == (True, False, True)
    assert application.sim.bot.name + "</button>" not in page


async def test_who_agreed_is_not_asked_again_until_the_token_is_revoked(application: Application) -> None:
    async def asked(prompt: str) -> bool:
        url = application.url(prompt=prompt)
        async with application.browser.get(url, allow_redirects=False) as answer:
            return answer.status == 200

    assert await asked("none")
    code = (await application.back())["code"]
    assert not await asked("none")
    assert await asked("consent")
    token = (await application.exchange(code=code))[1]["access_token"]
    assert (await application.exchange(path="/oauth2/token/revoke", token=token))[0] == 200
    assert application.sim.oauth.tokens == 0
    assert await asked("none")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_id": "9"}, 400),
        ({"redirect_uri": "http://elsewhere"}, 400),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "bot"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
async def test_the_page_sees_what_an_application_does_wrong(
    application: Application, changes: dict[str, str], told: int | str
) -> None:
    async with application.browser.get(application.url(**changes), allow_redirects=False) as answer:
        if isinstance(told, int):
            assert answer.status == told
        else:
            assert f"error={told}" in answer.headers["Location"]


async def test_an_account_that_is_nobodys(application: Application) -> None:
    async with application.browser.post(application.url(), data={"member": "1"}) as answer:
        assert answer.status == 400


async def test_a_code_becomes_a_token_for_a_week_once(application: Application) -> None:
    code = (await application.back())["code"]
    status, given = await application.exchange(code=code)
    assert (status, given["token_type"], given["expires_in"]) == (200, "Bearer", 604800)
    assert set(given["scope"].split()) == set(SCOPES.split())
    status, refused = await application.exchange(code=code)
    assert (status, refused["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "another"}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://elsewhere"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_the_token_endpoint_looks_at_everything(
    application: Application, changes: dict[str, str], error: str
) -> None:
    code = (await application.back())["code"]
    status, refused = await application.exchange(**{"code": code} | changes)
    assert (status, refused["error"]) == (400, error)


async def test_a_code_lives_for_a_minute(application: Application) -> None:
    code = (await application.back())["code"]
    application.clock.at += 60
    assert (await application.exchange(code=code))[0] == 400


async def test_without_a_challenge_no_verifier_is_needed(application: Application) -> None:
    code = (await application.back(code_challenge="", code_challenge_method=""))["code"]
    assert (await application.exchange(code=code, code_verifier=""))[0] == 200


@pytest.mark.parametrize(
    ("scheme", "token"),
    [("Basic", "!"), ("Basic", ""), ("Bearer", "x"), ("Basic", base64.b64encode(b"1:x").decode())],
)
async def test_the_token_endpoint_wants_id_and_secret(
    application: Application, scheme: str, token: str
) -> None:
    code = (await application.back())["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    status, refused = await application.ask("/oauth2/token", token, scheme=scheme, method="POST", data=form)
    assert (status, refused["error"]) == (401, "invalid_client")


async def test_the_token_endpoint_takes_forms_only(application: Application) -> None:
    basic = aiohttp.encode_basic_auth(application.sim.bot.id, SECRET).removeprefix("Basic ")
    status, refused = await application.ask(
        "/oauth2/token", basic, scheme="Basic", method="POST", json={"grant_type": "authorization_code"}
    )
    assert (status, refused["error"]) == (400, "invalid_request")


async def test_a_members_token_opens_only_what_they_agreed_to(application: Application) -> None:
    sim = application.sim
    code = (await application.back(scope="identify"))["code"]
    token = (await application.exchange(code=code))[1]["access_token"]
    status, me = await application.ask("/users/@me", token)
    assert (status, me["id"]) == (200, application.mira.id)
    for path in (f"/users/@me/guilds/{sim.guild_id}/member", f"/guilds/{sim.guild_id}"):
        assert (await application.ask(path, token))[0] == 401
    sim.oauth.expire_tokens()
    assert (await application.ask("/users/@me", token))[0] == 401


async def test_a_token_ends_after_a_week(application: Application) -> None:
    code = (await application.back())["code"]
    token = (await application.exchange(code=code))[1]["access_token"]
    assert (await application.ask("/users/@me", token))[0] == 200
    application.clock.at += 604_800
    assert (await application.ask("/users/@me", token))[0] == 401


async def test_a_members_place_in_the_guild(application: Application) -> None:
    sim = application.sim
    code = (await application.back())["code"]
    token = (await application.exchange(code=code))[1]["access_token"]
    path = f"/users/@me/guilds/{sim.guild_id}/member"
    status, place = await application.ask(path, token)
    assert (status, place["user"]["id"]) == (200, application.mira.id)
    assert (await application.ask(path, sim.token, scheme="Bot"))[0] == 403
    assert (await application.ask("/users/@me/guilds/1/member", token))[0] == 403
    sim.world.remove_member(application.mira)
    assert (await application.ask(path, token))[0] == 404


async def test_the_redirects_are_followed_for_whoever_tests(application: Application) -> None:
    landing = f"{application.sim.world.base_url}/avatars/landed.png"
    application.sim.register_oauth(SECRET, landing)
    url = application.url(redirect_uri=landing)
    answer = await application.sim.sign_in(application.browser, url, application.mira)
    assert (answer.status, "code" in answer.url.query) == (200, True)
    answer = await application.sim.sign_in(application.browser, url, None)
    assert answer.url.query["error"] == "access_denied"


@given(query=st.dictionaries(st.sampled_from(("client_id", "redirect_uri", "scope", "state")), st.text()))
def test_any_address_of_the_page_is_understood_or_refused(query: dict[str, str]) -> None:
    desk = OAuthDesk(SimDiscord().world)
    desk.register(SECRET, (REDIRECT,))
    with contextlib.suppress(PageRefused, TurnedBack):
        assert isinstance(desk.read(query), Ask)


@given(form=st.dictionaries(st.text(), st.text()), authorization=st.text())
def test_any_request_for_a_token_is_refused_in_words(form: dict[str, str], authorization: str) -> None:
    desk = OAuthDesk(SimDiscord().world)
    desk.register(SECRET, (REDIRECT,))
    with pytest.raises(TokenRefused):
        desk.exchange(form, authorization)
