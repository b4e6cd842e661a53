"""The page on which a member says that an application may know who they are."""

from __future__ import annotations

from html import escape
from typing import Final

from aiohttp import web

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.oauth import Ask, PageRefused, TurnedBack
from bridge.simulator.discord.values import Member

AUTHORIZE: Final = "/oauth2/authorize"
_COOKIE: Final = "simulated-account"  # who the browser was signed in as the last time

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title} · simulated Discord</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 3rem auto; padding: 0 1rem;
    background: #313338; color: #f2f3f5 }}
  button {{ font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .6rem 1rem; border: 0;
    border-radius: 4px; background: #4752c4; color: #fff; text-align: left; cursor: pointer }}
  button[value=""] {{ background: #4e5058 }}
</style>
</head>
<body><main><h1>{title}</h1>{content}</main></body>
</html>
"""


class AuthorizePage:
    """Asks, with a button for each member of the guild, and sends the browser back."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def serve(self, request: web.BaseRequest) -> web.Response:
        """Answer a browser."""
        try:
            ask = self._core.oauth.read(request.query)
        except PageRefused as exc:
            return _page("That does not work", f"<p>{escape(str(exc))}</p>", status=400)
        except TurnedBack as exc:
            return _sent(exc.url)
        if request.method == "POST":
            return await self._answered(request, ask)
        known = self._member(request.cookies.get(_COOKIE, ""))
        if request.query.get("prompt") == "none" and known and self._core.oauth.has_agreed(known, ask):
            return _sent(self._core.oauth.agree(ask, known))
        return self._ask(ask)

    async def _answered(self, request: web.BaseRequest, ask: Ask) -> web.Response:
        chosen = str((await request.post()).get("member", ""))
        if not chosen:
            return _sent(self._core.oauth.deny(ask))
        if (member := self._member(chosen)) is None:
            return _page("That does not work", "<p>Unknown account</p>", status=400)
        answer = _sent(self._core.oauth.agree(ask, member))
        answer.set_cookie(_COOKIE, member.id, httponly=True, samesite="Lax", path=AUTHORIZE)
        return answer

    def _member(self, id_: str) -> Member | None:
        """Return an account: of the guild, or of one who has left it."""
        world = self._core.world
        return world.members.get(Snowflake(id_)) or world.gone.get(Snowflake(id_))

    def _ask(self, ask: Ask) -> web.Response:
        world = self._core.world
        buttons = [
            f'<button name="member" value="{escape(one.id)}">{escape(one.name)}</button>'
            for one in (*world.members.values(), *world.gone.values())
            if not one.bot
        ]
        cancel = '<button name="member" value="">Cancel</button>'
        wanted = ", ".join(sorted(ask.scopes))
        content = f'<p>It wants: {escape(wanted)}.</p><form method="post">{"".join(buttons)}{cancel}</form>'
        return _page(f"{world.bot_name} asks who you are", content)


def _page(title: str, content: str, *, status: int = 200) -> web.Response:
    html = _PAGE.format(title=escape(title), content=content)
    return web.Response(text=html, status=status, content_type="text/html")


def _sent(url: str) -> web.Response:
    return web.Response(status=302, headers={"Location": url})
