"""Players as a feature."""

from __future__ import annotations

import asyncio

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.players.api import PlayersApi
from bridge.features.players.pages import PlayerPages
from bridge.locales import Catalogue


class Players:
    """Shows players."""

    name = "players"

    def __init__(self, parts: Parts) -> None:
        self._api = PlayersApi(parts, parts.site) if parts.site is not None else None
        self.pages = PlayerPages(parts, parts.site) if parts.site is not None else None

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Show what the settings now make public."""
        if self._api is not None:
            self._api.configure(settings, catalogue)
        if self.pages is not None:
            self.pages.configure(settings)

    async def prepare(self) -> None:
        """Need nothing: the store knows the players."""

    async def run(self) -> None:
        """Wait until cancelled: requests are answered when they come."""
        await asyncio.Event().wait()
