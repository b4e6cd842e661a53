"""The staff's desk as a feature: it reports on servers, Discord and readers, and serves the pages."""

from __future__ import annotations

import asyncio

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.staff.pages import StaffPages
from bridge.features.staff.reports import discord_report, reader_queues, server_reports
from bridge.features.staff.token_pages import TokenPages
from bridge.locales import Catalogue


class Staff:
    """Shows staff how everything is."""

    name = "staff"

    def __init__(self, parts: Parts) -> None:
        parts.board.add_reports(lambda: server_reports(parts))
        parts.board.add_reports(lambda: discord_report(parts))
        parts.board.add_queues(lambda: reader_queues(parts))
        self._pages: StaffPages | None = None
        if parts.site is not None:
            self._pages = StaffPages(parts, parts.site)
            TokenPages(parts.site)

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:  # noqa: ARG002 - pages ask the site for words
        """Show the settings as they now are."""
        if self._pages is not None:
            self._pages.settings = settings

    async def prepare(self) -> None:
        """Need nothing."""

    async def run(self) -> None:
        """Wait: pages are made when somebody asks for them."""
        await asyncio.Event().wait()
