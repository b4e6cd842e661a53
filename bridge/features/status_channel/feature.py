"""The status channel as a feature: a keeper for each board, each sign and the presence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from bridge.config.settings import BridgeSettings
from bridge.config.status_channel import BoardSettings, StatusChannelSettings
from bridge.discord import DiscordError, DiscordLink
from bridge.events import ChannelId
from bridge.features.board import Report
from bridge.features.contract import Parts
from bridge.features.status_channel.layouts import PICTURED, Exhibit, laid_out
from bridge.features.status_channel.lives import Lives
from bridge.features.status_channel.pictures import Drawn, Painter
from bridge.features.status_channel.scenes import Lookout
from bridge.features.status_channel.showing import BoardKeeper, Shown, withdraw
from bridge.features.status_channel.signs import PresenceKeeper, SignKeeper
from bridge.features.status_channel.troubles import SELDOM_S, log
from bridge.features.status_channel.wording import filled
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.store import StoreError
from bridge.store.status_channel import StoredBoard, forget_board, stored_boards
from bridge.supervise import keep_alive
from bridge.text import RichText, to_markdown

_KNOWN_WITHIN_S: Final = 15.0


class StatusChannel:
    """Shows on Discord how the servers are."""

    name = "status channel"

    def __init__(self, parts: Parts, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._parts, self._pause = parts, pause
        self._teller = Teller(parts.settings, parts.catalogue)
        self._lives = Lives(parts.journal, parts.store)
        self._lookout = Lookout(parts, lambda: self._teller, self._lives)
        self._boards: tuple[BoardKeeper, ...] = ()
        self._signs: tuple[SignKeeper, ...] = ()
        self._presence: PresenceKeeper | None = None
        own, discord = parts.settings.status_channel, parts.discord
        if own is not None and discord is not None:
            self._build(own, discord)
            parts.board.add_reports(self._reports)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word things, and hide players, as the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Learn since when the servers are how they are."""
        try:
            await self._lives.remember(list(self._parts.servers))
        except StoreError as exc:
            log.warning("it is not known since when the servers are how they are", problem=str(exc))

    async def run(self) -> None:
        """Keep everything current until cancelled; what fails is begun again, the others go on."""
        discord = self._parts.discord
        if discord is None:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_alive("lives of servers", self._lives.run))
            await discord.ready.wait()
            await self._servers_known()
            for name, run in self._runs():
                tasks.create_task(keep_alive(name, run), name=name)

    async def _servers_known(self) -> None:
        """Wait until the servers were asked, but not long: a sign that is wrong stays so for minutes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_KNOWN_WITHIN_S):
                for server in self._parts.servers.values():
                    if server.log is not None:
                        await server.log.caught_up.wait()
                    if server.status is not None:
                        await server.status.checked()

    def _runs(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        yield "boards of before", self._tidy
        for board in self._boards:
            yield board.standing.name, board.run
        for sign in self._signs:
            yield sign.standing.name, sign.run
        if self._presence is not None:
            yield "presence", self._presence.run

    def _build(self, own: StatusChannelSettings, discord: DiscordLink) -> None:
        parts, channels = self._parts, self._channels()
        boards = discord.boards()
        self._boards = tuple(
            BoardKeeper(
                name,
                channels[board.channel],
                boards,
                parts.store,
                self._look_of(board),
                every_s=board.every_s,
                now=parts.now,
                pause=self._pause,
            )
            for name, board in own.boards.items()
        )
        for keeper in self._boards:
            discord.removed.append(keeper.removed)
        self._signs = tuple(
            SignKeeper(
                name,
                channels[name],
                sign,
                boards=boards,
                store=parts.store,
                fill=self._fill,
                now=parts.now,
                pause=self._pause,
            )
            for name, sign in own.signs.items()
        )
        if own.presence is not None:
            self._presence = PresenceKeeper(own.presence, discord.presence, self._fill, pause=self._pause)

    def _channels(self) -> dict[str, ChannelId]:
        discord = self._parts.settings.discord
        return {name: ChannelId(id_) for name, id_ in (discord.channels if discord else {}).items()}

    def _look_of(self, board: BoardSettings) -> Callable[[], Awaitable[Shown]]:
        painter = Painter(self._parts.store, board.chart_s) if board.layout in PICTURED else None

        async def look() -> Shown:
            """Return what the board is to show now."""
            return await self._look(board, painter)

        return look

    async def _look(self, board: BoardSettings, painter: Painter | None) -> Shown:
        scenes = await self._lookout.scenes(board.servers)
        settings, catalogue, now = self._teller.settings, self._teller.catalogue, self._parts.now()
        zone = ZoneInfo(settings.community.time_zone)
        drawn = Drawn()
        if painter is not None:
            drawn = await painter.drawn(scenes, catalogue, zone=zone, now=now)
        exhibit = Exhibit(
            scenes=scenes,
            layout=board.layout,
            most_names=board.most_names,
            message=to_markdown(filled(board.message, scenes, catalogue)) if board.message else "",
            picture=drawn.picture,
            spark=drawn.spark,
            page=settings.website.public_url.rstrip("/") if settings.website.public_url else None,
        )
        return Shown(panel=laid_out(exhibit, catalogue, at=now), picture=drawn.key)

    async def _fill(self, pattern: str, servers: tuple[str, ...]) -> RichText:
        scenes = await self._lookout.scenes(servers)
        return filled(pattern, scenes, self._teller.catalogue, now=self._parts.now())

    async def _tidy(self) -> None:
        """Take away the messages of boards that are no longer in the settings."""
        ours = {board.name for board in self._boards}
        async with self._parts.store.reading() as conn:
            left = [each for each in await stored_boards(conn) if each.board not in ours]
        for each in left:
            await self._take_away(each)

    async def _take_away(self, board: StoredBoard) -> None:
        if self._parts.discord is None:
            return
        boards = self._parts.discord.boards()
        while True:
            try:
                await withdraw(board, boards)
            except DiscordError as exc:
                log.warning("a board's message cannot be deleted", board=board.board, problem=str(exc))
                await self._pause(SELDOM_S)
            else:
                break
        async with self._parts.store.transaction() as tx:
            await forget_board(tx, board.board)

    async def _reports(self) -> list[Report]:
        say = self._teller.catalogue.plain
        boards = [b.standing.report(say("status-channel.report.board", board=b.name)) for b in self._boards]
        signs = [s.standing.report(say("status-channel.report.sign", channel=s.name)) for s in self._signs]
        return [*boards, *signs]
