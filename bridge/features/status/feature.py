"""Status as a feature: the pages of servers, two commands, and the metrics that dashboards know."""

from __future__ import annotations

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.servers import ServerView, view
from bridge.features.status.api import StatusApi
from bridge.features.status.commands import status_commands
from bridge.features.status.counting import EventCounter
from bridge.features.status.metrics import discord_metrics, server_metrics, stored_metrics
from bridge.features.status.pages import StatusPages
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.supervise import keep_alive
from bridge.website import Site


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
            self.pages = StatusPages(parts, parts.site, lambda: self._teller)
            self._add_metrics(parts.site)
            StatusApi(parts, parts.site, self.views)

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

    def _add_metrics(self, site: Site) -> None:
        site.metrics.add(server_metrics(self._parts.servers))
        site.metrics.add(stored_metrics(self._parts.store))
        if self._parts.discord is not None:
            site.metrics.add(discord_metrics(self._parts.discord))
