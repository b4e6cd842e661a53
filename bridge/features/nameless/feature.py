"""NamelessMC as a feature: reports, groups and announcements, each a job of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from bridge.config.outside import NamelessSettings
from bridge.config.settings import BridgeSettings
from bridge.events import ChannelId, ServerId
from bridge.features.board import Condition, Report
from bridge.features.contract import Parts
from bridge.features.nameless import groups, news
from bridge.features.nameless.api import NamelessApi, site_of
from bridge.features.nameless.groups import GroupSync, Members
from bridge.features.nameless.jobs import Job, JobState
from bridge.features.nameless.news import News
from bridge.features.nameless.reports import Reporter
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.supervise import keep_alive
from bridge.website.outgoing import Outgoing


class Nameless:
    """Keeps a NamelessMC site up to date, and tells what it announces; does nothing without the setting."""

    name = "nameless"

    def __init__(self, parts: Parts, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._parts, self._pause = parts, pause
        self._teller = Teller(parts.settings, parts.catalogue)
        self._outgoing: Outgoing | None = None
        self._jobs: tuple[Job, ...] = ()
        settings = parts.settings.nameless
        if settings is not None:
            self._outgoing = Outgoing(allow_private=settings.allow_private)
            self._jobs = tuple(self._made(settings, NamelessApi(settings, self._outgoing)))
            parts.board.add_reports(self._reports)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word announcements, and hide players, as the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Nothing: the site is asked once everything runs."""

    async def run(self) -> None:
        """Do every job until cancelled; one that fails is begun again, the others go on."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for job in self._jobs:
                    tasks.create_task(keep_alive(job.name, job.run, sleep=self._pause), name=job.name)
        finally:
            if self._outgoing is not None:
                await self._outgoing.close()

    def state(self) -> tuple[JobState, ...]:
        """Return how each job stands; empty without the setting."""
        return tuple(job.state for job in self._jobs)

    async def _reports(self) -> list[Report]:
        return [self._report(state) for state in self.state()]

    def _report(self, state: JobState) -> Report:
        catalogue = self._teller.catalogue
        kind, _, server = state.name.removeprefix(f"{self.name}:").partition(":")
        title = catalogue.plain(f"nameless.job.{kind}", server=self._teller.server_title(server))
        if state.problem is None:
            condition = Condition.WAITING if state.worked_at is None else Condition.WELL
            return Report(name=state.name, title=title, condition=condition, since=state.worked_at)
        return Report(
            name=state.name,
            title=title,
            condition=Condition.TROUBLE,
            since=state.worked_at,
            problem=catalogue.plain(f"nameless.problem.{state.problem}", detail=state.detail),
            advice=f"nameless.advice.{state.problem}",
        )

    def _made(self, settings: NamelessSettings, api: NamelessApi) -> Iterator[Job]:
        for name, site_id in settings.servers.items():
            server = self._parts.servers.get(ServerId(name))
            if server is not None and server.status is not None:  # else nobody knows whether it is up
                reporter = self._reporter(settings, api, server, site_id)
                yield self._job(f"server:{name}", reporter.once, settings.every_s)
        if (sync := self._sync(settings, api)) is not None:
            yield self._job("groups", sync.once, groups.EVERY_S)
        if (told := self._news(settings, api)) is not None:
            yield self._job("announcements", told.once, news.EVERY_S)

    def _job(self, name: str, once: Callable[[], Awaitable[None]], every_s: float) -> Job:
        return Job(f"{self.name}:{name}", once, every_s=every_s, now=self._parts.now, pause=self._pause)

    def _reporter(
        self, settings: NamelessSettings, api: NamelessApi, server: GameServer, site_id: int
    ) -> Reporter:
        named = sorted(set(settings.groups.values())) if server.id == settings.group_server else ()
        return Reporter(
            api,
            server,
            self._parts.store,
            site_id=site_id,
            every_s=settings.every_s,
            groups=named,
            is_hidden=self._is_hidden,
            now=self._parts.now,
        )

    def _is_hidden(self, player: str) -> bool:
        return self._teller.is_hidden(player)  # of the settings as they are by then

    def _sync(self, settings: NamelessSettings, api: NamelessApi) -> GroupSync | None:
        members: Members | None = self._parts.discord
        site_id = settings.servers.get(settings.group_server or "")
        if members is None or site_id is None or not settings.groups:
            return None
        return GroupSync(api, members, site_id=site_id, groups=settings.groups)

    def _news(self, settings: NamelessSettings, api: NamelessApi) -> News | None:
        discord = self._parts.settings.discord
        channel = discord.channels.get(settings.announcements or "") if discord is not None else None
        if channel is None and not settings.announce_on:
            return None
        return News(
            api,
            self._parts.store,
            self._parts.journal,
            site=site_of(settings),
            channels=() if channel is None else (ChannelId(channel),),
            servers=tuple(map(ServerId, settings.announce_on)),
            catalogue=lambda: self._teller.catalogue,
            now=self._parts.now,
        )
