"""Status as a feature: the first page, two commands, and the metrics that dashboards know."""

from __future__ import annotations

from pathlib import Path

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.servers import ServerView, view
from bridge.features.status.commands import status_commands
from bridge.features.status.counting import EventCounter
from bridge.features.status.logic import Verdict, verdict
from bridge.features.status.metrics import DiscordMetrics, ServerMetrics, Stored, StoredMetrics
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.supervise import keep_alive
from bridge.website import Request, Site, StreamResponse


class Status:
    """Shows how the servers are."""

    name = "status"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._teller = Teller(parts.settings, parts.catalogue)
        if parts.discord is not None:
            for command in status_commands(parts, lambda: self._teller):
                parts.discord.add_command(command)
        if parts.site is not None:
            self._add_pages(parts.site)
            self._add_metrics(parts.site)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word things as the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Nothing: what has happened before is counted, too."""

    async def run(self) -> None:
        """Count facts until cancelled; pages and commands are answered when they are asked."""
        counter = EventCounter(self._parts.journal, self._parts.store)
        await keep_alive("event counter", counter.run)

    def views(self) -> list[ServerView]:
        """Return how every server is."""
        now = self._parts.now()
        return [view(server, self._teller, now=now) for server in self._parts.servers.values()]

    def _add_pages(self, site: Site) -> None:
        async def page(request: Request) -> StreamResponse:
            """Show how every server is."""
            catalogue = site.catalogue(site.language(request))
            views = self.views()
            counts = [each.online for each in views if each.online is not None]
            amount = verdict(views)
            return site.render(
                "status.html",
                request=request,
                views=views,
                verdict=amount,
                sentence=_sentence(amount, views, catalogue),
                playing=sum(counts) if counts else None,
                show_players=self._teller.settings.website.show_players,
            )

        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/", page)

    def _add_metrics(self, site: Site) -> None:
        stored = Stored(self._parts)
        site.add_refresh(stored.refresh)
        site.registry.register(ServerMetrics(self._parts.servers.values))
        site.registry.register(StoredMetrics(stored))
        if self._parts.discord is not None:
            site.registry.register(DiscordMetrics(self._parts.discord))


def _sentence(amount: Verdict, views: list[ServerView], catalogue: Catalogue) -> str:
    """Return the verdict in words; a lone server is called by its name."""
    if len(views) == 1:
        return catalogue.plain(f"status.one-{amount.state}", server=views[0].title)
    return catalogue.plain(amount.key, count=amount.count)
