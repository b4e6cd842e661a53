"""The relay as a feature: one delivery for each Discord channel and each server, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from bridge.config.settings import BridgeSettings
from bridge.discord import DiscordLink
from bridge.events import ChannelId, ServerId
from bridge.features.announcing import servers_announced_to
from bridge.features.contract import Parts
from bridge.features.relay import game_lines, lines
from bridge.features.relay.bundles import Bundler
from bridge.features.relay.commands import say_command
from bridge.features.relay.game_lines import GameLines
from bridge.features.relay.lines import ChannelLines, channels_told
from bridge.features.relay.shipping import Shipping
from bridge.features.relay.to_discord import ChannelDelivery
from bridge.features.relay.to_game import GameDelivery, component_maker
from bridge.features.relay.waiting import Waiting
from bridge.features.routes import Routes
from bridge.features.telling import Teller
from bridge.journal import JournalError, Reader, ReaderName, Start
from bridge.locales import Catalogue
from bridge.minecraft import RconLink
from bridge.supervise import keep_alive
from bridge.website import Metric

log = structlog.get_logger(__name__)


class Relay:
    """Carries lines between the ends of every room."""

    name = "relay"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings, self._catalogue = parts.settings, parts.catalogue
        self._changed = asyncio.Event()
        self._depths: dict[str, Callable[[], int]] = {}
        if parts.site is not None:
            parts.site.metrics.add(self._metrics)
        if parts.discord is not None:
            parts.discord.add_command(say_command(parts))

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Go on with changed settings: every delivery begins again where it stopped."""
        self._settings, self._catalogue = settings, catalogue
        self._changed.set()

    async def prepare(self) -> None:
        """Let every reader begin here, so that nothing that is said while the bridge starts is missed."""
        teller, routes = Teller(self._settings, self._catalogue), Routes.of(self._settings)
        try:
            for channel in channels_told(teller, routes):
                await self._channel_reader(channel)
            for server in self._told_servers(routes):
                await self._server_reader(server)
        except JournalError as exc:
            log.warning("the relay's readers cannot be made yet", problem=str(exc))

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._changed.clear()
            deliveries = asyncio.create_task(self._deliver(), name="relay delivers")
            changed = asyncio.create_task(self._changed.wait(), name="relay watches its settings")
            try:
                await asyncio.wait({deliveries, changed}, return_when=asyncio.FIRST_COMPLETED)
                if not changed.done():
                    await deliveries  # its error, if it had one
                    await changed  # there is nothing to deliver to
            finally:
                await _stop(deliveries, changed)

    async def _deliver(self) -> None:
        teller = Teller(self._settings, self._catalogue)
        routes = Routes.of(self._settings)
        jobs: dict[str, Callable[[], Awaitable[None]]] = {}
        if self._parts.discord is not None:
            for channel in channels_told(teller, routes):
                run = partial(self._tell_channel, self._parts.discord, channel, teller, routes)
                jobs[f"relay:discord:{channel}"] = run
        for server, rcon in self._told_servers(routes).items():
            jobs[f"relay:game:{server}"] = partial(self._tell_game, rcon, server, teller, routes)
        async with asyncio.TaskGroup() as tasks:
            for name, job in jobs.items():
                tasks.create_task(keep_alive(name, job), name=name)

    def _told_servers(self, routes: Routes) -> dict[ServerId, RconLink]:
        """Return the consoles of the servers that lines go to."""
        told = routes.servers | servers_announced_to(self._settings)
        servers = {server: self._parts.servers.get(server) for server in told}
        return {id_: server.rcon for id_, server in servers.items() if server is not None and server.rcon}

    async def _tell_channel(
        self, link: DiscordLink, channel: ChannelId, teller: Teller, routes: Routes
    ) -> None:
        settings, discord = self._settings, self._settings.discord
        if discord is None:
            return
        reader = await self._channel_reader(channel)
        waiting = Waiting(
            ChannelLines(channel, teller, routes),
            Bundler(
                after=settings.relay.bundle_after, window=timedelta(seconds=settings.relay.bundle_window_s)
            ),
            late_after_s=settings.relay.late_after_s,
        )
        shipping = Shipping(
            reader=reader,
            channel=channel,
            link=link,
            store=self._parts.store,
            own_name=settings.community.name,
            fallback_name=discord.fallback_name,
            now=self._parts.now,
        )
        delivery = ChannelDelivery(
            reader=reader,
            waiting=waiting,
            shipping=shipping,
            store=self._parts.store,
            now=self._parts.now,
        )
        self._depths[reader.name] = lambda: delivery.depth
        await delivery.run()

    async def _tell_game(self, rcon: RconLink, server: ServerId, teller: Teller, routes: Routes) -> None:
        settings = self._settings
        console = settings.servers[server].rcon
        if console is None:
            return
        reader = await self._server_reader(server)
        delivery = GameDelivery(
            reader=reader,
            lines=GameLines(server, teller, routes),
            rcon=rcon,
            store=self._parts.store,
            now=self._parts.now,
            late_after_s=settings.relay.late_after_s,
            component=component_maker(console, settings.community.time_zone),
        )
        self._depths[reader.name] = lambda: delivery.depth
        await delivery.run()

    async def _channel_reader(self, channel: ChannelId) -> Reader:
        return await self._reader(f"relay:discord:{channel}", lines.READ)

    async def _server_reader(self, server: ServerId) -> Reader:
        return await self._reader(f"relay:game:{server}", game_lines.READ)

    async def _reader(self, name: str, kinds: lines.Kinds) -> Reader:
        return await self._parts.journal.reader(ReaderName(name), kinds, start=Start.END)

    async def _metrics(self) -> list[Metric]:
        waiting = Metric("bridge_queue_depth", "Lines that wait to be told.", ["reader"])
        for reader, depth in self._depths.items():
            waiting.add(depth(), reader)
        return [waiting]


async def _stop(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
