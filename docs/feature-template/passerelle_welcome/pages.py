"""``/newcomers.json``: how many came for the first time, and who, for a widget on another site.

A page for people would have a template: ``site.add_templates(Path(__file__).parent / "templates")``, then
``site.render("newcomers.html", ...)``, which puts it into the frame that all pages share.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.features.contract import Parts
from bridge.features.telling import Teller
from bridge.website import Request, Site, StreamResponse
from passerelle_welcome.store import newest

MOST = 10


class NewcomerPages:
    """Its one page."""

    def __init__(self, parts: Parts, site: Site, teller: Callable[[], Teller]) -> None:
        self._parts, self._site, self._teller = parts, site, teller
        site.add_get("/newcomers.json", self.newcomers)

    async def newcomers(self, _request: Request) -> StreamResponse:
        """Answer with the newest players of each server, by the server's key."""
        teller = self._teller()
        if not teller.settings.website.show_players:  # the owner shows no names: neither do we
            return self._site.json({})
        async with self._parts.store.reading() as conn:
            found = {server: await newest(conn, server, most=MOST) for server in self._parts.servers}
        return self._site.json(
            {
                server: [
                    {"player": one.player, "at": one.at.isoformat()}
                    for one in newcomers
                    if not teller.is_hidden(one.player)
                ]
                for server, newcomers in found.items()
            }
        )
