"""News as a feature: the newest facts of each server, and the feeds that tell them."""

from __future__ import annotations

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.news.pages import FeedPages
from bridge.features.news.reading import keep_happenings
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.supervise import keep_alive


class News:
    """Keeps and tells what is new."""

    name = "news"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._teller = Teller(parts.settings, parts.catalogue)
        if parts.site is not None:
            self.pages = FeedPages(parts, parts.site, lambda: self._teller)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Word things as the settings now say."""
        self._teller = Teller(settings, catalogue)

    async def prepare(self) -> None:
        """Need nothing: the reader begins at the beginning."""

    async def run(self) -> None:
        """Keep what is new until cancelled."""
        await keep_alive("happenings", lambda: keep_happenings(self._parts.journal, self._parts.store))
