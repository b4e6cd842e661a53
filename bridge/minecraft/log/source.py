"""Reads one server's log into the journal, from where the last fact was, whatever happened to the file.

The checkpoint is the place inside the source's last record. Lines that tell nothing need none: reading
them again tells nothing again.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bridge.config.settings import LogSettings
from bridge.events import (
    Event,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerMissed,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from bridge.journal.records import (
    Draft,
    Journal,
    JournalError,
    JournalFull,
    Record,
    RecordId,
    SourceName,
    Start,
)
from bridge.minecraft.log.archives import Trail, open_after, open_last
from bridge.minecraft.log.drafts import Drafter, utc_now
from bridge.minecraft.log.files import LogFile
from bridge.minecraft.log.follow import Follower, Lines
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.place import Place, Places
from bridge.minecraft.log.watch import Watch
from bridge.minecraft.twice import Twice
from bridge.supervise import SourceLost, backoff, keep_running

log = structlog.get_logger(__name__)

ROSTER: Final = (
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerListed,
    ServerStarting,
    ServerStarted,
    ServerStopping,
)
MOST_REMEMBERED: Final = 5000  # facts from which the roster is rebuilt at a start
_MOST_WAITING: Final = 4000  # facts read ahead of the journal: some 2 MB, and 30 ms of writing

_BACK: Final = (0, 2, 8)  # so many rotated files are looked through for the server's start
_ENOUGH: Final = 20  # lines after which a layout that fits none is no stack trace


class LogState(StrEnum):
    """What a log source is doing."""

    STOPPED = "stopped"
    WAITING = "waiting"  # for a file
    READING = "reading"  # what was written while nobody looked
    FOLLOWING = "following"
    BLOCKED = "blocked"  # the journal takes nothing; the lines wait in their file


class LogSource:
    """The log of one game server; :meth:`run` keeps it read."""

    def __init__(
        self,
        server: ServerId,
        settings: LogSettings,
        journal: Journal,
        *,
        zone: ZoneInfo,
        bedrock_prefix: str = ".",
        late_after_s: float = 120.0,
        start: Start = Start.END,
        inotify: bool = True,
        twice: Twice | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Make a source that reads nothing yet.

        Args:
            server: Whose log.
            settings: Where it is and what it looks like.
            journal: Where the facts go.
            zone: The zone of the server's clock.
            bedrock_prefix: What Floodgate puts before the names of Bedrock players.
            late_after_s: Facts that are older when read are marked late.
            start: Where to begin when the journal holds nothing of this source: at the end of the log,
                or at the beginning of the oldest rotated file.
            inotify: Whether the system is asked to tell of changes.
            twice: What another way into the server has told; those facts are passed over here.
            now: The clock, in UTC.

        Raises:
            PatternError: One of the chat patterns cannot be used.
        """
        self.name = SourceName(f"log:{server}")
        self.state = LogState.STOPPED
        self.caught_up = asyncio.Event()  # set once what is in the log is in the journal
        self.failed = False  # it could not be read the last time
        self.problem = ""  # why not, in words
        self._server = server
        self._settings = settings
        self._journal = journal
        self._zone = zone
        self._bedrock_prefix = bedrock_prefix
        self._late_after_s = late_after_s
        self._start = start
        self._inotify = inotify
        self._twice = twice
        self._now = now
        self._waiting: list[Draft] = []  # read while the facts before them are being written
        self._writing: asyncio.Task[None] | None = None
        self._told_unknown = False
        self._hole: tuple[Place, datetime] | None = None  # what is gone and cannot be told, and since when
        self._drafter = self._new_drafter()

    @property
    def tells(self) -> bool:
        """Whether what happens is told by this log, now or as soon as it is read."""
        return not self.failed and self.state is not LogState.WAITING

    @property
    def parser(self) -> LogParser:
        """What reads the lines: who is online, and how many lines it did not know."""
        return self._drafter.parser

    def call_late(self, after_s: float) -> None:
        """Mark facts late that are older than this when they are read, from now on."""
        self._late_after_s = self._drafter.late_after_s = after_s

    async def run(self) -> None:
        """Read until cancelled; where the file or the journal cannot be read it tries again."""
        await keep_running(self, delays=lambda: backoff(most_s=15.0))

    async def run_session(self, up: Callable[[], None]) -> None:
        """Resume at the last record and read on.

        Raises:
            SourceLost: The log or the journal cannot be read.
        """
        self._drafter, self._hole = self._new_drafter(), None
        try:
            with Watch(self._settings.path, inotify=self._inotify) as watch:
                await self._run(watch, up)
        except JournalError as exc:
            raise SourceLost(f"cannot read the journal: {exc}") from exc
        except OSError as exc:
            self.failed = True
            problem = os.strerror(exc.errno) if exc.errno else type(exc).__name__
            self.problem = f"cannot read {self._settings.path}: {problem}"
            raise SourceLost(self.problem) from exc
        finally:
            await self._give_up_writing()
            self.state = LogState.STOPPED
            self.caught_up.clear()

    def _new_drafter(self) -> Drafter:
        settings = self._settings
        parser = LogParser(
            self._server,
            dialect=settings.dialect,
            chat_patterns=settings.chat_patterns,
            bedrock_prefix=self._bedrock_prefix,
        )
        return Drafter(
            self.name,
            parser,
            zone=self._zone,
            encoding=settings.encoding,
            late_after_s=self._late_after_s,
        )

    async def _run(self, watch: Watch, up: Callable[[], None]) -> None:
        record = await self._journal.last(self.name)
        if record is None and self._start is Start.END:
            record = await self._begin_at_end()
        self.parser.restore(await self._known())
        place, since, resuming = self._place_of(record), 0.0, True
        if record is not None:
            since = record.event.at.timestamp()
        up()
        while True:
            self.state, self.failed, self.problem = LogState.READING, False, ""
            trail = await self._open(place, since)
            if resuming and trail.found:
                self._learn_again(trail.files[0])
            elif resuming and record is not None and place is not None and place.offset:
                self._tell_gone(place, trail.files)
                self._hole = place, record.event.at
            resuming = False
            place, since = await self._read(trail.files, watch, place, since)
            if not any(file.live for file in trail.files):
                await self._wait_for_file(watch)

    async def _known(self) -> list[Event]:
        """Return what was told of who comes and goes, by this log or, where it could not, by another way."""
        known = await self._journal.recent(self.name, ROSTER, most=MOST_REMEMBERED)
        events: list[Event] = [each.event for each in known]
        if self._twice is None:
            return events
        elsewhere = await self._twice.recall(self._journal)
        return sorted(events + elsewhere, key=lambda event: event.at) if elsewhere else events

    async def _open(self, place: Place | None, since: float) -> Trail:
        path, zone = self._settings.path, self._zone
        opening = asyncio.ensure_future(
            asyncio.to_thread(open_after, path, place, since=since, zone=zone),
        )
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            for file in (await opening).files:  # the thread goes on; its files are not left open
                file.close()
            raise

    async def _read(
        self, files: list[LogFile], watch: Watch, place: Place | None, since: float
    ) -> tuple[Place | None, float]:
        """Read files one after another; return where that ended and when (seconds since 1970)."""
        try:
            for file in files:
                follower = Follower(file, at_end=self._at_end)
                if file.live:
                    watch.arm()
                async for lines in follower.follow(watch) if file.live else follower.to_end():
                    live = self.state is LogState.FOLLOWING
                    missed = self._missed(lines, file.head)
                    drafts = self._drafter.drafts(lines, file.head, now=self._now(), live=live)
                    if self._twice is not None:
                        drafts = self._twice.new(drafts)
                    await self._hand_over(missed + drafts)
                place, since = follower.place, time.time()
        finally:
            for file in files:
                file.close()
        return place, since

    async def _wait_for_file(self, watch: Watch) -> None:
        """Wait until there is a log, looking at nothing but its name."""
        path = self._settings.path
        while True:
            watch.arm()
            watch.expect()
            if await asyncio.to_thread(path.exists):
                watch.found()
                return
            await self._written()
            if self.state is not LogState.WAITING:
                self.state = LogState.WAITING
                log.info("waiting for the log to appear", source=self.name, file=str(path))
            self.caught_up.set()
            await watch.wait()

    async def _begin_at_end(self) -> Record | None:
        """Learn who is online without telling it, and note where telling begins."""
        now = self._now()
        place, found = Place.of(now.astimezone(self._zone).date(), 0, b"", b""), False
        for back in _BACK:  # a server begins a new file at midnight, and players may be on since before
            learned = await self._learn_last(back)
            if learned is not None:
                place, found = learned, True
            if learned is None or self.parser.knows_all:
                break
        events: list[ServerFollowed | ServerListed] = [ServerFollowed(at=now, server=self._server)]
        if found:
            events.append(ServerListed(at=now, server=self._server, players=self.parser.listed))
        await self._append(
            [
                Draft(id=RecordId(f"{self.name}:{each.kind}"), source=self.name, place=str(place), event=each)
                for each in events
            ]
        )
        return await self._journal.last(self.name)

    async def _learn_last(self, back: int) -> Place | None:
        """Learn from the log and so many files before it; return where the log ends, if there is one."""
        self._drafter, place = self._new_drafter(), None
        files = await asyncio.to_thread(open_last, self._settings.path, back, self._zone)
        try:
            for file in files:
                follower = Follower(file)
                async for lines in follower.to_end():
                    self._drafter.learn(lines.piece.data, lines.day)
                place = follower.place if file.live else None
        finally:
            for file in files:
                file.close()
        return place

    def _learn_again(self, file: LogFile) -> None:
        """Read the lines before the place once more, for what the journal does not hold of them.

        Such as half of a pair of lines that tell one refusal, and which layout the lines have.
        """
        data, file.warm = file.warm, b""
        if len(data) < file.offset:  # it may begin inside a line
            data = data[data.find(b"\n") + 1 :]
        self._drafter.learn(data, file.day)

    def _place_of(self, record: Record | None) -> Place | None:
        if record is None:
            return None
        try:
            return Place.parse(record.place)
        except ValueError as exc:
            log.warning("the last record has no place in a log", source=self.name, problem=str(exc))
            return Place.of(record.event.at.astimezone(self._zone).date(), 0, b"", b"")

    def _tell_gone(self, place: Place, files: list[LogFile]) -> None:
        log.warning(
            "the log that was read last is gone; what it held after the last fact cannot be told",
            source=self.name,
            day=place.day.isoformat(),
            offset=place.offset,
            going_on_with=files[0].path.name if files else None,
        )

    def _missed(self, lines: Lines, head: bytes) -> list[Draft]:
        """Return the fact that what stood before these lines is gone, if it is."""
        if self._hole is None:
            return []
        (gone, since), self._hole = self._hole, None
        at = max(self._drafter.first_told(lines) or self._now(), since)
        # Its place is that of the lines, with which it is appended.
        place = Places(lines.day, head).text(lines.piece.end, (lines.piece.before + lines.piece.data))
        event = ServerMissed(at=at, server=self._server, since=since)
        return [
            Draft(id=RecordId(f"{self.name}:{event.kind}:{gone}"), source=self.name, place=place, event=event)
        ]

    async def _hand_over(self, drafts: list[Draft]) -> None:
        """Let the journal write while the next lines are read; one append at a time, in order.

        The busier of the two decides how many facts go together: the writer's thread needs Python's lock
        some times for each append, and waits for it each time while lines are parsed.
        """
        self._waiting += drafts
        writing = self._writing
        if writing is not None and (writing.done() or len(self._waiting) > _MOST_WAITING):
            await self._one_written(writing)
        if self._writing is None:
            self._write_waiting()

    async def _written(self) -> None:
        """Wait until the journal has taken all that was handed over."""
        while self._writing is not None:
            await self._one_written(self._writing)
            self._write_waiting()

    async def _one_written(self, writing: asyncio.Task[None]) -> None:
        await writing
        self._writing = None

    def _write_waiting(self) -> None:
        if self._waiting:
            drafts, self._waiting = self._waiting, []
            self._writing = asyncio.create_task(self._append(drafts))

    async def _give_up_writing(self) -> None:
        self._waiting = []  # the next session reads those lines again
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.cancel()
            await asyncio.wait([writing])

    async def _at_end(self) -> None:
        await self._written()
        self._tell_unknown()
        self.state = LogState.FOLLOWING
        self.caught_up.set()

    def _tell_unknown(self) -> None:
        """Say once that the log has a layout which nobody knows, instead of being silent with it."""
        counts = self.parser.counts
        if not self._told_unknown and counts.lines >= _ENOUGH and counts.continuations == counts.lines:
            self._told_unknown = True
            log.warning(
                "no line of this log begins as a known server's would; "
                "ask 'passerelle explain-line' about one of them, and see servers.<name>.log",
                source=self.name,
                file=str(self._settings.path),
                lines=counts.lines,
            )

    async def _append(self, drafts: list[Draft]) -> None:
        """Journal the facts; where that fails, wait and try again: the lines stay in their file."""
        if not drafts:
            return
        waits = backoff(most_s=30.0)
        state, failures = self.state, 0
        while True:
            try:
                await self._journal.append(*drafts)
            except JournalError as exc:
                failures += 1
                self.state = LogState.BLOCKED
                self._tell_blocked(exc, failures)
                await asyncio.sleep(next(waits))
            else:
                break
        if failures:
            self.state = state
            log.info("the journal takes facts again", source=self.name)

    def _tell_blocked(self, exc: JournalError, failures: int) -> None:
        tell = log.error if failures == 1 else log.debug
        full = isinstance(exc, JournalFull)
        tell("reading waits; nothing is lost", source=self.name, disk_full=full, problem=str(exc))
