"""One Discord channel as a source: its messages become records, in order, with nothing left out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import structlog

from bridge.discord.errors import ChannelGone, DiscordUnavailable, Forbidden, TokenRefused
from bridge.discord.history import History
from bridge.discord.inbound import Inbound, snowflake_of
from bridge.discord.ledger import Ledger
from bridge.discord.wire import MessagePayload
from bridge.events import AnyEvent, ChannelId, ChatRemoved, channel_end
from bridge.journal import Draft, Journal, RecordId, SourceName

log = structlog.get_logger(__name__)

_MOST_WAITING: Final = 5_000  # live messages; beyond, the channel's history is read instead
_REVIEWED: Final = 50  # messages looked through for changes that nobody told us
_RETRY_S: Final = 5.0
_EMPTY_MARGIN: Final = timedelta(minutes=5)  # our clock may be ahead of Discord's


@dataclass(frozen=True, slots=True)
class Said:
    """A message appeared."""

    message: MessagePayload


@dataclass(frozen=True, slots=True)
class Changed:
    """A message is different now."""

    message: MessagePayload


@dataclass(frozen=True, slots=True)
class Removed:
    """Messages are gone."""

    ids: tuple[str, ...]


News: TypeAlias = Said | Changed | Removed


def utc_now() -> datetime:
    """Return the time by our own clock."""
    return datetime.now(UTC)


class Intake:
    """Reads one channel: what the gateway tells, and after every gap what it did not tell.

    After a new session nothing live is kept before the history up to it has been read. A fact that comes
    twice has the same id, so overlapping costs nothing. A channel without any record begins at its newest
    message; that place is remembered only by this process until the first message is kept.
    """

    def __init__(
        self,
        channel: ChannelId,
        journal: Journal,
        history: History,
        inbound: Inbound,
        *,
        is_ours: Callable[[MessagePayload], bool],
        late_after_s: float = 120.0,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.channel = channel
        self._history, self._inbound, self._is_ours = history, inbound, is_ours
        self._now, self._sleep = now, sleep
        self.late_after_s = late_after_s
        self._ledger = Ledger(journal, SourceName(f"discord:{channel}"), sleep)
        self._waiting: list[News] = []
        self._wake = asyncio.Event()
        self._may_look = asyncio.Event()
        self._gap = True
        self._through = 0  # everything up to this id has been read; 0 before the first reading

    def begin_gap(self) -> None:
        """Hold back live news from here on: a new session begins, and something may have been missed."""
        self._gap = True
        self._may_look.clear()

    def end_gap(self) -> None:
        """Read what was missed, then let the held news through: the session is complete."""
        self._gap = True
        self._may_look.set()
        self._wake.set()

    def offer(self, news: News) -> None:
        """Take what the gateway told; never blocks."""
        if len(self._waiting) >= _MOST_WAITING:
            log.warning("too many messages wait; reading the history instead", channel=self.channel)
            self._waiting.clear()
            self._gap = True
        self._waiting.append(news)
        self._wake.set()

    async def run(self) -> None:
        """Keep what comes until cancelled; whatever cannot be kept now is tried again."""
        while True:
            if self._gap:
                await self._may_look.wait()
                self._gap = False  # first, so that a gap which begins meanwhile is not forgotten
                await self._fill_gap()
            elif self._waiting:
                news, self._waiting = self._waiting, []
                await self._keep(news)
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _fill_gap(self) -> None:
        told = False
        while True:
            try:
                await self._catch_up()
            except DiscordUnavailable as exc:
                if not told:
                    log.warning("reading missed messages waits", channel=self.channel, problem=str(exc))
                told = True
                await self._sleep(max(exc.retry_after_s or 0.0, _RETRY_S))
            except TokenRefused:  # the link tells; a session with another token ends the gap
                self.begin_gap()
                return
            except (Forbidden, ChannelGone) as exc:
                # Live messages still come; what was missed stays missed until this is put right.
                log.warning("cannot read missed messages", channel=self.channel, problem=str(exc))
                return
            else:
                return

    async def _catch_up(self) -> None:
        kept = await self._ledger.place()
        self._through = max(self._through, int(kept or 0))
        if not self._through:
            newest = await self._history.newest(self.channel)
            empty = snowflake_of(self._now() - _EMPTY_MARGIN)
            self._through = int(newest) if newest is not None else empty
            return
        await self._review()
        async for page in self._history.after(self.channel, str(self._through)):
            await self._history.learn_names(page)
            await self._keep(Said(message) for message in page.messages)
            self._through = max(self._through, page.last)

    async def _review(self) -> None:
        """Look at the newest known messages again for edits and removals that happened in the gap."""
        known = await self._ledger.newest_said(_REVIEWED)
        if not known:
            return
        page = await self._history.up_to(self.channel, str(self._through), most=_REVIEWED)
        if not page.ids:  # Discord shows an empty channel to a bot that may not read its history
            log.warning(
                "the channel looks empty; removals that were missed stay unknown. "
                "May the bot 'Read Message History' there?",
                channel=self.channel,
            )
            return
        gone = sorted(int(id_) for id_ in known - page.ids if int(id_) >= page.first)
        await self._keep(Changed(message) for message in page.messages if message.id in known)
        await self._keep([Removed(tuple(map(str, gone)))], late=True)

    async def _keep(self, news: Iterable[News], *, late: bool = False) -> None:
        await self._ledger.keep([draft for one in news for draft in self._drafts(one, late=late)])

    def _drafts(self, news: News, *, late: bool) -> list[Draft]:
        try:
            return [self._draft(id_, event, late=late) for id_, event in self._events(news)]
        except Exception:  # one odd message must not stop the channel
            log.exception("a message that cannot be read is passed over", channel=self.channel)
            return []

    def _events(self, news: News) -> list[tuple[str, AnyEvent]]:
        """Return the facts in some news with their ids."""
        match news:
            case Said(message):
                self._through = max(self._through, int(message.id))
                said = None if self._is_ours(message) else self._inbound.said(message)
                return [] if said is None else [(message.id, said)]
            case Changed(message):
                edited = None if self._is_ours(message) else self._inbound.edited(message)
                return [] if edited is None else [(f"{message.id}:{message.edited_timestamp}", edited)]
            case Removed(ids):
                at, end = self._now(), channel_end(self.channel)
                return [(f"{id_}:removed", ChatRemoved(at=at, end=end, message=id_)) for id_ in ids]

    def _draft(self, id_: str, event: AnyEvent, *, late: bool) -> Draft:
        return Draft(
            id=RecordId(f"discord:{id_}"),
            source=self._ledger.source,
            # Never the id of an older message that was edited or removed: reading resumes after it.
            place=str(self._through or snowflake_of(self._now())),
            event=event,
            late=late or self._now() - event.at > timedelta(seconds=self.late_after_s),
        )
