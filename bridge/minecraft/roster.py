"""Asks who is on a server, and mends what its log has missed: a join or leave that no line told."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from bridge.config.settings import QuerySettings
from bridge.events import ListedPlayer, ServerId, ServerListed
from bridge.journal.records import Draft, Journal, JournalError, RecordId, SourceName
from bridge.minecraft.commands import ListPlayers
from bridge.minecraft.log.names import plausible, without_codes
from bridge.minecraft.log.source import LogSource
from bridge.minecraft.query import QueryFailed, query
from bridge.minecraft.rcon import Priority, RconError, RconLink, RconUnavailable
from bridge.supervise import end_if_cancelled

if TYPE_CHECKING:
    from bridge.minecraft.console import ConsoleSource
    from bridge.minecraft.management import ManagementLink

log = structlog.get_logger(__name__)

EVERY_S: Final = 300.0  # where a log tells of everybody who comes and goes
EVERY_WITHOUT_LOG_S: Final = 60.0
SPACING_S: Final = 60.0  # a console that hangs up again and again is not asked each time it comes up
AGAIN_S: Final = 10.0  # by then the log has told what the list knew first
_HEADER: Final = re.compile(
    r"There are (?P<online>\d{1,7})(?:/\d{1,7})?"
    r"(?: of a max(?: of)? | out of maximum |/)(?P<maximum>\d{1,10}) players online[.:]?"
)
_GROUP: Final = re.compile(r"^[^:,()]{1,40}: ", re.MULTILINE)  # how EssentialsX parts its list
_TAGS: Final = re.compile(r"^(?:\[[^\]]*\] ?)+")  # of teams and plugins
_ENTRY: Final = re.compile(
    r"(?P<name>.+?)(?: \((?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\))?"
)

Listed: TypeAlias = tuple[ListedPlayer, ...]


class ListFailed(Exception):
    """Nobody could say who is on; says why."""


class ListNotWanted(Exception):
    """There is nobody to ask now, and that is told elsewhere."""


class Follower:
    """What a server's log says of who is on."""

    def __init__(self, source: LogSource | ConsoleSource) -> None:
        self._source = source

    @property
    def names(self) -> frozenset[str]:
        """Who is on by the log."""
        return frozenset(self._source.parser.online)

    @property
    def tells(self) -> bool:
        """Whether there is a log, and it can be read."""
        return self._source.tells

    @property
    def ready(self) -> bool:
        """Whether the log has been read to its end."""
        return self._source.caught_up.is_set()

    async def settled(self) -> None:
        """Wait until the log has been read to its end, but not long: perhaps it never can be."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_WITHOUT_LOG_S):
                await self._source.caught_up.wait()

    def correct(self, names: Collection[str]) -> None:
        """Let the log go on as if it had told that these are on, and nobody else."""
        self._source.parser.correct(names)


def read_listing(reply: str, *, bedrock_prefix: str = ".") -> Listed | None:
    """Return whom ``list`` or ``list uuids`` named; None for what is no such list, or not all of it.

    The number in its first line must be that of the names, so that a name with a comma in it, or a plugin
    that hides somebody, makes no list that is wrong.
    """
    plain = without_codes(reply)
    header = _HEADER.search(plain)
    if header is None:
        return None
    rest = _GROUP.sub("", plain[header.end() :].strip()).replace("\n", ",")
    entries = [entry.strip() for entry in rest.split(",") if entry.strip()]
    players = [_listed(entry, bedrock_prefix) for entry in entries]
    known = tuple(player for player in players if player is not None)
    return known if len(known) == len(players) == int(header["online"]) else None


def _listed(entry: str, prefix: str) -> ListedPlayer | None:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        return None
    name, uuid = _TAGS.sub("", found["name"]), found["uuid"]
    is_nickname = name.startswith("~") and not prefix.startswith("~")  # EssentialsX marks them so
    if is_nickname or not plausible(name, prefix=prefix):
        return None
    return ListedPlayer(name=name, uuid=None if uuid is None else uuid.lower())


class ConsoleList:
    """Asks a server's console, with UUIDs where the version knows them."""

    def __init__(self, rcon: RconLink, *, bedrock_prefix: str = ".") -> None:
        self._rcon, self._prefix = rcon, bedrock_prefix
        self._uuids = True
        self._syntax = rcon.syntax

    async def ask(self) -> Listed:
        """Return who is on.

        Raises:
            ListNotWanted: The console is not connected.
            ListFailed: It did not answer with a list.
        """
        if not self._rcon.up.is_set():
            raise ListNotWanted
        try:
            return await self._listing()
        except RconUnavailable as exc:
            raise ListNotWanted from exc
        except RconError as exc:
            raise ListFailed(f"the console did not answer 'list': {exc}") from exc

    async def _listing(self) -> Listed:
        if self._rcon.syntax is not self._syntax:  # it is another command now
            self._syntax, self._uuids = self._rcon.syntax, True
        for uuids in (True, False) if self._uuids else (False,):
            reply = await self._rcon.command(ListPlayers(uuids=uuids), priority=Priority.HOUSEKEEPING)
            listed = read_listing(reply, bedrock_prefix=self._prefix)
            if listed is not None:
                self._uuids = uuids
                return listed
        raise ListFailed("the console's answer to 'list' is no list of everybody")


