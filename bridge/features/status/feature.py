"""Status as a feature: the first page, two commands, and the metrics that dashboards know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.status.commands import status_commands
from bridge.features.status.logic import ServerView, State, view
from bridge.features.telling import Teller
from bridge.locales import Catalogue
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

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word things as the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Need nothing."""

    async def run(self) -> None:
        """Wait until cancelled: pages and commands are answered when they are asked."""
        await asyncio.Event().wait()

    async def page(self, _request: Request) -> StreamResponse:
        """Show how every server is."""
        site = self._parts.site
        if site is None:  # then nobody asks
            raise RuntimeError("a page without a website")
        views = self.views()
        down = sum(seen.state is State.DOWN for seen in views)
        return site.render(
            "status.html",
            views=views,
            down=down,
            show_players=self._teller.settings.website.show_players,
            now=self._parts.now(),
        )

    def _add_pages(self, site: Site) -> None:
        site.add_templates(Path(__file__).parent / "templates")
        site.add_get("/", self.page)
        site.registry.register(_Gauges(self))

    def views(self) -> list[ServerView]:
        """Return how every server is."""
        return [view(server, self._teller) for server in self._parts.servers.values()]


class _Gauges(Collector):
    """The four gauges of mc-monitor by their names, so that its dashboards work unchanged."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges as they are now."""
        labels = ["server_host", "server_version"]
        healthy = GaugeMetricFamily("minecraft_status_healthy", "Whether the server answers.", labels=labels)
        latency = GaugeMetricFamily(
            "minecraft_status_response_time_seconds", "How fast it answers.", labels=labels
        )
        online = GaugeMetricFamily("minecraft_status_players_online_count", "Who plays now.", labels=labels)
        most = GaugeMetricFamily("minecraft_status_players_max_count", "Who could play.", labels=labels)
        for seen in self._status.views():
            named = [seen.id, seen.version or ""]
            if seen.state is not State.UNKNOWN:
                healthy.add_metric(named, float(seen.state is State.UP))
            if seen.latency_ms is not None:
                latency.add_metric(named, seen.latency_ms / 1000)
            if seen.online is not None and seen.maximum is not None:
                online.add_metric(named, seen.online)
                most.add_metric(named, seen.maximum)
        return healthy, latency, online, most
