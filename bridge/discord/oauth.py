"""Sign-in with Discord: where to send a browser, and who came back.

The tokens that Discord gives for it are asked two questions, revoked and forgotten: nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
import structlog

from bridge import __version__
from bridge.config.settings import DiscordSettings, SignInSettings
from bridge.discord.errors import DiscordError, DiscordRefused, DiscordUnavailable
from bridge.discord.members import GuildMember, guild_member
from bridge.discord.wire import ErrorPayload, MemberPayload, Unreadable, UserPayload, read

log = structlog.get_logger(__name__)

_T = TypeVar("_T")

SCOPES: Final = "identify guilds.members.read"
_USER_AGENT: Final = f"DiscordBot (https://pypi.org/project/passerelle, {__version__})"
_LARGEST_ANSWER_BYTES: Final = 256 * 1024  # a member with hundreds of roles stays far below
_LONGEST_REASON: Final = 200

SignedIn = GuildMember
"""Who signed in, as the guild knows them."""

IsAdministrator = Callable[[str, Collection[str]], Awaitable[bool]]
"""Tells whether a member with these roles owns or administers the guild; raises DiscordError."""


class OAuthRefused(DiscordRefused):
    """Discord does not take the code, the client secret or the redirect address; trying again does not help.

    Attributes:
        setup: Whether it is for whoever runs the bridge to mend, and not for who signs in to begin again.
    """

    def __init__(self, message: str, *, reason: str = "", setup: bool = False) -> None:
        super().__init__(message, reason=reason)
        self.setup = setup


class OAuthUnavailable(DiscordUnavailable):
    """Discord did not answer; who signs in may try again in a while."""


class NotAMember(DiscordError):
    """Who signed in is not in the guild."""


class OAuth:
    """Signs people in with their Discord account."""

    def __init__(
        self,
        discord: DiscordSettings,
        settings: SignInSettings,
        *,
        is_administrator: IsAdministrator,
        timeout_s: float = 4.0,
    ) -> None:
        """Know the application.

        Args:
            discord: Where the API is, and which guild counts.
            settings: The application's id and secret.
            is_administrator: Asked about everybody who signs in; usually the link's own.
            timeout_s: How long each of the four requests of a sign-in may take.
        """
        self._api_url, self._guild = discord.api_url.rstrip("/"), discord.guild
        self._settings, self._is_administrator = settings, is_administrator
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    def authorize_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """Return where to send a browser.

        Args:
            state: Random, and known to that browser only: it comes back with the code.
            challenge: The SHA-256 of the verifier that :meth:`sign_in` is given, in URL-safe base64.
            redirect_uri: Where Discord sends the browser back to; registered in the developer portal.
        """
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "scope": SCOPES,
            "state": state,
            "redirect_uri": redirect_uri,
            "prompt": "none",  # who agreed before is not asked again
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in self._settings.authorize_url else "?"
        return f"{self._settings.authorize_url}{joint}{urlencode(query)}"

    async def sign_in(self, code: str, verifier: str, redirect_uri: str) -> SignedIn:
        """Return who came back with a code, which is used up whatever happens.

        Raises:
            OAuthRefused: Discord does not accept the code, the verifier, the secret or the address.
            OAuthUnavailable: Discord does not answer, or the guild cannot be asked now.
            NotAMember: Who came back is not in the guild.
        """
        async with aiohttp.ClientSession(
            timeout=self._timeout,
            headers={"User-Agent": _USER_AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            exchange = _Exchange(session, self._api_url, self._settings)
            token = await exchange.token(code, verifier, redirect_uri)
            try:
                user = await exchange.ask("/users/@me", token, UserPayload)
                member = await exchange.ask(f"/users/@me/guilds/{self._guild}/member", token, MemberPayload)
            finally:
                await exchange.revoke(token)
        if user is None:
            raise OAuthUnavailable("Discord does not know the account that it has just signed in")
        if member is None:
            raise NotAMember(f"account {user.id} is not in the guild {self._guild}")
        try:
            administrator = await self._is_administrator(user.id, member.roles)
        except DiscordError as exc:
            raise OAuthUnavailable(f"the guild's roles cannot be read: {exc}") from exc
        known = msgspec.structs.replace(member, user=user)
        return guild_member(known, user.id, self._guild, administrator=administrator)


class _TokenPayload(msgspec.Struct, frozen=True):
    access_token: str


class _RefusalPayload(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class _Exchange:
    """The requests of one sign-in."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, settings: SignInSettings) -> None:
        self._session, self._api_url, self._settings = session, api_url, settings

    async def token(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the token that a code stands for."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        status, content = await self._send("POST", "/oauth2/token", self._basic, form=form)
        if status != 200:
            raise _refused(content, status)
        return _read(content, _TokenPayload).access_token

    async def ask(self, path: str, token: str, wanted: type[_T]) -> _T | None:
        """Return what Discord tells the owner of a token; None where there is nothing of theirs."""
        status, content = await self._send("GET", path, f"Bearer {token}")
        if status == 404:
            return None
        if status != 200:
            reason = _reason(content)
            raise OAuthRefused(f"Discord answered a question about who signed in with {status}: {reason}")
        return _read(content, wanted)

    async def revoke(self, token: str) -> None:
        """Make the token worthless; where that fails, it is forgotten here and runs out there in a week."""
        form = {"token": token, "token_type_hint": "access_token"}
        try:
            status, _ = await self._send("POST", "/oauth2/token/revoke", self._basic, form=form)
        except OAuthUnavailable as exc:
            log.warning("a sign-in's token could not be revoked", why=str(exc))
            return
        if status != 200:
            log.warning("discord did not revoke a sign-in's token", status=status)

    @property
    def _basic(self) -> str:
        secret = self._settings.client_secret.get_secret_value().strip()
        return aiohttp.encode_basic_auth(self._settings.client_id, secret)

    async def _send(
        self, method: str, path: str, authorization: str, *, form: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        headers = {"Authorization": authorization}
        try:
            async with self._session.request(
                method, self._api_url + path, data=form, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.content.read(_LARGEST_ANSWER_BYTES + 1)
                while not answer.content.at_eof() and len(content) <= _LARGEST_ANSWER_BYTES:
                    content += await answer.content.read(_LARGEST_ANSWER_BYTES + 1)
                status = answer.status
        except (aiohttp.ClientError, OSError) as exc:  # TimeoutError is an OSError
            # The error's own words stay out of ours: some hold what was sent.
            raise OAuthUnavailable(f"no answer to {method} {path}: {type(exc).__name__}") from None
        if status >= 500 or status == 429 or 300 <= status < 400:
            raise OAuthUnavailable(f"Discord answered {method} {path} with {status}")
        if len(content) > _LARGEST_ANSWER_BYTES:
            raise OAuthUnavailable(f"the answer to {method} {path} is too long")
        return status, content


def _read(content: bytes, wanted: type[_T]) -> _T:
    try:
        return read(content, wanted)
    except Unreadable as exc:
        raise OAuthUnavailable("Discord's answer about a sign-in is not what it documents") from exc


def _refused(content: bytes, status: int) -> OAuthRefused:
    """Return what is wrong with a sign-in, in words for the log."""
    try:
        said = read(content, _RefusalPayload)
    except Unreadable:
        said = _RefusalPayload()
    reason = f"{said.error}: {said.error_description}".strip(": ")[:_LONGEST_REASON] or f"status {status}"
    if said.error == "invalid_client" or status in {401, 403}:
        return OAuthRefused(
            "Discord does not accept website.sign-in.client-id with website.sign-in.client-secret; reset the "
            f"secret in the developer portal (OAuth2 → Client Secret) and put it there ({reason})",
            reason=reason,
            setup=True,
        )
    if "redirect_uri" in said.error_description:
        return OAuthRefused(
            "Discord does not know the address that people are sent back to; add it in the developer portal "
            f"(OAuth2 → Redirects) ({reason})",
            reason=reason,
            setup=True,
        )
    return OAuthRefused(f"Discord does not take the code of a sign-in ({reason})", reason=reason)


def _reason(content: bytes) -> str:
    try:
        return read(content, ErrorPayload).message[:_LONGEST_REASON]
    except Unreadable:
        return "in words that cannot be read"
