"""Delivers to one hook: one record after another, each tried until it arrives or is given up.

A record may arrive twice, after a crash or a lost answer; its id is the same then. What is given up is set
aside in the transaction that moves the reader on, so that it is neither lost nor in the way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from bridge.config.outside import HookOutSettings
from bridge.features.hooks_out.messages import Messages
from bridge.journal import Reader, Record, RecordId
from bridge.store import Store, StoreError
from bridge.store.deliveries import begin_delivery, finish_delivery, pending_delivery
from bridge.store.hooks import SetAside, drop, next_again, put_aside, record_at
from bridge.supervise import backoff
from bridge.website.outgoing import AddressRefused, Answer, Outgoing, OutgoingError, retry_after_s
from bridge.website.signing import digest_of, signed

log = structlog.get_logger(__name__)

LONGEST_WAIT_S: Final = 6 * 3600.0
LAZY_POSITIONS: Final = 1000  # records of no interest that may pass before the position is stored for them
LOOK_EVERY_S: Final = 15.0  # for what staff want again: their pages know only the store
GONE: Final = "answered 410: it wants nothing any more"
_ID: Final = re.compile(r"[A-Za-z0-9_.:+=/-]{1,128}")
_REDIRECT: Final = "redirects are not followed; write the new address into the settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """How one hook is."""

    name: str
    position: int = 0  # of the last record that is done with
    tries: int = 0  # of the record that is being sent now
    problem: str = ""  # why the last try failed, in words; empty once one has worked
    advice: str = ""  # the key of the sentence that says what to do about it
    gone: bool = False  # the receiver wants nothing any more: everything is set aside
    failing_since: datetime | None = None
    last_success: datetime | None = None
    waiting: int = 0  # records that wait, at most
    set_aside: int = 0


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What has been done about the record under way, as the store remembers it across a restart."""

    begun_at: datetime
    tries: int = 0


class Failed(Exception):
    """A try that did not work; the words say why."""

    def __init__(self, problem: str, *, advice: str, retry_after_s: float = 0.0, gone: bool = False) -> None:
        super().__init__(problem)
        self.advice, self.retry_after_s, self.gone = advice, retry_after_s, gone


def _delays() -> Iterator[float]:
    return backoff(first_s=1.0, most_s=LONGEST_WAIT_S)


