"""Sign-in with Discord: the page with the button, the way there and back, and signing out."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import structlog

from bridge.config.access import Bundle, bundle_of
from bridge.config.settings import BridgeSettings
from bridge.discord import NotAMember, OAuth, OAuthRefused, OAuthUnavailable, SignedIn
from bridge.features.contract import Parts
from bridge.features.sign_in.attempts import ATTEMPT_S, Attempt, Attempts, local_path
from bridge.features.sign_in.refusals import Pace, Refusal, Refused, refused_page
from bridge.website import Request, Response, Site, StreamResponse
from bridge.website.identity import Identity, IdentityKind, identity_of

log = structlog.get_logger(__name__)

SIGNED_IN: Final = "/signed-in"
STAFF: Final = "/staff"
_COOKIE: Final = "passerelle-sign-in"
_MOST_ATTEMPTS: Final = 10  # of an address in ten minutes
_ASK_AGAIN_S: Final = 30


class MemberPages:
    """Serves the pages for everybody who has a Discord account."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self._attempts, self._pace = Attempts(), Pace(site, _MOST_ATTEMPTS)
        self._oauth: OAuth | None = None
        self.configure(parts.settings)
        site.add_get("/sign-in", self.page)
        site.add_post("/sign-in", self.begin)
        site.add_get(SIGNED_IN, self.come_back)
        site.add_post("/sign-out", self.sign_out)
        site.add_post("/sign-out/everywhere", self.sign_out_everywhere)

    def configure(self, settings: BridgeSettings) -> None:
        """Let people in as the settings now say."""
        self._settings = settings
        discord, application, link = settings.discord, settings.website.sign_in, self._parts.discord
        if discord is None or application is None or link is None:
            self._oauth = None
        else:
            self._oauth = OAuth(discord, application, is_administrator=link.is_administrator)

    async def page(self, request: Request) -> StreamResponse:
        """Say what signing in is for, and how; to whoever is signed in, as whom and what that means."""
        then = local_path(request.query.get("next", ""))
        return self._site.render(
            "sign-in.html", request=request, with_discord=self._oauth is not None, then=then, staff=STAFF
        )

    async def begin(self, request: Request) -> StreamResponse:
        """Send a browser to Discord."""
        then = local_path(str((await request.post()).get("next", "")))
        try:
            self._pace.take(request)
            oauth = self._application()
        except Refused as exc:
            return await refused_page(self._site, request, exc)
        attempt = self._attempts.begin(then)
        answer = self._site.see(oauth.authorize_url(attempt.state, attempt.challenge, self._redirect_uri))
        answer.set_cookie(
            _COOKIE,
            attempt.browser,
            max_age=int(ATTEMPT_S),
            path=SIGNED_IN,
            httponly=True,
            secure=self._redirect_uri.startswith("https:"),
            samesite="Lax",  # the way back is from another site
        )
        return answer

    async def come_back(self, request: Request) -> StreamResponse:
        """Let in whom Discord sends back."""
        try:
            attempt, code = self._returned(request)
            signed_in = await self._ask(attempt, code)
        except Refused as exc:
            answer = await refused_page(self._site, request, exc)
        else:
            answer = await self._let_in(request, attempt, signed_in)
        answer.del_cookie(_COOKIE, path=SIGNED_IN)
        return answer

    async def sign_out(self, request: Request) -> StreamResponse:
        """End this session."""
        await self._site.audit(request, "sign-out")
        answer = self._site.see("/")
        await self._site.sessions.end(request, answer)
        return answer

    async def sign_out_everywhere(self, request: Request) -> StreamResponse:
        """End every session of whoever asks."""
        me = identity_of(request)
        await self._site.audit(request, "sign-out.everywhere")
        answer = self._site.see("/")
        await self._site.sessions.end(request, answer)  # its cookie, too
        ended = await self._site.sessions.end_all(me.id)
        log.info("somebody signed out everywhere", member=me.id, others=ended)
        return answer

    @property
    def _redirect_uri(self) -> str:
        return (self._settings.website.public_url or self._site.url).rstrip("/") + SIGNED_IN

    def _application(self) -> OAuth:
        """Return our end of the sign-in.

        Raises:
            Refused: It is not set up.
        """
        if self._oauth is None:
            raise Refused(Refusal.OFF)
        return self._oauth

    def _returned(self, request: Request) -> tuple[Attempt, str]:
        """Return the sign-in that a browser comes back from, with Discord's code.

        Raises:
            Refused: It is no such sign-in, or was refused on Discord's page.
        """
        query = request.query
        attempt = self._attempts.take(query.get("state", ""), request.cookies.get(_COOKIE, ""))
        if attempt is None:
            self._pace.take(request)  # who begins at our page was counted there
            raise Refused(Refusal.STATE)
        if query.get("error") == "access_denied":
            raise Refused(Refusal.DENIED, attempt.then)
        if "code" not in query:
            log.warning("discord sent somebody back without a code", error=query.get("error", "")[:100])
            raise Refused(Refusal.CODE, attempt.then)
        return attempt, query["code"]

    async def _ask(self, attempt: Attempt, code: str) -> SignedIn:
        """Return who signed in, by Discord's word.

        Raises:
            Refused: Discord does not say, or they are not in the guild.
        """
        oauth = self._application()
        try:
            return await oauth.sign_in(code, attempt.verifier, self._redirect_uri)
        except NotAMember as exc:
            log.info("somebody who is not in the guild wanted in", why=str(exc))
            raise Refused(Refusal.NOT_A_MEMBER, attempt.then) from exc
        except OAuthUnavailable as exc:
            log.warning("nobody can sign in now", why=str(exc))
            raise Refused(Refusal.UNAVAILABLE, attempt.then, _ASK_AGAIN_S) from exc
        except OAuthRefused as exc:
            if exc.setup:
                log.error("nobody can sign in until somebody mends the settings", why=str(exc))
                raise Refused(Refusal.SETUP, attempt.then) from exc
            log.warning("a sign-in failed", why=str(exc))
            raise Refused(Refusal.CODE, attempt.then) from exc

    async def _let_in(self, request: Request, attempt: Attempt, who: SignedIn) -> Response:
        bundle = bundle_of(self._settings.staff, who.roles, administrator=who.administrator)
        identity = Identity(kind=IdentityKind.MEMBER, id=who.id, name=who.name, bundle=bundle)
        await self._site.audit(request, "sign-in", became=bundle.value, who=identity)
        if bundle is Bundle.PLAYER:  # told what that means
            answer = self._site.see(f"/sign-in?next={quote(attempt.then)}" if attempt.then else "/sign-in")
        else:
            answer = self._site.see(attempt.then or STAFF)
        await self._site.sessions.begin(
            request,
            answer,
            kind=IdentityKind.MEMBER,
            member=who.id,
            name=who.name,
            avatar_url=who.avatar_url,
            bundle=bundle,
        )
        log.info("somebody signed in", member=who.id, bundle=bundle.value)
        return answer
