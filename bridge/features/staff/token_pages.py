"""The page where staff make and revoke the tokens of other programs."""

from __future__ import annotations

from http import HTTPStatus

from bridge.config.access import Permission
from bridge.website import Request, Site, StreamResponse
from bridge.website.api.tokens import LONGEST_NAME, NewToken, TokenRefused
from bridge.website.identity import identity_of


class TokenPages:
    """Serves the list of tokens and the forms on it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        site.add_staff_page("/staff/tokens", "staff.nav.tokens", self.page, place=70)
        site.add_post("/staff/tokens", self.create)
        site.add_post("/staff/tokens/{token}/revoke", self.revoke)

    async def page(self, request: Request) -> StreamResponse:
        """Show every token and the form for a new one."""
        return await self._show(request)

    async def create(self, request: Request) -> StreamResponse:
        """Make a token and show its secret, once."""
        form = await request.post()
        name = str(form.get("name", ""))
        ticked = {str(scope) for scope in form.getall("scope", [])}
        scopes = [permission for permission in Permission if permission in ticked]
        try:
            made = await self._site.tokens.create(name, scopes, maker=identity_of(request))
        except TokenRefused as exc:
            return await self._show(request, refused=exc.reason, name=name, status=422)
        # Nobody has the secret yet: where this cannot be kept, nobody will.
        await self._site.audit(
            request,
            "tokens.created",
            f"{made.token.name} ({made.token.id})",
            became=", ".join(made.token.scopes),
        )
        return await self._show(request, made=made)

    async def revoke(self, request: Request) -> StreamResponse:
        """End a token."""
        wanted = request.match_info["token"]
        token = next((each for each in await self._site.tokens.listed() if each.id == wanted), None)
        if token is None or token.revoked_at is not None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        await self._site.audit(
            request, "tokens.revoked", f"{token.name} ({token.id})", was=", ".join(token.scopes)
        )
        await self._site.tokens.revoke(token.id)
        return self._site.see("/staff/tokens")

    async def _show(
        self,
        request: Request,
        *,
        made: NewToken | None = None,
        refused: str | None = None,
        name: str = "",
        status: int = 200,
    ) -> StreamResponse:
        return self._site.render(
            "staff-tokens.html",
            request=request,
            status=status,
            path="/staff/tokens",
            tokens=await self._site.tokens.listed(),
            scopes=sorted(identity_of(request).permissions),
            made=made,
            refused=refused,
            name=name[:LONGEST_NAME],
            longest=LONGEST_NAME,
        )
