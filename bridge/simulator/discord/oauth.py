"""Sign-in with Discord: who agreed to what, and the codes and tokens that come of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from bridge.simulator.discord.values import JsonObject, Member
from bridge.simulator.discord.world import World

CODE_S: Final = 60.0
TOKEN_S: Final = 604_800.0  # documented: a week
SCOPES: Final = frozenset({"identify", "email", "guilds", "guilds.members.read"})
_DENIED: Final = "The resource owner or authorization server denied the request"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What an application wants of whoever is on the page."""

    redirect: str
    scopes: frozenset[str]
    state: str | None
    challenge: str | None

    def back(self, **values: str) -> str:
        """Return where the browser goes from the page."""
        parts = urlsplit(self.redirect)
        state = {} if self.state is None else {"state": self.state}
        query = urlencode([*parse_qsl(parts.query), *values.items(), *state.items()])
        return urlunsplit(parts._replace(query=query))


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a member agreed to; good until a moment of the steady clock."""

    member: Member
    ask: Ask
    until_s: float


class PageRefused(Exception):
    """A page that shows why it cannot ask anybody: the application made a mistake."""


class TurnedBack(Exception):
    """A request that sends the browser back with an error."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class TokenRefused(Exception):
    """An answer of the token endpoint, as RFC 6749 wants it."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body: JsonObject = {"error": error, "error_description": description}


class OAuthDesk:
    """The one application's registration, and everything that was granted to it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._secret: str | None = None
        self._redirects: tuple[str, ...] = ()
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}
        self._agreed: set[tuple[str, frozenset[str]]] = set()

    @property
    def tokens(self) -> int:
        """How many access tokens are good."""
        now = self._world.clock.steady()
        return sum(grant.until_s > now for grant in self._tokens.values())

    def register(self, secret: str, redirects: tuple[str, ...]) -> None:
        """Set the application's secret and where browsers may be sent back to."""
        self._secret, self._redirects = secret, redirects

    def expire_tokens(self) -> None:
        """Make every access token worthless, as if a week had passed."""
        self._tokens.clear()

    def read(self, query: Mapping[str, str]) -> Ask:
        """Return what an address of the page asks for.

        Raises:
            PageRefused: It names another application, or leads back to where it may not.
            TurnedBack: Anything else is wrong with it.
        """
        if self._secret is None or query.get("client_id") != self._world.bot:
            raise PageRefused("Unknown Application")
        if query.get("redirect_uri") not in self._redirects:
            raise PageRefused("Invalid OAuth2 redirect_uri")
        ask = Ask(
            redirect=query["redirect_uri"],
            scopes=frozenset(query.get("scope", "").split()),
            state=query.get("state"),
            challenge=query.get("code_challenge"),
        )
        if query.get("response_type") != "code":
            raise TurnedBack(ask.back(error="unsupported_response_type"))
        if not ask.scopes or ask.scopes - SCOPES:
            raise TurnedBack(ask.back(error="invalid_scope"))
        if ask.challenge is not None and query.get("code_challenge_method") != "S256":
            raise TurnedBack(ask.back(error="invalid_request"))
        return ask

    def has_agreed(self, member: Member, ask: Ask) -> bool:
        """Tell whether a member agreed to this before, and it was not revoked."""
        return (member.id, ask.scopes) in self._agreed

    def agree(self, ask: Ask, member: Member) -> str:
        """Let a member agree and return where their browser goes, with a code."""
        self._agreed.add((member.id, ask.scopes))
        code = secrets.token_urlsafe(24)
        until_s = self._world.clock.steady() + CODE_S
        self._codes[code] = Grant(member=member, ask=ask, until_s=until_s)
        return ask.back(code=code)

    def deny(self, ask: Ask) -> str:
        """Let somebody refuse and return where their browser goes."""
        return ask.back(error="access_denied", error_description=_DENIED)

    def exchange(self, form: Mapping[str, str] | None, authorization: str) -> JsonObject:
        """Return an access token for a code, which is worthless from then on.

        Raises:
            TokenRefused: As Discord would.
        """
        form = self._admitted(form, authorization)
        if form.get("grant_type") != "authorization_code":
            raise TokenRefused("unsupported_grant_type", "Only authorization_code is simulated")
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.until_s <= self._world.clock.steady():
            raise TokenRefused("invalid_grant", 'Invalid "code" in request.')
        if form.get("redirect_uri") != grant.ask.redirect:
            raise TokenRefused("invalid_request", 'Invalid "redirect_uri" in request.')
        if grant.ask.challenge is not None and grant.ask.challenge != _challenge(
            form.get("code_verifier", "")
        ):
            raise TokenRefused("invalid_grant", 'Invalid "code_verifier" in request.')
        token = secrets.token_urlsafe(24)
        until_s = self._world.clock.steady() + TOKEN_S
        self._tokens[token] = msgspec.structs.replace(grant, until_s=until_s)
        return {
            "token_type": "Bearer",
            "access_token": token,
            "expires_in": int(TOKEN_S),
            "refresh_token": secrets.token_urlsafe(24),
            "scope": " ".join(sorted(grant.ask.scopes)),
        }

    def revoke(self, form: Mapping[str, str] | None, authorization: str) -> None:
        """Make all tokens worthless that came of the authorization of one of them.

        Raises:
            TokenRefused: As Discord would.
        """
        form = self._admitted(form, authorization)
        grant = self._tokens.get(form.get("token", ""))
        if grant is None:
            return
        whose = grant.member.id
        self._agreed.discard((whose, grant.ask.scopes))
        self._tokens = {token: one for token, one in self._tokens.items() if one.member.id != whose}

    def grant_of(self, authorization: str, scope: str) -> Grant | None:
        """Return what a header ``Bearer …`` stands for; None if it is no good for this scope."""
        grant = self._tokens.get(authorization.removeprefix("Bearer "))
        if grant is None or grant.until_s <= self._world.clock.steady():
            return None
        return grant if scope in grant.ask.scopes else None

    def _admitted(self, form: Mapping[str, str] | None, authorization: str) -> Mapping[str, str]:
        if form is None:
            raise TokenRefused("invalid_request", "The body must be application/x-www-form-urlencoded")
        expected = f"{self._world.bot}:{self._secret}"
        if self._secret is None or not hmac.compare_digest(_basic(authorization), expected.encode()):
            raise TokenRefused("invalid_client", "Client authentication failed", status=401)
        return form


def _basic(authorization: str) -> bytes:
    scheme, _, value = authorization.partition(" ")
    try:
        return base64.b64decode(value, validate=True) if scheme == "Basic" else b""
    except binascii.Error:
        return b""


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
