"""How a feature lets the bridge tell something: as a fact for the journal, which the relay delivers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bridge.events import AnnouncementMade, ChannelId, ServerId
from bridge.journal import Draft, RecordId, SourceName


def announcement(
    origin: str,
    key: str,
    *,
    at: datetime,
    markup: str,
    channels: Iterable[ChannelId],
    servers: Iterable[ServerId],
    url: str | None = None,
) -> Draft:
    """Return the fact that something is to be told; appending it again tells it no second time.

    Args:
        origin: What asks for it: ``hook:shop``, ``feed:blog``, ``nameless``.
        key: What caused it, in the origin's own terms: the same for the same thing after a restart.
        at: When it was made.
        markup: The words, in Discord's markdown.
        channels: The Discord channels that are told.
        servers: The servers that are told.
        url: Where there is more.
    """
    source = SourceName(f"announce:{origin}")
    event = AnnouncementMade(
        at=at, origin=origin, markup=markup, channels=tuple(channels), servers=tuple(servers), url=url
    )
    return Draft(id=RecordId(f"{source}:{key}"), source=source, place=key, event=event)