class QueryList:
    """Asks a server's query port, which knows no UUIDs."""

    def __init__(self, settings: QuerySettings) -> None:
        self._settings = settings

    async def ask(self) -> Listed:
        """Return who is on.

        Raises:
            ListFailed: No answer, or one that does not name everybody.
        """
        try:
            answer = await query(self._settings)
        except QueryFailed as exc:
            raise ListFailed(str(exc)) from exc
        if len(answer.names) != answer.online:
            raise ListFailed("the query port does not name everybody")
        return tuple(ListedPlayer(name=name) for name in answer.names)


class ManagementList:
    """Knows who is on by the Management Protocol, and asks another while that is not connected."""

    def __init__(self, link: ManagementLink, otherwise: ConsoleList | QueryList | None) -> None:
        self._link, self._otherwise = link, otherwise

    async def ask(self) -> Listed:
        """Return who is on.

        Raises:
            ListNotWanted: Nobody is connected.
            ListFailed: Who was asked did not answer with a list.
        """
        if (roster := self._link.roster) is not None:
            return roster
        if self._otherwise is None:
            raise ListNotWanted
        return await self._otherwise.ask()


class RosterSource:
    """Asks regularly who is on one server, and journals the list where it is news."""

    def __init__(
        self,
        server: ServerId,
        asked: ConsoleList | QueryList | ManagementList,
        journal: Journal,
        *,
        follower: Follower | None = None,
        wanted: Callable[[], bool] = lambda: True,
        spacing_s: float = SPACING_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make a source that has asked nobody yet.

        Args:
            server: Whose players.
            asked: Who knows them.
            journal: Where the lists go.
            follower: What else is known of who is on; where nothing is, each change is told.
            wanted: Whether lists are needed now: not where joins and leaves are told in a better way.
            spacing_s: How long at least from one time of asking to the next, in seconds.
            pause: Waits so many seconds.
            now: The clock, in UTC.
        """
        self.name = SourceName(f"roster:{server}")
        self.problem = ""  # why there is no list
        self.latest: datetime | None = None  # when there was one
        self._server, self._asked, self._journal = server, asked, journal
        self._follower, self._wanted = follower, wanted
        self._pause, self._now = pause, now
        self._known: frozenset[str] | None = None  # by the last list that was journalled
        self._due = asyncio.Event()
        self._spacing_s = spacing_s
        self._asked_s = -spacing_s  # by the loop's clock

    @property
    def alone(self) -> bool:
        """Whether nothing else tells who is on: there is no log, or it cannot be read."""
        return self._follower is None or not self._follower.tells

    def ask_soon(self) -> None:
        """Ask now: the console is there again."""
        self._due.set()

    async def run(self) -> None:
        """Ask at once, when told to, and regularly, until cancelled."""
        if self._follower is not None:
            await self._follower.settled()
        while True:
            self._due.clear()
            await self.check()
            end_if_cancelled()  # mcstatus awaits with wait_for
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_WITHOUT_LOG_S if self.alone else EVERY_S):
                    await self._due.wait()
                    await asyncio.sleep(self._asked_s + self._spacing_s - asyncio.get_running_loop().time())

    async def check(self) -> None:
        """Ask who is on; where that differs from what is known, ask again and journal it if it still does."""
        if not self._wanted():
            self.problem = ""
            return
        try:
            await self._compare(None if self.alone else self._follower)
        except ListNotWanted:
            self.problem = ""
        except ListFailed as exc:
            if self.problem != str(exc):
                log.warning("nobody can say who is on", server=self._server, problem=str(exc))
            self.problem = str(exc)

    async def _compare(self, follower: Follower | None) -> None:
        if follower is not None and not follower.ready:
            return  # it is being read, and may tell all there is to tell
        listed = await self._ask()
        difference = self._difference(listed, follower)
        if difference is None:
            return
        if follower is not None:
            await self._pause(AGAIN_S)
            listed = await self._ask()
            if self._difference(listed, follower) != difference:
                return  # somebody is coming or going at this moment
        if not await self._told(listed):
            return  # the next list differs, too
        if follower is not None:
            follower.correct({player.name for player in listed})
            log.info("the log had missed who came or went", server=self._server, players=len(difference))

    async def _ask(self) -> Listed:
        before_s, self._asked_s = self._asked_s, asyncio.get_running_loop().time()
        try:
            listed = await self._asked.ask()
        except ListNotWanted:
            self._asked_s = before_s  # nothing was sent
            raise
        self.problem, self.latest = "", self._now()
        return listed

    def _difference(self, listed: Listed, follower: Follower | None) -> frozenset[str] | None:
        """Return who is only in one of the list and what is known; None where they are the same."""
        if follower is not None:
            self._known = None  # what the log tells from now on is not in the last list
        known = self._known if follower is None else follower.names
        names = frozenset(player.name for player in listed)
        return names if known is None else (names ^ known) or None

    async def _told(self, listed: Listed) -> bool:
        """Journal a list; return whether it was taken."""
        event = ServerListed(at=self._now(), server=self._server, players=listed)
        at = event.at.isoformat(timespec="milliseconds")
        id_ = RecordId(f"{self.name}:{event.kind}:{at}")
        try:
            await self._journal.append(Draft(id=id_, source=self.name, place=at, event=event))
        except JournalError as exc:
            log.warning("a list of players was not journalled", server=self._server, problem=str(exc))
            return False
        self._known = frozenset(player.name for player in listed)
        return True