class HookDelivery:
    """Reads the journal for one hook. Run it once at a time."""

    def __init__(
        self,
        *,
        name: str,
        hook: HookOutSettings,
        reader: Reader,
        messages: Callable[[], Messages],
        outgoing: Outgoing,
        store: Store,
        now: Callable[[], datetime],
        delays: Callable[[], Iterator[float]] = _delays,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.state = HookState(name=name)
        self._name, self._hook, self._reader, self._messages = name, hook, reader, messages
        self._outgoing, self._store, self._now = outgoing, store, now
        self._delays, self._sleep = delays, sleep
        self._turn = asyncio.Lock()  # one message at a time, in the order of asking
        self._wanted = asyncio.Event()  # there may be something to send again
        self._resumed: tuple[int, Attempt] | None = None

    def look_again(self) -> None:
        """Send what somebody wants again, once the present record is done with."""
        self._wanted.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._settle()
        self._wanted.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deliver_new())
            tasks.create_task(self._deliver_again())

    async def _deliver_new(self) -> None:
        stored = through = await self._reader.position()
        self.state = replace(self.state, position=stored)
        try:
            async for batch in self._reader.batches():
                for record in batch.records:
                    message = self._messages().of(record)
                    if message is not None:
                        async with self._turn:
                            await self._deliver(record, message)
                        stored = record.position
                    through = record.position
                through = batch.through
                self._reader.pass_over(through)
                self.state = replace(self.state, position=through)
                if through - stored > LAZY_POSITIONS:
                    await self._advance(through)
                    stored = through
        finally:
            if through > stored:  # where that cannot be stored, these are read again
                with suppress(StoreError):
                    async with self._store.transaction() as tx:
                        await self._reader.advance(tx, through)

    async def _deliver(self, record: Record, message: bytes) -> None:
        """Send one record until it arrives, or set it aside, and move the reader on."""
        attempt = self._attempt(record)
        waits = self._delays()
        while not self.state.gone:
            try:
                await self._try(record, message)
            except Failed as exc:
                attempt = msgspec.structs.replace(attempt, tries=attempt.tries + 1)
                self._tell_failed(exc, attempt)
                left_s = self._left_s(attempt)
                if exc.gone or left_s <= 0:
                    break
                await self._note(record, attempt)
                wait_s = min(max(next(waits), exc.retry_after_s), LONGEST_WAIT_S, left_s)
                await self._sleep(wait_s)
            else:
                await self._advance(record.position)
                self._tell_success()
                self.state = replace(self.state, position=record.position)
                return
        await self._put_aside(record, attempt)

    async def _put_aside(self, record: Record, attempt: Attempt) -> None:
        problem = GONE if self.state.gone else self.state.problem
        tell = log.warning if attempt.tries else log.debug  # that it is gone has been told
        tell("set a record aside for a hook", hook=self._name, record=record.position, why=problem)
        async with self._store.transaction() as tx:
            await put_aside(
                tx,
                self._name,
                record,
                problem=problem,
                tries=attempt.tries,
                begun_at=attempt.begun_at,
                at=self._now(),
            )
            await finish_delivery(tx, self._reader.name)
            await self._reader.advance(tx, record.position)
        self.state = replace(self.state, tries=0, position=record.position)

    async def _try(self, record: Record, message: bytes) -> None:
        """Send a record once.

        Raises:
            Failed: It has not arrived, or nobody knows.
        """
        headers = signed(self._hook.secret, id_=message_id(record.id), at=self._now(), body=message)
        headers["Content-Type"] = "application/json"
        try:
            answer = await self._outgoing.send("POST", self._hook.url, headers=headers, body=message)
        except AddressRefused as exc:
            raise Failed(str(exc), advice="hooks.advice.private") from exc
        except OutgoingError as exc:
            raise Failed(str(exc), advice="hooks.advice.unreachable") from exc
        if not 200 <= answer.status < 300:
            raise _failed(answer, self._now())

    async def _deliver_again(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wanted.wait()
            self._wanted.clear()
            while await self._is_wanted():
                async with self._turn:
                    await self._send_again()

    async def _is_wanted(self) -> bool:
        async with self._store.reading() as conn:
            return await next_again(conn, self._name) is not None

    async def _send_again(self) -> None:
        """Send the first of what somebody wants again, once."""
        async with self._store.reading() as conn:
            wanted = await next_again(conn, self._name)
            record = await record_at(conn, wanted.position) if wanted is not None else None
        if wanted is None:  # somebody has dropped it meanwhile
            return
        message = self._messages().of(record) if record is not None else None
        if record is None or message is None:
            log.info("what was set aside is no longer told", hook=self._name, record=wanted.position)
            await self._forget(wanted)
            return
        try:
            await self._try(record, message)
        except Failed as exc:
            await self._put_back(wanted, record, exc)
        else:
            log.info("sent what was set aside", hook=self._name, record=record.position)
            self._tell_success()
            await self._forget(wanted)

    async def _put_back(self, wanted: SetAside, record: Record, exc: Failed) -> None:
        log.warning(
            "what was set aside could not be sent", hook=self._name, record=record.position, why=str(exc)
        )
        async with self._store.transaction() as tx:
            await put_aside(
                tx,
                self._name,
                record,
                problem=str(exc),
                tries=1,
                begun_at=wanted.begun_at,
                at=self._now(),
            )

    async def _forget(self, wanted: SetAside) -> None:
        async with self._store.transaction() as tx:
            await drop(tx, wanted.id)

    async def _settle(self) -> None:
        """Remember how often, and since when, the record under way was tried before the bridge stopped."""
        async with self._store.reading() as conn:
            pending = await pending_delivery(conn, self._reader.name)
        if pending is not None:
            self._resumed = pending.through, msgspec.json.decode(pending.details, type=Attempt)

    def _attempt(self, record: Record) -> Attempt:
        resumed, self._resumed = self._resumed, None
        if resumed is not None and resumed[0] == record.position:
            return resumed[1]
        return Attempt(begun_at=self._now())

    def _left_s(self, attempt: Attempt) -> float:
        until = attempt.begun_at + timedelta(seconds=self._hook.give_up_after_s)
        return (until - self._now()).total_seconds()

    async def _note(self, record: Record, attempt: Attempt) -> None:
        details = msgspec.json.encode(attempt).decode()
        async with self._store.transaction() as tx:
            await begin_delivery(
                tx, self._reader.name, through=record.position, nonce="", digest="", details=details
            )

    async def _advance(self, through: int) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)
            await self._reader.advance(tx, through)

    def _tell_failed(self, exc: Failed, attempt: Attempt) -> None:
        """Tell each new reason once."""
        tell = log.debug if self.state.problem == str(exc) else log.warning
        tell("a hook cannot be delivered to", hook=self._name, why=str(exc), tries=attempt.tries)
        self.state = replace(
            self.state,
            tries=attempt.tries,
            problem=str(exc),
            advice=exc.advice,
            gone=exc.gone,
            failing_since=self.state.failing_since or self._now(),
        )

    def _tell_success(self) -> None:
        if self.state.problem:
            log.info("a hook is delivered to again", hook=self._name)
        self.state = replace(
            self.state,
            tries=0,
            problem="",
            advice="",
            gone=False,
            failing_since=None,
            last_success=self._now(),
        )


def message_id(record: RecordId) -> str:
    """Return a record's id as a header can hold it, and another bridge takes it; else a digest of it."""
    return record if _ID.fullmatch(record) else digest_of(record.encode(errors="surrogatepass"))


def _failed(answer: Answer, now: datetime) -> Failed:
    """Return what an answer that is no success means."""
    if answer.status == 410:
        return Failed(GONE, advice="hooks.advice.gone", gone=True)
    if 300 <= answer.status < 400:
        return Failed(f"answered {answer.status}: {_REDIRECT}", advice="hooks.advice.moved")
    advice = "hooks.advice.refused" if answer.status < 500 else "hooks.advice.broken"
    return Failed(
        f"answered {answer.status}", advice=advice, retry_after_s=retry_after_s(answer.headers, now)
    )
