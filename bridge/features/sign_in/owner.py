"""The owner's way in without Discord: a link from the command line, used once."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from bridge.config.access import Bundle
from bridge.features.contract import Parts
from bridge.features.sign_in.links import PATH, Link, read_link
from bridge.features.sign_in.pages import STAFF
from bridge.features.sign_in.refusals import Pace, Refusal, Refused, refused_page
from bridge.store.sessions import use_link
from bridge.website import Request, Site, StreamResponse
from bridge.website.identity import Identity, IdentityKind
from bridge.website.secrets import site_key

log = structlog.get_logger(__name__)

OWNER: Final = "owner"
"""The id that sessions and the audit log know the owner by."""
_MOST_ATTEMPTS: Final = 5  # of an address in ten minutes


class OwnerPages:
    """Serves the owner's link. Opening it only shows a button: mail and chat programs look at links, too."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts, self._site = parts, site
        self._pace = Pace(site, _MOST_ATTEMPTS)
        site.add_get(PATH + "{token}", self.page)
        site.add_post(PATH + "{token}", self.use)

    async def page(self, request: Request) -> StreamResponse:
        """Show the button."""
        try:
            await self._look_at(request)
        except Refused as exc:
            return await refused_page(self._site, request, exc, OWNER)
        page = self._site.render("sign-in-owner.html", request=request)
        page.headers["Cache-Control"] = "no-store"
        return page

    async def use(self, request: Request) -> StreamResponse:
        """Let the owner in, and nobody a second time."""
        try:
            self._pace.take(request)
            await self._use_up(request)
        except Refused as exc:
            return await refused_page(self._site, request, exc, OWNER)
        await self._site.audit(
            request,
            "sign-in.owner",
            became=Bundle.ADMIN.value,
            who=Identity(kind=IdentityKind.OWNER, id=OWNER),
        )
        answer = self._site.see(STAFF)
        await self._site.sessions.begin(
            request,
            answer,
            kind=IdentityKind.OWNER,
            member=OWNER,
            name="",  # pages say it in the visitor's language
            avatar_url=None,
            bundle=Bundle.ADMIN,
        )
        log.info("the owner signed in with a link")
        return answer

    async def _link(self, request: Request) -> Link | None:
        key = await asyncio.to_thread(site_key, self._parts.store.path.parent)
        return read_link(key, request.match_info["token"], self._parts.now())

    async def _look_at(self, request: Request) -> None:
        """See that a link can be one of ours; one that was used looks as good as before.

        Raises:
            Refused: It is over, or none of ours.
        """
        if await self._link(request) is None:
            self._pace.take(request)
            raise Refused(Refusal.LINK)

    async def _use_up(self, request: Request) -> None:
        """Make a link worthless.

        Raises:
            Refused: It is so already.
        """
        link = await self._link(request)
        if link is not None:
            async with self._parts.store.transaction() as tx:
                if await use_link(tx, link.digest, until=link.until, now=self._parts.now()):
                    return
        raise Refused(Refusal.LINK)
