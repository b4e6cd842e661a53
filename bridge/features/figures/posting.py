"""Posts reports to a Discord channel, each once, whatever stops when."""

from __future__ import annotations

import asyncio
import importlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from bridge.discord import (
    ChannelGone,
    DiscordError,
    DiscordLink,
    DiscordUnavailable,
    Forbidden,
    HistoryTooLong,
    Sent,
    message_id_at,
)
from bridge.discord.boards import ALL_CARDS_LIMIT, DESCRIPTION_LIMIT, MOST_CARDS, Boards, Card, Panel, Picture
from bridge.events import ChannelId
from bridge.features.contract import Parts
from bridge.features.figures.courier import NotSent
from bridge.features.figures.periods import Period
from bridge.features.telling import Teller
from bridge.store.reports import Sending, forget_sending, save_sending, sending

if TYPE_CHECKING:
    from bridge.features.figures.making import Made

log = structlog.get_logger(__name__)

DESTINATION: Final = "discord"
_SAME_NONCE: Final = timedelta(minutes=2)  # Discord remembers one for "a few minutes"
_CLOCKS: Final = timedelta(minutes=2)  # so far may Discord's clock be from ours
_AGAIN_S: Final = 30.0  # after an outage
_SELDOM_S: Final = 300.0  # where somebody has to change something
_GREEN: Final = 0x009E73
_ROOM: Final = 200  # characters that are left free below Discord's limit of all cards together


class ChannelPost:
    """A Discord channel that gets reports."""

    name = DESTINATION

    def __init__(
        self, parts: Parts, teller: Callable[[], Teller], discord: DiscordLink, channel: ChannelId
    ) -> None:
        self._parts, self._teller = parts, teller
        self._discord, self._boards, self._channel = discord, discord.boards(), channel

    async def send(self, period: Period) -> bool:
        """Post the report of a period unless it is there; return whether it was posted just now.

        Raises:
            NotSent: It could not be.
        """
        async with self._parts.store.reading() as conn:
            before = await sending(conn, period.name, DESTINATION)
        if before is not None and before.sent_at is not None:
            return False
        await self._discord.ready.wait()
        try:
            if before is not None and await _arrived(before, self._boards, self._channel) is not None:
                await self._note(before)
            else:
                await self._post(period, before)
        except DiscordError as exc:
            raise _not_sent(exc) from exc
        return True

    async def _post(self, period: Period, before: Sending | None) -> None:
        """Post it; *before* is what was under way and has not arrived."""
        panel, now = await self._panel(period), self._parts.now()
        nonce = f"report-{secrets.token_hex(8)}"
        if before is not None and now - before.begun_at < _SAME_NONCE:
            nonce = before.nonce  # it may still arrive: then Discord answers with it and posts nothing
        row = Sending(
            report=period.name,
            destination=DESTINATION,
            mark=panel.mark,
            nonce=nonce,
            first_at=now if before is None else before.first_at,
            begun_at=now,
        )
        await self._save(row)
        try:
            await self._boards.put(panel, self._channel, nonce=nonce)
        except DiscordError as exc:
            if not (isinstance(exc, DiscordUnavailable) and exc.outcome_unknown):
                await self._never_sent(period, before)
            raise
        await self._note(row)

    async def _never_sent(self, period: Period, before: Sending | None) -> None:
        """Note that nothing new is under way: what was before is still in doubt, or nothing."""
        if before is not None:
            await self._save(before)
            return
        async with self._parts.store.transaction() as tx:
            await forget_sending(tx, period.name, DESTINATION)

    async def _note(self, row: Sending) -> None:
        await self._save(msgspec.structs.replace(row, sent_at=self._parts.now()))

    async def _save(self, row: Sending) -> None:
        async with self._parts.store.transaction() as tx:
            await save_sending(tx, row)

    async def _panel(self, period: Period) -> Panel:
        await asyncio.to_thread(importlib.import_module, "bridge.features.figures.making")
        from bridge.features.figures.making import made  # noqa: PLC0415 - charts take memory

        return panel_of(await made(self._parts, self._teller(), period))


def panel_of(made: Made) -> Panel:
    """Return a report as a message: a card for all servers with the picture, and one for each that fits."""
    from bridge.features.figures.making import PICTURE  # noqa: PLC0415 - whoever made one has read it
    from bridge.features.figures.report_formats import section_markdown  # noqa: PLC0415 - same

    first, *others = made.told.sections
    head = f"{made.told.about}\n\n{section_markdown(first, made.words)}"
    if made.picture is None and made.spark:
        head += f"\n\n{made.spark}"
    cards = [
        Card(
            title=made.told.title,
            description=_cut(head),
            colour=_GREEN,
            url=made.link,
            pictured=made.picture is not None,
        )
    ]
    for section in others:
        card = Card(
            title=section.title, description=_cut(section_markdown(section, made.words)), colour=_GREEN
        )
        if len(cards) == MOST_CARDS or sum(each.size for each in (*cards, card)) > ALL_CARDS_LIMIT - _ROOM:
            break  # the page has the rest
        cards.append(card)
    picture = None if made.picture is None else Picture(name=PICTURE, content=made.picture)
    return Panel(cards=tuple(cards), picture=picture)


def _cut(text: str) -> str:
    return (
        text if len(text) <= DESCRIPTION_LIMIT else text[: DESCRIPTION_LIMIT - 2].rsplit("\n", 1)[0] + "\n…"
    )


async def _arrived(before: Sending, boards: Boards, channel: ChannelId) -> Sent | None:
    """Look for the message that was under way; None if it has not arrived, as far as can be seen."""
    try:
        return await boards.find(channel, before.mark, after=message_id_at(before.begun_at - _CLOCKS))
    except HistoryTooLong as exc:
        log.warning("a report may be there twice", report=before.report, problem=str(exc))
        return None


def _not_sent(error: DiscordError) -> NotSent:
    match error:
        case DiscordUnavailable():
            return NotSent(str(error), again_s=max(error.retry_after_s or 0.0, _AGAIN_S))
        case Forbidden():
            return NotSent(str(error), again_s=_SELDOM_S, advice="reports.advice.permission")
        case ChannelGone():
            return NotSent(str(error), again_s=_SELDOM_S, advice="reports.advice.channel")
    return NotSent(str(error), again_s=_SELDOM_S)
