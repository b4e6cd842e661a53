"""How things stand with Discord, as a value to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkStatus(StrEnum):
    """The five ways things can stand."""

    OFF = "off"  # not started, or stopped
    CONNECTING = "connecting"  # the first connection is being made
    READY = "ready"
    LOST = "lost"  # it breaks or fails for now; tried again by itself
    REFUSED = "refused"  # Discord does not let us in until somebody changes something


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """The status, why it is so, and since when (UTC)."""

    status: LinkStatus
    reason: str
    since: datetime
