"""``passerelle import logs``: reads years of a server's old logs into the journal, while no bridge runs."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bridge.cli.check import loaded_or_told
from bridge.cli.out import ExitCode, Mark, complain, marked, tell, words
from bridge.cli.progress import Progress
from bridge.config.settings import BridgeSettings, LogSettings
from bridge.events import ServerId, ServerObserved, kind_of
from bridge.journal import JournalError, SourceName, SqliteJournal
from bridge.journal.rows import EncodedDrafts
from bridge.minecraft.imports.found import LogsRefused, OldLog, find_logs
from bridge.minecraft.imports.logs import FileRead, Hole, LogJob, observed_mark
from bridge.minecraft.imports.worker import ReadingFailed, Rows, reading
from bridge.store import Store, StoreBusy, StoreError, database_file
from bridge.store.imports import observed

_AHEAD: Final = 4  # appends under way: one is written while the next are read
_MOST_HOLES: Final = 20  # told one by one


def import_logs(paths: Sequence[Path], *, server: str, config: Path, dry_run: bool) -> ExitCode:
    """Read the logs in files and folders into a server's past, and tell what was found."""
    settings = settings_with(server, config)
    if settings is None:
        return ExitCode.SETTINGS
    own = settings.servers[server].log
    zone = ZoneInfo((own.time_zone if own else None) or settings.community.time_zone)
    try:
        logs = find_logs(paths, zone)
    except LogsRefused as exc:
        key = "import.no-logs" if exc.reason is None else "import.cannot-read"
        return told(key, ExitCode.UNAVAILABLE, path=str(exc.path), reason=exc.reason or "")
    job = _job(settings, server, logs, zone)
    summary = Summary(zone)

    async def run() -> None:
        """Read, with or without a journal to write to."""
        if dry_run:
            await _read(msgspec.structs.replace(job, dry=True), summary, None)
        else:
            await _import(settings, job, summary)

    code = ran(run)
    if code is ExitCode.OK:
        summary.tell(dry_run=dry_run)
    return code


def settings_with(server: str, config: Path) -> BridgeSettings | None:
    """Return the settings; None after telling what is wrong with them, or that the server is not in there."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return None
    if server not in loaded.settings.servers:
        known = ", ".join(loaded.settings.servers) or "-"
        told("import.no-server", ExitCode.SETTINGS, server=server, file=str(config), known=known)
        return None
    return loaded.settings


def ran(run: Callable[[], Coroutine[None, None, None]]) -> ExitCode:
    """Run an import and tell what stopped it, if anything did."""
    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return told("import.interrupted", ExitCode.INTERRUPTED)
    except StoreBusy:
        return told("import.busy", ExitCode.UNAVAILABLE)
    except (StoreError, JournalError, ReadingFailed) as exc:
        return told("import.failed", ExitCode.UNAVAILABLE, reason=str(exc))
    return ExitCode.OK


def told(key: str, code: ExitCode, **values: str) -> ExitCode:
    """Complain in words, and return the code."""
    complain(marked(Mark.BAD, words().plain(key, **values)))
    return code


class Writing:
    """Hands rows to the journal in order, some appends ahead."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal
        self._under_way: deque[asyncio.Task[None]] = deque()

    async def put(self, drafts: EncodedDrafts) -> None:
        """Append rows, and wait only while there is much to write.

        Raises:
            JournalError: Some rows could not be written; none that come after them are.
        """
        if kind_of(ServerObserved) in drafts.kinds:
            await self.drain()  # says that everything before is there
        while len(self._under_way) >= _AHEAD:
            await self._under_way.popleft()
        self._under_way.append(asyncio.create_task(self._journal.append_encoded(drafts)))

    async def drain(self) -> None:
        """Wait until all is on disk.

        Raises:
            JournalError: Something could not be written.
        """
        while self._under_way:
            await self._under_way.popleft()

    async def __aenter__(self) -> Writing:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(
            *self._under_way, return_exceptions=True
        )  # who leaves early has a reason already


