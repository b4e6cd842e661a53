"""Builds the parts from the settings and runs them; the only module that knows them all."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bridge.config.changes import compare, reloaded
from bridge.config.load import Loaded, load
from bridge.config.logs import configure_for
from bridge.config.permissions import Rules
from bridge.config.problems import SettingsError
from bridge.config.settings import BridgeSettings
from bridge.discord import DiscordLink, LinkStatus, Timing
from bridge.events import ServerId
from bridge.features import Feature, Parts, build_features
from bridge.features.gate import Gate
from bridge.features.routes import Routes
from bridge.journal import Journal, SqliteJournal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.store import Store, StoreError
from bridge.store.readers import reader_positions
from bridge.supervise import keep_alive
from bridge.website import Health, Site
from bridge.website.door import Door

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """All rooms, built and not yet running."""

    parts: Parts
    features: tuple[Feature, ...]
    gate: Gate


@asynccontextmanager
async def built(settings: BridgeSettings, *, timing: Timing | None = None) -> AsyncIterator[House]:
    """Yield the parts that the settings ask for, and close the store at the end.

    Args:
        settings: What to build.
        timing: How long to wait for Discord, where it is not as usual.

    Raises:
        StoreError: The database cannot be used; the message says why and what to do.
    """
    catalogue, rules = catalogue_of(settings), Rules()
    async with await Store.open(settings.data) as store, SqliteJournal(store) as journal:
        parts = Parts(
            settings=settings,
            catalogue=catalogue,
            journal=journal,
            store=store,
            servers={id_: GameServer(id_, settings, journal) for id_ in map(ServerId, settings.servers)},
            discord=_discord(settings, journal, timing),
            site=_site(settings, catalogue, store, rules),
            rules=rules,
        )
        gate = Gate(settings, rules)
        if parts.discord is not None:
            parts.discord.admit_by(gate)
        features = tuple(build_features(parts))
        _add_health(parts)
        yield House(parts=parts, features=features, gate=gate)


def catalogue_of(settings: BridgeSettings) -> Catalogue:
    """Return the community's sentences."""
    return Catalogue.load(settings.community.language, settings.messages)


def _discord(settings: BridgeSettings, journal: Journal, timing: Timing | None) -> DiscordLink | None:
    if settings.discord is None:
        return None
    return DiscordLink(
        settings.discord,
        journal,
        channels=Routes.of(settings).channels,
        late_after_s=settings.relay.late_after_s,
        timing=timing,
    )


def _site(settings: BridgeSettings, catalogue: Catalogue, store: Store, rules: Rules) -> Site | None:
    if not settings.website.enabled:
        return None
    return Site(
        settings.website,
        catalogue,
        community=settings.community.name,
        time_zone=settings.community.time_zone,
        door=Door.of(settings, store, rules),
    )


def _add_health(parts: Parts) -> None:
    """Make readiness depend on the store and on Discord, where it is used.

    A game server that is down is not our failure.
    """
    site, discord = parts.site, parts.discord
    if site is None:
        return

    async def store_health() -> Health:
        """Tell whether the database can be read."""
        try:
            async with parts.store.reading() as conn:
                await reader_positions(conn)
        except StoreError as exc:
            return Health(ready=False, reason=type(exc).__name__)
        return Health(ready=True)

    site.add_health("store", store_health)
    if discord is None:
        return

    async def discord_health() -> Health:
        """Tell whether a session with Discord is up."""
        state = discord.state
        return Health(state.status is LinkStatus.READY, state.reason)

    site.add_health("discord", discord_health)


class Bridge:
    """Runs a house until cancelled, and takes changed settings in between."""

    def __init__(self, house: House, loaded: Loaded) -> None:
        self._house, self._loaded = house, loaded
        self._settings = loaded.settings

    async def run(self) -> None:
        """Run every part; one that fails is begun again, the others go on."""
        for feature in self._house.features:
            await feature.prepare()
        async with asyncio.TaskGroup() as tasks:
            for name, run in self._runs():
                tasks.create_task(keep_alive(name, run), name=name)
            log.info("the bridge is up", servers=len(self._house.parts.servers))

    def reload(self) -> None:
        """Read the settings file again, take what can change, and name what needs a restart."""
        try:
            loaded = load(self._loaded.path)
        except SettingsError as exc:
            for problem in exc.problems:
                log.error("settings not taken", problem=str(problem))
            return
        changes = compare(self._settings, loaded.settings)
        if changes.restart:
            log.warning("these settings need a restart", keys=list(changes.restart))
        if changes.reloadable:
            self._take(reloaded(self._settings, loaded.settings))
            log.info("settings taken", keys=list(changes.reloadable))
        else:
            log.info("no setting changed that can change while running")
        self._try_discord_again()

    def _take(self, settings: BridgeSettings) -> None:
        self._settings = settings
        catalogue = catalogue_of(settings)
        configure_for(settings, sys.stderr)
        if (site := self._house.parts.site) is not None:
            community = settings.community
            site.speak(catalogue, community=community.name, time_zone=community.time_zone)
        self._house.gate.settings = settings
        for server in self._house.parts.servers.values():
            server.reload(settings)
        for feature in self._house.features:
            feature.reload(settings, catalogue)

    def _try_discord_again(self) -> None:
        """Use what may have changed in Discord's developer portal, too, even if no setting did."""
        discord, settings = self._house.parts.discord, self._settings
        if discord is not None and settings.discord is not None:
            discord.reload(settings.discord, late_after_s=settings.relay.late_after_s)

    def _runs(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        parts = self._house.parts
        for server in parts.servers.values():
            yield f"server {server.id}", server.run
        for feature in self._house.features:
            yield feature.name, feature.run
        if parts.discord is not None:
            yield "discord", parts.discord.run
        if parts.site is not None:
            yield "website", parts.site.run
