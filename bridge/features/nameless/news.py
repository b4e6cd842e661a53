"""Tells the site's announcements: each once, and again when it was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bridge.events import ChannelId, ServerId
from bridge.features.announcing import announcement
from bridge.features.nameless.answers import SiteAnnouncement
from bridge.features.nameless.api import NamelessApi
from bridge.journal import Draft, Journal
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.nameless import keep_announcements, known_announcements
from bridge.text import to_markdown
from bridge.text.parse_html import parse_html, plain_of_html

EVERY_S: Final = 300.0
ORIGIN: Final = "nameless"
MOST_HEADER: Final = 200
MOST_TEXT: Final = 1500  # visible characters; with its header and marks it fits into one message


class News:
    """Looks at the announcements that everybody may read and makes new ones facts.

    The first look at a site stores what is there and tells nothing.
    """

    def __init__(
        self,
        api: NamelessApi,
        store: Store,
        journal: Journal,
        *,
        site: str,
        channels: tuple[ChannelId, ...],
        servers: tuple[ServerId, ...],
        catalogue: Callable[[], Catalogue],
        now: Callable[[], datetime],
    ) -> None:
        self._api, self._store, self._journal = api, store, journal
        self._site, self._channels, self._servers = site, channels, servers
        self._catalogue, self._now = catalogue, now

    async def once(self) -> None:
        """Look, and append what is new.

        Raises:
            NamelessError: The site did not tell.
            JournalError: It could not be appended; the next look finds it again.
        """
        found = sorted(await self._api.announcements(), key=lambda each: each.id)
        async with self._store.reading() as conn:
            known = await known_announcements(conn, self._site)
        new = [each for each in found if known is None or known.get(str(each.id)) != digest(each)]
        if known is not None and not new:
            return
        if known is not None:
            await self._journal.append(*(self._draft(each, changed=str(each.id) in known) for each in new))
        # Only now: what is appended twice is told once, what is noted too early would never be told.
        async with self._store.transaction() as tx:
            digests = {str(each.id): digest(each) for each in new}
            await keep_announcements(tx, self._site, digests, at=self._now())

    def _draft(self, each: SiteAnnouncement, *, changed: bool) -> Draft:
        text = parse_html(each.message, base=self._site).truncate(MOST_TEXT)
        key = "nameless.announcement-changed" if changed else "nameless.announcement"
        header = " ".join(plain_of_html(each.header).split())[:MOST_HEADER]
        return announcement(
            ORIGIN,
            f"{self._site}:{each.id}:{digest(each)}",
            at=self._now(),
            markup=to_markdown(self._catalogue().text(key, header=header, text=text)).strip(),
            channels=self._channels,
            servers=self._servers,
            url=self._site,
        )


def digest(each: SiteAnnouncement) -> str:
    """Return what tells one wording of an announcement from another."""
    return hashlib.sha256(f"{each.header}\0{each.message}".encode(errors="replace")).hexdigest()[:32]
