"""Ships one parcel after another to a Discord channel, each exactly once as far as anybody can tell.

Before the first byte leaves, the parcel is noted in the store. After a crash or a lost answer the channel
itself is asked whether the message is there; only where it may not be read is a message sent again
that could be there already, and that is counted and logged.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from bridge.discord import (
    DiscordError,
    DiscordLink,
    DiscordRefused,
    DiscordUnavailable,
    Expected,
    MessageId,
    NameRefused,
    Post,
    Sent,
    WebhooksForbidden,
    message_id_at,
)
from bridge.events import ChannelId, channel_end
from bridge.features.relay.parcels import Parcel, Voice
from bridge.journal import Reader
from bridge.store import Store
from bridge.store.counters import bump
from bridge.store.deliveries import (
    Copy,
    add_copies,
    begin_delivery,
    finish_delivery,
    newest_copy,
    pending_delivery,
)
from bridge.supervise import backoff

log = structlog.get_logger(__name__)

POSSIBLE_REPEATS: Final = "relay.discord.possible-repeats"
LOOK_AFTER_S: Final = 1.5  # a request that we gave up may still be on its way
REFUSED: Final = "relay.discord.refused"
CLOCKS_DIFFER: Final = timedelta(hours=1)  # no more than that, ours and Discord's


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel under way, as the store remembers it across a crash."""

    positions: tuple[int, ...]
    contents: tuple[str, ...]
    name: str | None
    avatar_url: str | None
    part: int = 0  # which of the contents is under way; those before it have arrived
    after: MessageId | None = None  # our last message before it, where the look for it may begin
    arrived: tuple[str, ...] = ()  # the messages of the parts before
    role: str | None = None


class PackAnew(Exception):
    """Nothing has arrived, and the same lines may now be told otherwise: by another name, as late ones."""


