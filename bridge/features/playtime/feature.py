"""Players' figures as a feature; what makes its answers is read when somebody asks for the first one."""

from __future__ import annotations

import asyncio

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.playtime.api import PlaytimeApi
from bridge.features.playtime.commands import playtime_commands
from bridge.features.playtime.pages import PlaytimePages
from bridge.locales import Catalogue


class Playtime:
    """Tells who has played how long."""

    name = "playtime"

    def __init__(self, parts: Parts) -> None:
        self._settings = parts.settings
        self.pages: PlaytimePages | None = None
        self._api: PlaytimeApi | None = None
        if parts.discord is not None:
            for command in playtime_commands(parts, lambda: self._settings):
                parts.discord.add_command(command)
        if parts.site is not None:
            self.pages = PlaytimePages(parts, parts.site)
            self._api = PlaytimeApi(parts, parts.site)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:  # noqa: ARG002 - pages ask the site for words
        """Show what the settings now make public."""
        self._settings = settings
        if self.pages is not None:
            self.pages.configure(settings)
        if self._api is not None:
            self._api.configure(settings)

    async def prepare(self) -> None:
        """Need nothing: the store has the figures."""

    async def run(self) -> None:
        """Wait until cancelled: requests are answered when they come."""
        await asyncio.Event().wait()
