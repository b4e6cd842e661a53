"""How facts are told in a feed: a title in plain words and a text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridge.events import (
    AnnouncementMade,
    AnyEvent,
    Event,
    PlayerAdvanced,
    ServerId,
    ServerLost,
    ServerRecovered,
    ServerStarted,
    ServerStopping,
)
from bridge.features.announcing import markup_of
from bridge.features.news.atom import Entry, tag
from bridge.features.telling import Teller
from bridge.store.happenings import EVERYWHERE, Happening
from bridge.text import RichText, mask_addresses, parse_markdown, to_html
from bridge.text.address import safe_url

LONGEST_TITLE: Final = 100  # characters

OF_SERVERS: Final[tuple[type[Event], ...]] = (
    ServerStarted,
    ServerStopping,
    ServerLost,
    ServerRecovered,
    AnnouncementMade,
)
"""What a server's feed always tells; who comes and goes is nobody's news."""

_SENTENCES: Final[dict[type[Event], str]] = {
    ServerStarted: "news.started",
    ServerStopping: "news.stopping",
    ServerLost: "news.lost",
    ServerRecovered: "news.recovered",
}


@dataclass(frozen=True, slots=True)
class Editor:
    """Words facts for feeds in one language."""

    teller: Teller
    public_url: str | None  # without a slash at the end
    authority: str  # the name of the site's host

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """What the feed of a server tells."""
        named = self.teller.settings.website.show_players
        advancements = named and self.teller.notice_settings("advancement").enabled
        return (*OF_SERVERS, PlayerAdvanced) if advancements else OF_SERVERS

    def entry(self, happening: Happening) -> Entry | None:
        """Return a fact as an entry; None for what names somebody who is hidden, or says nothing."""
        text = self._text(happening.event, happening.server)
        if text is None or not text.plain.strip():
            return None
        first = next(iter(text.lines()), text)
        return Entry(
            id=tag(self.authority, f"journal/{happening.position}"),
            title=first.truncate(LONGEST_TITLE).plain,
            at=happening.event.at,
            html=to_html(text),
            url=self._url(happening.event),
        )

    def _text(self, event: AnyEvent, told: ServerId) -> RichText | None:
        key = _SENTENCES.get(type(event))
        if key is not None:
            server = getattr(event, "server", "")
            return self.teller.catalogue.text(key, server=self.teller.server_title(server))
        if isinstance(event, AnnouncementMade):
            said = parse_markdown(markup_of(event, for_servers=told != EVERYWHERE))
            return mask_addresses(said) if self.teller.settings.privacy.mask_addresses else said
        return self.teller.notice(event)

    def _url(self, event: AnyEvent) -> str | None:
        if isinstance(event, AnnouncementMade):
            return safe_url(event.url) if event.url is not None else self.public_url
        server = getattr(event, "server", None)
        if self.public_url is None or server is None:
            return self.public_url
        return f"{self.public_url}/servers/{server}"
