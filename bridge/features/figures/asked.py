"""What a visitor of the figures asks for: which server, which period. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bridge.events import ServerId
from bridge.features.figures.periods import Period
from bridge.statistics.calendar import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A server, or all of them, and a period."""

    server: ServerId | None
    period: Period

    def query(self, **changes: str) -> str:
        """Return the part of an address that asks for this, or for something else instead."""
        own = {"server": self.server or "", "period": self.period.name}
        return "&".join(f"{name}={value}" for name, value in (own | changes).items() if value)


def read(query: Mapping[str, str], servers: Collection[str], zone: ZoneInfo, *, now_ms: int) -> Asked:
    """Return what a query asks for; where it makes no sense, all servers and the last whole week."""
    server = query.get("server", "")
    return Asked(server=ServerId(server) if server in servers else None, period=_period(query, zone, now_ms))


def _period(query: Mapping[str, str], zone: ZoneInfo, now_ms: int) -> Period:
    spans = {span.name.lower(): span for span in (Span.DAY, Span.WEEK, Span.MONTH)}
    if (span := spans.get(query.get("span", ""))) is not None:
        return Period.at(span, now_ms, zone).before
    try:
        return Period.named(query.get("period", ""), zone)
    except ValueError:
        return Period.at(Span.WEEK, now_ms, zone).before
