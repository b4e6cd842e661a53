"""Everything that sends reports by itself, as the settings ask for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bridge.events import ChannelId
from bridge.features.board import Report
from bridge.features.contract import Parts
from bridge.features.figures.courier import Courier, Destination
from bridge.features.figures.schedule import Order, orders
from bridge.features.telling import Teller
from bridge.supervise import keep_alive

_CAUGHT_UP_S: Final = 600.0  # a log that takes longer is told of by its own source
_COUNTED_S: Final = 120.0  # figures are made once a minute


class _Sent(NamedTuple):
    """A courier with what staff call it."""

    courier: Courier
    order: str
    to: str


class Sender:
    """Sends reports when they are due."""

    def __init__(
        self,
        parts: Parts,
        teller: Callable[[], Teller],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._parts, self._teller, self._pause = parts, teller, pause
        zone = ZoneInfo(parts.settings.community.time_zone)
        self._couriers = tuple(
            each for order in orders(parts.settings.reports, zone) for each in self._of(order)
        )
        if self._couriers:
            parts.board.add_reports(self._reports)

    async def run(self) -> None:
        """Send until cancelled; first, what happened while the bridge was off is counted."""
        await self._counted()
        async with asyncio.TaskGroup() as tasks:
            for courier, order, to in self._couriers:
                tasks.create_task(keep_alive(f"{order} report to {to}", courier.run))

    async def _counted(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CAUGHT_UP_S):
                for server in self._parts.servers.values():
                    if server.log is not None:
                        await server.log.caught_up.wait()
        await self._pause(_COUNTED_S)

    def _of(self, order: Order) -> Iterator[_Sent]:
        parts, settings = self._parts, self._parts.settings
        if order.channel is not None and parts.discord is not None and settings.discord is not None:
            from bridge.features.figures.posting import ChannelPost  # noqa: PLC0415 - only for whom it is set

            channel = ChannelId(settings.discord.channels[order.channel])
            post = ChannelPost(parts, self._teller, parts.discord, channel)
            yield _Sent(self._courier(order, post), order.name, f"#{order.channel}")
        if order.mail and settings.mail is not None:
            from bridge.features.figures.mailing import MailPost  # noqa: PLC0415 - same

            for address in order.mail:
                mail = MailPost(parts, self._teller, settings.mail, address)
                yield _Sent(self._courier(order, mail), order.name, address)

    def _courier(self, order: Order, destination: Destination) -> Courier:
        return Courier(
            f"{order.name}:{destination.name}",
            order.schedule,
            destination,
            now=self._parts.now,
            pause=self._pause,
        )

    async def _reports(self) -> list[Report]:
        say = self._teller().catalogue.plain
        return [
            courier.report(say(f"reports.source.{order}", to=to)) for courier, order, to in self._couriers
        ]
