"""Records as a feature: the endpoints, and the stream that they share."""

from __future__ import annotations

import asyncio

from bridge.config.settings import BridgeSettings
from bridge.features.contract import Parts
from bridge.features.records.api import RecordsApi
from bridge.locales import Catalogue
from bridge.supervise import keep_alive


class Records:
    """Shows the journal to programs."""

    name = "records"

    def __init__(self, parts: Parts) -> None:
        self._api = RecordsApi(parts, parts.site) if parts.site is not None else None

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Go on: nothing here depends on settings that may change."""

    async def prepare(self) -> None:
        """Need nothing: streams begin where the journal ends."""

    async def run(self) -> None:
        """Tell streams what is added until cancelled."""
        if self._api is None:
            await asyncio.Event().wait()
        else:
            await keep_alive("record stream", self._api.run)
