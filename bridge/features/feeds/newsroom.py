"""What becomes of new entries: a fact each, and announcements of them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.config.settings import BridgeSettings
from bridge.events import ChannelId, FeedPublished, ServerId
from bridge.features.announcing import announcement
from bridge.features.feeds.reading import Entry, ReadFeed
from bridge.journal import Draft, RecordId, SourceName
from bridge.locales import Catalogue
from bridge.text import to_markdown

TOLD_ONE_BY_ONE: Final = 5
"""How many new entries of one look get a message of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Words what a feed brought, for the channel and the servers that the settings name."""

    name: str
    settings: BridgeSettings
    catalogue: Catalogue

    def drafts(self, feed: ReadFeed, new: Sequence[Entry], *, at: datetime) -> list[Draft]:
        """Return the facts for entries that were not known, in their order.

        The same entries give the same ids: after a crash they can be appended again.
        """
        drafts: list[Draft] = []
        for entry in new[:TOLD_ONE_BY_ONE]:
            drafts += [self._published(entry, at), *self._told(feed, entry, at)]
        rest = new[TOLD_ONE_BY_ONE:]
        drafts += [self._published(entry, at) for entry in rest]
        if rest:
            drafts += self._rest_told(feed, rest, at)
        return drafts

    def _published(self, entry: Entry, at: datetime) -> Draft:
        event = FeedPublished(
            at=min(entry.published or at, at),  # some say when it will be published
            feed=self.name,
            entry=entry.id,
            title=entry.title,
            url=entry.url,
            summary=entry.summary,
            author=entry.author,
        )
        source = SourceName(f"feed:{self.name}")
        return Draft(id=RecordId(f"{source}:{entry.id}"), source=source, place=entry.id, event=event)

    def _told(self, feed: ReadFeed, entry: Entry, at: datetime) -> list[Draft]:
        sentence = self.catalogue.text(
            "feeds.entry", source=self._source(feed), title=entry.title, url=entry.url or ""
        )
        return self._announced(entry.id, to_markdown(sentence), entry.url, at)

    def _rest_told(self, feed: ReadFeed, rest: Sequence[Entry], at: datetime) -> list[Draft]:
        sentence = self.catalogue.text(
            "feeds.more", source=self._source(feed), url=feed.url or "", count=len(rest)
        )
        ids = "\n".join(entry.id for entry in rest).encode("utf-8", "replace")
        key = f"more:{hashlib.sha256(ids).hexdigest()}"
        return self._announced(key, to_markdown(sentence), feed.url, at)

    def _announced(self, key: str, markup: str, url: str | None, at: datetime) -> list[Draft]:
        channels, servers = self._channels(), tuple(map(ServerId, self.settings.feeds[self.name].servers))
        if not channels and not servers:
            return []
        draft = announcement(
            f"feed:{self.name}", key, at=at, markup=markup, channels=channels, servers=servers, url=url
        )
        return [draft]

    def _channels(self) -> tuple[ChannelId, ...]:
        channel = self.settings.feeds[self.name].channel
        if channel is None or self.settings.discord is None:
            return ()
        return (ChannelId(self.settings.discord.channels[channel]),)

    def _source(self, feed: ReadFeed) -> str:
        return feed.title or self.name