@dataclass
class Summary:
    """What an import has read."""

    zone: ZoneInfo
    files: int = 0
    known: int = 0  # files that were imported before
    days: set[date] = field(default_factory=set)
    lines: int = 0
    events: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    holes: list[Hole] = field(default_factory=list)
    broken: list[FileRead] = field(default_factory=list)
    left: bool = False  # to the live log
    odd: list[FileRead] = field(default_factory=list)

    def take(self, frame: Hole | FileRead) -> None:
        """Add what was found."""
        if isinstance(frame, Hole):
            self.holes.append(frame)
            return
        self.files += 1
        self.lines += frame.lines
        self.events.update(frame.events)
        if frame.first is not None and frame.last is not None:
            self.days |= {each.astimezone(self.zone).date() for each in (frame.first, frame.last)}
            self.first = min(self.first or frame.first, frame.first)
            self.last = max(self.last or frame.last, frame.last)
        self.left = self.left or frame.left
        if frame.odd:
            self.odd.append(frame)
        if frame.problem:
            self.broken.append(frame)

    def tell(self, *, dry_run: bool) -> None:
        """Print it, the most important last."""
        say = words().plain
        for name, count in sorted(self.events.items()):
            tell(f"  {name:<20} {words().number(count):>12}")
        if len(self.holes) > _MOST_HOLES:
            complain(marked(Mark.WARNING, say("import.more-holes", count=len(self.holes) - _MOST_HOLES)))
        for hole in self.holes[:_MOST_HOLES]:
            times = {"since": self._time(hole.since), "until": self._time(hole.at)}
            complain(marked(Mark.WARNING, say("import.hole", file=Path(hole.path).name, **times)))
        for file in self.broken:
            key = "import.unreadable" if file.damaged_at is None else "import.damaged"
            name = Path(file.path).name
            complain(marked(Mark.WARNING, say(key, file=name, reason=file.problem, lines=file.lines)))
        for file in self.odd:
            complain(marked(Mark.WARNING, say("import.odd", file=Path(file.path).name)))
        if self.left:
            tell(say("import.left-to-live"))
        if self.known:
            tell(say("import.known", count=self.known))
        if not self.files:
            tell(marked(Mark.GOOD, say("import.nothing")))
            return
        key = "import.would-read" if dry_run else "import.read"
        counts = {"count": self.files, "lines": self.lines, "facts": self.events.total()}
        tell(marked(Mark.GOOD, say(key, days=len(self.days), period=self._period(), **counts)))
        tell(say("import.next-dry" if dry_run else "import.next"))

    def _period(self) -> str:
        if self.first is None or self.last is None:
            return ""
        days = {"first": self.first, "last": self.last}
        return words().plain("import.period", **{key: self._day(at) for key, at in days.items()})

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d}"

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def _job(settings: BridgeSettings, server: str, logs: Sequence[OldLog], zone: ZoneInfo) -> LogJob:
    own = settings.servers[server].log or LogSettings(path=Path("latest.log"))
    return LogJob(
        server=server,
        logs=tuple(logs),
        zone=zone.key,
        encoding=own.encoding,
        dialect=own.dialect.value,
        chat_patterns=tuple({"pattern": each.pattern, "thread": each.thread} for each in own.chat_patterns),
        bedrock_prefix=settings.servers[server].bedrock_prefix,
        words_from=datetime.now(UTC) - timedelta(seconds=settings.retention.chat_s),
    )


@asynccontextmanager
async def journal_of(settings: BridgeSettings) -> AsyncIterator[tuple[Store, SqliteJournal]]:
    """Open the bridge's database and journal to write to; its files belong to whom its folder belongs to.

    Raises:
        StoreBusy: The bridge runs.
        StoreError: The database cannot be used.
    """
    async with await Store.open(settings.data) as store, SqliteJournal(store) as journal:
        _hand_over(store.path)
        yield store, journal
    _hand_over(database_file(settings.data))


def _hand_over(database: Path) -> None:
    """Give away what root made here, or the bridge could not use it."""
    owner = database.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for file in database.parent.glob(f"{database.name}*"):
            os.chown(file, owner.st_uid, owner.st_gid)


async def _import(settings: BridgeSettings, job: LogJob, summary: Summary) -> None:
    async with journal_of(settings) as (store, journal):
        async with store.reading() as conn:
            before = await observed(conn, ServerId(job.server))
        done = {observed_mark(ServerId(job.server), id_): event.at for id_, event in before}
        logs = [msgspec.structs.replace(log, read_through=done.get(log.mark)) for log in job.logs]
        live = await journal.last(SourceName(f"log:{job.server}"))
        if settings.servers[job.server].log is not None and live is not None:
            job = msgspec.structs.replace(job, until=live.event.at)
        summary.known = sum(log.read_through is not None for log in logs)
        async with Writing(journal) as writing:
            await _read(msgspec.structs.replace(job, logs=tuple(logs)), summary, writing)
            await writing.drain()


async def _read(job: LogJob, summary: Summary, writing: Writing | None) -> None:
    left = [log for log in job.logs if log.read_through is None]
    if not left:
        return
    progress = Progress(sum(log.size for log in left))
    try:
        async with reading(job) as child:
            done = lines = 0
            async for frame in child.frames():
                if isinstance(frame, Rows):
                    lines += frame.lines
                    progress.move(done + frame.read, words().plain("import.lines", count=lines))
                    await _written(frame, writing)
                    continue
                summary.take(frame)
                done += frame.size if isinstance(frame, FileRead) else 0
    finally:
        progress.clear()


async def _written(rows: Rows, writing: Writing | None) -> None:
    if writing is not None and rows.values:
        await writing.put(rows.drafts)
