"""Sign-in with Discord, against the pretend Discord's own rules."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.config.settings import DiscordSettings, SignInSettings
from bridge.discord import DiscordUnavailable
from bridge.discord.oauth import NotAMember, OAuth, OAuthRefused, OAuthUnavailable, SignedIn, _refused
from bridge.simulator.discord import Channel, Clock, Member, SimDiscord

SECRET = "client-secret-of-the-test"
REDIRECT = "http://127.0.0.1:1/signed-in"


@dataclass
class Steps:
    """A clock that goes on when it is told to."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


async def nobody(_id: str, _roles: object) -> bool:
    return False


@dataclass
class Desk:
    """A pretend Discord with one application, and a member's browser."""

    sim: SimDiscord
    channel: Channel
    steady: Steps
    browser: aiohttp.ClientSession
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def oauth(self, **changes: object) -> OAuth:
        """The application's own end."""
        given: dict[str, object] = {
            "client_id": self.sim.bot.id,
            "client_secret": SECRET,
            "authorize_url": self.sim.authorize_url,
        }
        return OAuth(
            self.settings(),
            SignInSettings.model_validate(given | changes),
            is_administrator=nobody,
            timeout_s=1,
        )

    def settings(self) -> DiscordSettings:
        """The settings that point to the pretend Discord."""
        return DiscordSettings.model_validate(
            {
                "token": self.sim.token,
                "guild": self.sim.guild_id,
                "channels": {"chat": self.channel.id},
                "api_url": self.sim.api_url,
            }
        )

    def url(self, oauth: OAuth, *, redirect: str = REDIRECT) -> str:
        """Where the browser is sent to."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return oauth.authorize_url("the-state", challenge, redirect)

    async def back(self, url: str, member: str) -> dict[str, str]:
        """What comes back in the address after a member has pressed a button."""
        async with self.browser.post(url, data={"member": member}, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            location = answer.headers["Location"]
        assert location.startswith(REDIRECT)
        return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}

    async def code(self, oauth: OAuth, member: Member) -> str:
        """A fresh code for a member."""
        return (await self.back(self.url(oauth), member.id))["code"]

    async def sign_in(self, member: Member, oauth: OAuth | None = None) -> SignedIn:
        """A member signs in."""
        oauth = oauth or self.oauth()
        return await oauth.sign_in(await self.code(oauth, member), self.verifier, REDIRECT)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """An application that is registered."""
    steady = Steps()
    async with (
        SimDiscord(clock=Clock(steady=steady)) as sim,
        aiohttp.ClientSession() as browser,
    ):
        sim.register_oauth(SECRET, REDIRECT)
        yield Desk(sim, sim.add_channel("chat"), steady, browser)


async def test_who_signs_in_is_known_as_in_the_guild_and_no_token_is_left(desk: Desk) -> None:
    role = desk.sim.add_role("Moderator")
    mira = desk.sim.add_member("Mira V", nick="Mira", avatar="abc", roles=[role])
    assert await desk.sign_in(mira) == SignedIn(
        id=mira.id,
        name="Mira",
        avatar_url=f"https://cdn.discordapp.com/avatars/{mira.id}/abc.png?size=128",
        roles=frozenset({role.id}),
    )
    assert desk.sim.oauth.tokens == 0


async def test_a_code_works_once(desk: Desk) -> None:
    oauth, mira = desk.oauth(), desk.sim.add_member("Mira")
    code = await desk.code(oauth, mira)
    await oauth.sign_in(code, desk.verifier, REDIRECT)
    with pytest.raises(OAuthRefused, match="code") as refused:
        await oauth.sign_in(code, desk.verifier, REDIRECT)
    assert not refused.value.setup


async def test_a_code_lives_for_a_minute(desk: Desk) -> None:
    oauth, mira = desk.oauth(), desk.sim.add_member("Mira")
    code = await desk.code(oauth, mira)
    desk.steady.at += 61
    with pytest.raises(OAuthRefused):
        await oauth.sign_in(code, desk.verifier, REDIRECT)


async def test_a_stolen_code_is_worth_nothing_without_the_verifier(desk: Desk) -> None:
    oauth, mira = desk.oauth(), desk.sim.add_member("Mira")
    code = await desk.code(oauth, mira)
    with pytest.raises(OAuthRefused, match="code_verifier"):
        await oauth.sign_in(code, "another", REDIRECT)


async def test_a_wrong_secret_is_told_with_what_to_do_and_stays_secret(desk: Desk) -> None:
    oauth = desk.oauth(client_secret=SecretStr("not-the-secret"))
    with pytest.raises(OAuthRefused, match="client-secret") as refused:
        await desk.sign_in(desk.sim.add_member("Mira"), oauth)
    assert refused.value.setup
    assert "not-the-secret" not in f"{refused.value!r} {refused.value}"


async def test_another_address_than_the_page_was_given_is_told(desk: Desk) -> None:
    oauth, mira = desk.oauth(), desk.sim.add_member("Mira")
    code = await desk.code(oauth, mira)
    with pytest.raises(OAuthRefused, match="Redirects") as refused:
        await oauth.sign_in(code, desk.verifier, REDIRECT + "/")
    assert refused.value.setup


async def test_who_is_not_in_the_guild_is_told_apart_and_their_token_is_revoked(desk: Desk) -> None:
    stranger = desk.sim.add_member("Stranger")
    desk.sim.world.remove_member(stranger)
    with pytest.raises(NotAMember, match=stranger.id):
        await desk.sign_in(stranger)
    assert desk.sim.oauth.tokens == 0


@pytest.mark.parametrize("path", ["/oauth2/token$", "/users/@me$", "/member$"])
@pytest.mark.parametrize("how", ["error", "hang", "drop", "limited"])
async def test_discord_is_down(desk: Desk, path: str, how: str) -> None:
    mira, faults = desk.sim.add_member("Mira"), desk.sim.faults
    match how:
        case "error":
            faults.error(500, path=path)
        case "hang":
            faults.hang(path=path)
        case "drop":
            faults.drop(path=path, times=2)  # the library itself asks a question once again
        case _:
            faults.limited(5.0, path=path)
    oauth = desk.oauth()
    oauth._timeout = aiohttp.ClientTimeout(total=0.2)
    with pytest.raises(OAuthUnavailable) as unavailable:
        await desk.sign_in(mira, oauth)
    assert SECRET not in str(unavailable.value)
    assert unavailable.value.__cause__ is None


async def test_a_token_that_ran_out_between_two_requests(desk: Desk) -> None:
    desk.sim.faults.error(401, path="/users/@me$")
    with pytest.raises(OAuthRefused, match="401"):
        await desk.sign_in(desk.sim.add_member("Mira"))
    assert desk.sim.oauth.tokens == 0


async def test_a_token_that_cannot_be_revoked_is_told_and_nobody_is_kept_waiting(desk: Desk) -> None:
    desk.sim.faults.error(500, path="/revoke$")
    with capture_logs() as logs:
        await desk.sign_in(desk.sim.add_member("Mira"))
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "a sign-in's token could not be revoked"
    ]


async def test_administrators_are_asked_for_and_an_answer_that_does_not_come_lets_nobody_in(
    desk: Desk,
) -> None:
    mira = desk.sim.add_member("Mira")
    oauth = desk.oauth()

    async def everybody(_id: str, _roles: object) -> bool:
        return True

    async def unknown(_id: str, _roles: object) -> bool:
        raise DiscordUnavailable("no answer")

    oauth._is_administrator = everybody
    assert (await desk.sign_in(mira, oauth)).administrator
    oauth._is_administrator = unknown
    with pytest.raises(OAuthUnavailable, match="roles"):
        await desk.sign_in(mira, oauth)


async def test_the_address_of_discords_page_asks_for_no_more_than_is_needed(desk: Desk) -> None:
    query = parse_qs(urlsplit(desk.url(desk.oauth(authorize_url="https://discord.example/x?y=z"))).query)
    assert query["y"] == ["z"]
    assert query["scope"] == ["identify guilds.members.read"]
    assert (query["response_type"], query["prompt"]) == (["code"], ["none"])
    assert query["code_challenge_method"] == ["S256"]
    assert desk.verifier not in str(query)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>", content_type="text/html"),
        web.Response(text="[]", content_type="application/json"),
        web.Response(text='{"access_token": 5}', content_type="application/json"),
        web.Response(body=b"\xff" * 300_000),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}),
    ],
    ids=["a page", "no object", "no token", "endless", "elsewhere"],
)
async def test_something_else_answers_in_discords_place(desk: Desk, answer: web.Response) -> None:
    async def handle(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers.copy())

    async with RawTestServer(handle) as server:
        oauth = desk.oauth()
        oauth._api_url = str(server.make_url(""))
        with pytest.raises(OAuthUnavailable) as unavailable:
            await oauth.sign_in("the-code", desk.verifier, REDIRECT)
    assert "the-code" not in f"{unavailable.value} {unavailable.value.__cause__}"


@given(content=st.binary(max_size=200), status=st.integers(400, 499))
def test_any_refusal_is_told_in_words(content: bytes, status: int) -> None:
    assert 10 < len(str(_refused(content, status))) < 500