class Shipping:
    """Sends parcels to one channel. Use it from one task."""

    def __init__(
        self,
        *,
        reader: Reader,
        channel: ChannelId,
        link: DiscordLink,
        store: Store,
        own_name: str,
        fallback_name: str,
        now: Callable[[], datetime],
        delays: Callable[[], Iterator[float]] = backoff,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._reader, self._channel, self._link, self._store = reader, channel, link, store
        self._own_name, self._fallback_name = own_name, fallback_name
        self._delays, self._now, self._sleep = delays, now, sleep
        self._waits = delays()
        self._refused: frozenset[str] = frozenset()
        self._last: MessageId | None = None
        self._singly = 0
        self._sent: list[str] = []

    @property
    def voice(self) -> Voice:
        """What the channel lets us use now."""
        return Voice(own_names=self._link.webhooks_usable(self._channel), refused=self._refused)

    async def settle(self) -> None:
        """Finish what was under way when the bridge last stopped."""
        async with self._store.reading() as conn:
            pending = await pending_delivery(conn, self._reader.name)
            newest = await newest_copy(conn, channel_end(self._channel))
        # Without it a look could take an older line of the same words for the one that is looked for.
        self._last = MessageId(newest) if newest is not None else None
        if pending is None:
            return
        noted = msgspec.json.decode(pending.details, type=Noted)
        self._last = noted.after
        try:
            await self._send_parts(noted, doubtful=True)
        except (PackAnew, DiscordRefused):  # it cannot have arrived: its lines are read again
            await self._forget_note()
            return
        await self._confirm(noted.positions, through=None)
        log.info(
            "finished the delivery that was under way", channel=self._channel, lines=len(noted.positions)
        )

    @property
    def most_lines(self) -> int | None:
        """How many lines the next parcel may hold: one, while Discord's refusal of several is sorted out."""
        return 1 if self._singly else None

    async def turn(self) -> None:
        """Wait until Discord would take the next message; lines that come meanwhile travel with it."""
        try:
            await self._link.turn(self._channel)
        except DiscordUnavailable as exc:
            await self._pause(exc, exc.retry_after_s or next(self._waits))

    async def ship(self, parcel: Parcel) -> bool:
        """Deliver a parcel; False if it has not arrived and its lines are to be packed anew.

        That is after every failure: more lines may wait by then, some may have become late, and the voice
        may be another.
        """
        noted = Noted(
            positions=tuple(position for line in parcel.lines for position in line.positions),
            contents=parcel.contents,
            name=parcel.name,
            avatar_url=parcel.avatar_url,
            after=self._before(),
            role=parcel.role,
        )
        try:
            await self._send_parts(noted, doubtful=False)
        except PackAnew:
            return False
        except DiscordRefused as exc:
            if len(parcel.lines) > 1:
                self._singly = len(parcel.lines)
                return False
            await self._give_up(parcel, exc)
        return True

    async def confirm(self, parcel: Parcel, through: int) -> None:
        """Store in one transaction that a parcel has arrived, where its copies are, and how far we are."""
        await self._confirm(tuple(p for line in parcel.lines for p in line.positions), through)
        self._singly = max(0, self._singly - len(parcel.lines))

    async def _send_parts(self, noted: Noted, *, doubtful: bool) -> None:
        """Send what of a parcel has not arrived; *doubtful*: the part under way may be there already."""
        self._sent = list(noted.arrived)
        for part in range(noted.part, len(noted.contents)):
            current = msgspec.structs.replace(
                noted, part=part, arrived=tuple(self._sent), after=self._before()
            )
            if not doubtful:
                await self._note(current)
            self._last = await self._send(current, doubtful=doubtful, anew=part == 0 and not doubtful)
            self._sent.append(self._last)
            doubtful = False

    async def _send(self, noted: Noted, *, doubtful: bool, anew: bool) -> MessageId:
        """Send one message until Discord has it, and return its id.

        Raises:
            PackAnew: It has not arrived; with *anew* after every failure.
            DiscordRefused: Discord will never take it.
        """
        failed = False
        while True:
            try:
                sent = await self._look(noted) if doubtful else None
                doubtful = False
                if sent is None and failed and anew:
                    raise PackAnew
                sent = sent or await self._attempt(noted)
            except NameRefused as exc:
                self._refuse_name(noted.name, exc)
                raise PackAnew from exc
            except WebhooksForbidden as exc:
                raise PackAnew from exc
            except DiscordRefused:
                raise
            except DiscordUnavailable as exc:
                doubtful = doubtful or exc.outcome_unknown
                at_least_s = LOOK_AFTER_S if exc.outcome_unknown else 0.0
                await self._pause(exc, max(next(self._waits), exc.retry_after_s or 0.0, at_least_s))
            except DiscordError as exc:  # no permission, no channel, no token: somebody has to act
                await self._pause(exc, next(self._waits))
            else:
                self._waits = self._delays()
                return sent.message
            failed = True

    def _before(self) -> MessageId:
        """Return the id of a message that is older than what is sent now."""
        return self._last or message_id_at(self._now() - CLOCKS_DIFFER)

    async def _attempt(self, noted: Noted) -> Sent:
        post = Post(content=noted.contents[noted.part], role=noted.role)
        if self._link.webhooks_usable(self._channel):
            name = noted.name or self._own_name
            return await self._link.send_as(post, self._channel, name=name, avatar_url=noted.avatar_url)
        if noted.name is not None:
            raise WebhooksForbidden("no webhook may be used here", permission="Manage Webhooks")
        return await self._link.send(post, self._channel, nonce=self._nonce(noted))

    async def _look(self, noted: Noted) -> Sent | None:
        """Return the message if the channel has it already."""
        content = noted.contents[noted.part]
        try:
            for name in self._names(noted):
                expected = Expected(content=content, name=name)
                (found,) = await self._link.find_sent(self._channel, [expected], after=noted.after)
                if found is not None:
                    return found
        except DiscordUnavailable:
            raise
        except DiscordError as exc:
            async with self._store.transaction() as tx:
                await bump(tx, POSSIBLE_REPEATS)
            log.warning(
                "cannot see whether a message arrived; sending it again, so it may be there twice",
                channel=self._channel,
                lines=len(noted.positions),
                why=str(exc),
            )
        return None

    def _names(self, noted: Noted) -> tuple[str | None, ...]:
        """Return the names under which it may have been sent; which of ours that was, nobody noted."""
        return (noted.name,) if noted.name else (self._own_name, self._fallback_name, None)

    def _nonce(self, noted: Noted) -> str:
        """Return what tells this message apart from all others, the same after a restart."""
        place = f"{self._channel}:{noted.positions[0]}:{noted.positions[-1]}:{noted.part}"
        return hashlib.blake2b(place.encode(), digest_size=12).hexdigest()

    def _refuse_name(self, name: str | None, exc: NameRefused) -> None:
        if name is None:
            self._own_name = self._fallback_name
            return
        log.info("Discord refuses a player's name; showing it in the text", name=name, why=str(exc))
        self._refused |= {name}

    async def _pause(self, exc: DiscordError, wait_s: float) -> None:
        log.warning("Discord does not take messages now", channel=self._channel, why=str(exc), wait_s=wait_s)
        await self._sleep(wait_s)

    async def _give_up(self, parcel: Parcel, exc: DiscordRefused) -> None:
        """Pass over lines that Discord will never take; they stay in the journal and on the website."""
        positions = [p for line in parcel.lines for p in line.positions]
        log.error(
            "Discord refuses a message for good", channel=self._channel, why=str(exc), records=positions
        )
        async with self._store.transaction() as tx:
            await bump(tx, REFUSED, by=len(parcel.lines))

    async def _note(self, noted: Noted) -> None:
        async with self._store.transaction() as tx:
            await begin_delivery(
                tx,
                self._reader.name,
                through=noted.positions[-1],
                nonce=self._nonce(noted),
                digest=hashlib.blake2b(noted.contents[noted.part].encode(), digest_size=12).hexdigest(),
                details=msgspec.json.encode(noted).decode(),
            )

    async def _forget_note(self) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)

    async def _confirm(self, positions: tuple[int, ...], through: int | None) -> None:
        async with self._store.transaction() as tx:
            await finish_delivery(tx, self._reader.name)
            await add_copies(tx, self._copies(positions))
            if through is not None:
                await self._reader.advance(tx, through)

    def _copies(self, positions: tuple[int, ...]) -> list[Copy]:
        end = channel_end(self._channel)
        return [
            Copy(position=position, end=end, message=message, part=part)
            for part, message in enumerate(self._sent)
            for position in positions
        ]
