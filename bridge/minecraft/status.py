"""Asks a game server's status port whether it is up, how many are on it and how fast it answers."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from bridge.config.settings import StatusSettings
from bridge.events import Event, ServerId, ServerLost, ServerRecovered, ServerSampled
from bridge.journal.records import Draft, Journal, JournalError, RecordId, SourceName
from bridge.minecraft.icon import read_icon
from bridge.minecraft.pace import UNTOLD, Tempo
from bridge.minecraft.welcome import guarded, read_welcome
from bridge.supervise import end_if_cancelled
from bridge.text import RichText

if TYPE_CHECKING:
    from mcstatus.responses import BedrockStatusResponse, JavaStatusResponse

log = structlog.get_logger(__name__)

SAMPLED_EVERY_S: Final = 60
"""A server's samples begin minutes: no more than one of each is journalled."""
_KNOCK_S: Final = 2.0
MOST_COUNTED: Final = 1_000_000  # players; a larger number is a joke of the server's owner
NOTHING: Final = RichText()
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,16}")
_CODES: Final = re.compile(r"§.?|[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Failure(StrEnum):
    """How a ping can fail: what a port does says much of what is behind it."""

    REFUSED = "refused"  # the machine is there, and nothing listens
    SILENT = "silent"  # something takes connections, and does not answer as a game server does
    UNREACHABLE = "unreachable"  # the machine does not answer


class StatusFailed(Exception):
    """The server did not answer as a game server does; says why, without its address."""

    def __init__(self, message: str, failure: Failure = Failure.SILENT) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """What a server said about itself."""

    at: datetime  # UTC
    online: int
    maximum: int
    version: str  # as it calls itself: ``Paper 1.21.8``; at most 100 characters
    motd: str  # plain, without colour codes; at most 500 characters
    latency_ms: float
    names: tuple[str, ...] = ()  # some of those online, at most a dozen, in no order
    welcome: RichText = NOTHING  # the motd with its colours and looks
    icon: bytes | None = None  # a PNG of at most 64 by 64


async def ping(settings: StatusSettings) -> ServerStatus:
    """Ask once.

    Raises:
        StatusFailed: No answer within ``status.timeout``, or one that makes no sense.
    """
    try:
        async with asyncio.timeout(settings.timeout_s):  # mcstatus' own time-out is for each read
            return _read(await _ask(settings))
    except TimeoutError as exc:
        # What takes no connections cannot be told from a machine that is not there.
        silence = Failure.UNREACHABLE if settings.kind == "bedrock" else await _silence(settings)
        raise StatusFailed(f"no answer within {settings.timeout_s:g} s", silence) from exc
    except ConnectionRefusedError as exc:
        raise StatusFailed(f"nothing listens on port {settings.port}", Failure.REFUSED) from exc
    except OSError as exc:
        problem = f"port {settings.port} does not answer ({type(exc).__name__})"
        raise StatusFailed(problem, _failure_of(exc)) from exc
    except Exception as exc:  # a server may answer anything, and the library then raises anything
        # mcstatus lets out whatever an odd answer leads to: ValueError, TypeError, KeyError, and more.
        raise StatusFailed(f"an answer that makes no sense ({type(exc).__name__})") from exc


async def _ask(settings: StatusSettings) -> JavaStatusResponse | BedrockStatusResponse:
    # Imported late, as a bridge without status pings can do without its eight megabytes; and in a thread,
    # as the first time takes a quarter of a second.
    await asyncio.to_thread(importlib.import_module, "mcstatus")
    from mcstatus import BedrockServer, JavaServer  # noqa: PLC0415

    if settings.kind == "bedrock":
        bedrock = BedrockServer(settings.host, settings.port, timeout=settings.timeout_s)
        return await bedrock.async_status(tries=1)
    # Not ``lookup``: with a known port there is nothing to look up.
    server = JavaServer(settings.host, settings.port, timeout=settings.timeout_s)
    return await server.async_status(tries=1)


def _failure_of(exc: OSError) -> Failure:
    """Return what an error of a socket says; mcstatus' own, for whom nobody listened to, have no number."""
    talked = isinstance(exc, ConnectionError) or exc.errno is None
    return Failure.SILENT if talked else Failure.UNREACHABLE


async def _silence(settings: StatusSettings) -> Failure:
    """Return whether a port that did not answer in time at least takes connections."""
    try:
        async with asyncio.timeout(min(settings.timeout_s, _KNOCK_S)):
            _reader, writer = await asyncio.open_connection(settings.host, settings.port)
    except ConnectionRefusedError:
        return Failure.REFUSED
    except OSError:  # TimeoutError is one
        return Failure.UNREACHABLE
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Failure.SILENT


def _read(answer: JavaStatusResponse | BedrockStatusResponse) -> ServerStatus:
    """Check every field: the server can put anything there. Bedrock tells no names and has no picture."""
    sample = getattr(answer.players, "sample", None) or ()
    motd = answer.motd.parse(guarded(answer.motd.raw))
    return ServerStatus(
        at=datetime.now(UTC),
        online=_count(answer.players.online),
        maximum=_count(answer.players.max),
        version=_plain(str(answer.version.name), 100),
        motd=_plain(motd.to_plain(), 500),
        latency_ms=round(float(answer.latency), 1),
        welcome=read_welcome(motd.parsed, most=500),
        icon=read_icon(getattr(answer, "icon", None)),
        names=tuple(each.name for each in sample[:12] if _NAME.fullmatch(str(each.name))),
    )


def _count(value: object) -> int:
    """Return a number of players; some servers write it as text."""
    return min(max(int(str(value)), 0), MOST_COUNTED)


def _plain(text: str, most: int) -> str:
    return _CODES.sub("", text)[:most].strip()


class StatusSource:
    """Pings one server regularly, journals what it says, and tells when it is lost and found."""

    def __init__(
        self,
        server: ServerId,
        settings: StatusSettings,
        journal: Journal,
        *,
        told: Callable[[ServerStatus], None] = lambda _status: None,
        tempo: Callable[[], Tempo] = lambda: UNTOLD,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make a source that has not pinged yet.

        Args:
            server: Which server.
            settings: Where it is, and how often it is asked.
            journal: Where the facts go.
            told: Called with every answer.
            tempo: Asked for each sample how fast the server ticks.
            now: The clock, in UTC.
        """
        self.name = SourceName(f"status:{server}")
        self.latest: ServerStatus | None = None  # the last good answer; see :attr:`up`
        self.problem: str | None = None  # why the last ping failed
        self.failure: Failure | None = None  # the same, as a kind
        self.failures = 0  # pings that have failed in a row
        self._server = server
        self._settings = settings
        self._journal = journal
        self._told = told
        self._tempo = tempo
        self._now = now
        self._lost = False
        self._sampled: int | None = None  # the minute of the last sample
        self._unkept = False  # the last fact could not be journalled
        self._checked = asyncio.Event()

    @property
    def up(self) -> bool | None:
        """Whether the server answered the last ping; ``None`` before the first."""
        return None if not self._checked.is_set() else self.problem is None

    async def checked(self) -> None:
        """Wait until the first ping has ended, either way."""
        await self._checked.wait()

    async def run(self) -> None:
        """Ping every ``status.every`` until cancelled."""
        await self._remember()
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self.check()
            end_if_cancelled()  # mcstatus awaits with wait_for
            due = max(due + self._settings.every_s, loop.time())
            await asyncio.sleep(due - loop.time())

    async def check(self) -> ServerStatus | None:
        """Ping once, journal what follows from it, and return the answer if there was one."""
        try:
            status = await ping(self._settings)
        except StatusFailed as exc:
            await self._failed(exc)
            return None
        else:
            await self._answered(status)
            return status
        finally:
            self._checked.set()

    async def _remember(self) -> None:
        """Read from the journal whether the server was lost when the bridge stopped."""
        with contextlib.suppress(JournalError):  # then it is taken to have been up
            known = await self._journal.recent(self.name, (ServerLost, ServerRecovered), most=1)
            self._lost = bool(known) and isinstance(known[-1].event, ServerLost)

    async def _answered(self, status: ServerStatus) -> None:
        self.latest, self.problem, self.failure, self.failures = status, None, None, 0
        self._told(status)
        if self._lost and await self._append(ServerRecovered(at=status.at, server=self._server)):
            self._lost, self._sampled = False, None
            log.info("the server answers again", server=self._server)
        minute = _minute(status.at)
        if minute != self._sampled and await self._append(self._sample(status)):
            self._sampled = minute

    def _sample(self, status: ServerStatus) -> ServerSampled:
        tempo = self._tempo()
        return ServerSampled(
            at=status.at,
            server=self._server,
            online=status.online,
            maximum=status.maximum,
            version=status.version,
            latency_ms=status.latency_ms,
            tps=tempo.tps,
            mspt=tempo.mspt,
        )

    async def _failed(self, why: StatusFailed) -> None:
        self.problem, self.failure = str(why), why.failure
        self.failures += 1
        if self._lost or self.failures < self._settings.down_after:
            return
        if await self._append(ServerLost(at=self._now(), server=self._server)):
            self._lost = True
            log.warning("the server does not answer", server=self._server, problem=self.problem)

    async def _append(self, event: ServerSampled | ServerLost | ServerRecovered) -> bool:
        """Journal one fact; a fact that could not be kept is tried again with the next ping."""
        at = event.at.isoformat(timespec="milliseconds")
        draft = Draft(id=_id(self.name, event, at), source=self.name, place=at, event=event)
        try:
            await self._journal.append(draft)
        except JournalError as exc:
            tell = log.debug if self._unkept else log.warning
            tell("a status was not journalled", server=self._server, problem=str(exc))
            self._unkept = True
            return False
        self._unkept = False
        return True


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // SAMPLED_EVERY_S


def _id(source: SourceName, event: Event, at: str) -> RecordId:
    return RecordId(f"{source}:{event.kind}:{at}")
