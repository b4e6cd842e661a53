"""Points the library at the server named in the settings; the only place that knows its addresses.

The library keeps both addresses on its classes, so they hold for the whole process.
"""

from __future__ import annotations

from typing import Final

import discord.gateway
import discord.http
import yarl

from bridge.config.settings import DiscordSettings

_OFFICIAL_GATEWAY: Final = discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY


def redirect(settings: DiscordSettings) -> None:
    """Use ``discord.api-url`` and ``discord.gateway-url`` from now on."""
    discord.http.Route.BASE = settings.api_url.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = (
        _OFFICIAL_GATEWAY if settings.gateway_url is None else yarl.URL(settings.gateway_url)
    )
