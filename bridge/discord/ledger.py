"""The journal as a source uses it: patient, so that nothing is lost while it takes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from bridge.events import ChatSaid
from bridge.journal import Draft, Journal, JournalError, SourceName

log = structlog.get_logger(__name__)

_RETRY_S: Final = 1.0  # it is on this machine, and people wait for what was said
_MOST_AT_ONCE: Final = 200  # drafts in one append

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One source's view of the journal; while the journal fails, its methods wait instead of raising."""

    journal: Journal
    source: SourceName
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def place(self) -> str | None:
        """Return where the source resumes; None if it has never kept anything."""
        record = await self._patiently(lambda: self.journal.last(self.source))
        return None if record is None else record.place

    async def newest_said(self, most: int) -> frozenset[str]:
        """Return the ids of up to *most* messages that were kept last."""
        records = await self._patiently(lambda: self.journal.recent(self.source, (ChatSaid,), most=most))
        events = (record.event for record in records)
        return frozenset(event.message for event in events if isinstance(event, ChatSaid) and event.message)

    async def keep(self, drafts: Sequence[Draft]) -> None:
        """Append the drafts in order; those that are there already are passed over."""
        for start in range(0, len(drafts), _MOST_AT_ONCE):
            some = drafts[start : start + _MOST_AT_ONCE]
            await self._patiently(lambda some=some: self.journal.append(*some))  # type: ignore[misc] # a default binds it now

    async def _patiently(self, action: Callable[[], Awaitable[_T]]) -> _T:
        tell = log.warning
        while True:
            try:
                return await action()
            except JournalError as exc:
                tell("the journal does not answer; waiting", source=self.source, problem=str(exc))
                tell = log.debug
                await self.sleep(_RETRY_S)
