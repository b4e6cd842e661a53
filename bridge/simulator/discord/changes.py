"""What happens in the pretend Discord, as typed values for whoever watches it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import msgspec

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.values import Channel, Member, Message, Role

T = TypeVar("T")


class MessageCreated(msgspec.Struct, frozen=True):
    """Somebody wrote; ephemeral answers to commands arrive here too."""

    message: Message


class MessageEdited(msgspec.Struct, frozen=True):
    """A message changed."""

    message: Message


class MessagesDeleted(msgspec.Struct, frozen=True):
    """One or, in a bulk, several messages of a channel were removed."""

    channel: Snowflake
    messages: tuple[Message, ...]
    bulk: bool = False


class TypingStarted(msgspec.Struct, frozen=True):
    """Somebody began to type."""

    channel: Snowflake
    member: Snowflake


class ChannelCreated(msgspec.Struct, frozen=True):
    """A channel or thread was made."""

    channel: Channel


class ChannelChanged(msgspec.Struct, frozen=True):
    """A channel's name, topic or permissions changed."""

    channel: Channel


class ChannelDeleted(msgspec.Struct, frozen=True):
    """A channel was removed."""

    channel: Channel


class WebhooksChanged(msgspec.Struct, frozen=True):
    """A webhook of a channel was made, changed or removed."""

    channel: Snowflake


class MemberJoined(msgspec.Struct, frozen=True):
    """Somebody joined the guild."""

    member: Member


class MemberChanged(msgspec.Struct, frozen=True):
    """A member's nickname or roles changed."""

    member: Member


class MemberLeft(msgspec.Struct, frozen=True):
    """Somebody left the guild."""

    member: Member


class RoleCreated(msgspec.Struct, frozen=True):
    """A role was made."""

    role: Role


class StatusChanged(msgspec.Struct, frozen=True):
    """The bot came, went or shows another activity."""

    online: bool
    status: str = "online"
    activity: str | None = None


Change: TypeAlias = (
    MessageCreated
    | MessageEdited
    | MessagesDeleted
    | TypingStarted
    | ChannelCreated
    | ChannelChanged
    | ChannelDeleted
    | WebhooksChanged
    | MemberJoined
    | MemberChanged
    | MemberLeft
    | RoleCreated
    | StatusChanged
)


class Subscription:
    """An endless stream of changes from the moment it was made; close it, or use it in ``with``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        hub.listeners.append(self._queue.put_nowait)

    def close(self) -> None:
        """End the stream; whoever iterates over it stops."""
        if self._queue.put_nowait in self._hub.listeners:
            self._hub.listeners.remove(self._queue.put_nowait)
            self._queue.put_nowait(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._queue.get()
        if change is None:
            raise StopAsyncIteration
        return change


class Hub:
    """Tells listeners of changes and wakes those who wait for a condition."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Change], None]] = []
        self._waiters: set[asyncio.Future[None]] = set()

    def publish(self, change: Change) -> None:
        """Hand a change to every listener, then wake whoever waits."""
        for listener in tuple(self.listeners):
            listener(change)
        self.wake()

    def wake(self) -> None:
        """Let everybody in :meth:`until` look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def until(self, predicate: Callable[[], T], timeout_s: float, describe: Callable[[], str]) -> T:
        """Return what *predicate* gives as soon as that is true; it is asked after every change.

        Raises:
            TimeoutError: It was not true within *timeout_s*; the message tells what had happened instead.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := predicate()):
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    await waiter
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s} s; so far: {describe()}") from None
        return found
