"""The messages of one channel, in order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.values import Message


class MessageLog:
    """Messages by id; keeps the newest *most* of them, or all."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._order: list[int] = []
        self._by_id: dict[Snowflake, Message] = {}
        self.created = 0  # how many there ever were

    def add(self, message: Message) -> None:
        """Add a message that is newer than all others."""
        self._order.append(int(message.id))
        self._by_id[message.id] = message
        self.created += 1
        if self._most is not None and len(self._order) > self._most:
            del self._by_id[Snowflake(str(self._order.pop(0)))]

    def replace(self, message: Message) -> None:
        """Put an edited message in the place of the one with its id."""
        self._by_id[message.id] = message

    def remove(self, message: Snowflake) -> Message | None:
        """Take a message out and return it; None if there is none with this id."""
        found = self._by_id.pop(message, None)
        if found is not None:
            del self._order[bisect_left(self._order, int(message))]
        return found

    def get(self, message: Snowflake) -> Message | None:
        """Return a message by id."""
        return self._by_id.get(message)

    def all(self) -> list[Message]:
        """Return every message, oldest first."""
        return list(self._by_id.values())

    def before(self, edge: int | None, most: int) -> list[Message]:
        """Return the newest messages older than *edge*, or the newest of all; newest first."""
        end = len(self._order) if edge is None else bisect_left(self._order, edge)
        return self._pick(self._order[max(0, end - most) : end])

    def after(self, edge: int, most: int) -> list[Message]:
        """Return the messages that come next after *edge*; newest first."""
        begin = bisect_right(self._order, edge)
        return self._pick(self._order[begin : begin + most])

    def around(self, middle: int, most: int) -> list[Message]:
        """Return messages on both sides of *middle*; newest first."""
        begin = max(0, bisect_left(self._order, middle) - most // 2)
        return self._pick(self._order[begin : begin + most])

    def _pick(self, ids: Iterable[int]) -> list[Message]:
        return [self._by_id[Snowflake(str(one))] for one in reversed(list(ids))]
