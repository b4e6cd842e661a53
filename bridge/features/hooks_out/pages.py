"""The staff's page of hooks: how each is, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol

from bridge.features.hooks_out.delivery import HookState
from bridge.store import Store
from bridge.store.hooks import SetAside, set_aside
from bridge.website import Request, Site, StreamResponse
from bridge.website.positions import read_position

_MOST_SHOWN: Final = 200


class Hooks(Protocol):
    """What the page shows and does."""

    async def states(self) -> list[HookState]:
        """Return how every hook is."""

    async def retry(self, id_: int) -> SetAside | None:
        """Let something be sent once more."""

    async def drop(self, id_: int) -> SetAside | None:
        """Forget something."""


class HookPages:
    """Serves the page and the two forms of each row."""

    def __init__(self, store: Store, site: Site, hooks: Hooks) -> None:
        self._store, self._site, self._hooks = store, site, hooks
        site.add_templates(Path(__file__).parent / "templates")
        site.add_staff_page("/staff/hooks", "staff.nav.hooks", self.page, place=40)
        site.add_post("/staff/hooks/{id}/retry", self.retry)
        site.add_post("/staff/hooks/{id}/drop", self.drop)

    async def page(self, request: Request) -> StreamResponse:
        """Show every hook, and what was set aside, oldest first."""
        async with self._store.reading() as conn:
            aside = await set_aside(conn, most=_MOST_SHOWN)
        return self._site.render(
            "staff-hooks.html", request=request, states=await self._hooks.states(), aside=aside
        )

    async def retry(self, request: Request) -> StreamResponse:
        """Send something once more."""
        return await self._done(request, self._hooks.retry, "hooks.retried")

    async def drop(self, request: Request) -> StreamResponse:
        """Forget something."""
        return await self._done(request, self._hooks.drop, "hooks.dropped")

    async def _done(
        self, request: Request, do: Callable[[int], Awaitable[SetAside | None]], action: str
    ) -> StreamResponse:
        found = await self._find(request.match_info["id"])
        if found is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        await self._site.audit(request, action, f"{found.hook}: {found.kind} ({found.position})")
        await do(found.id)
        return self._site.see("/staff/hooks")

    async def _find(self, id_: str) -> SetAside | None:
        wanted = read_position(id_)
        if wanted is None:
            return None
        async with self._store.reading() as conn:
            found = await set_aside(conn, after=wanted - 1, most=1)
        return found[0] if found and found[0].id == wanted else None
