"""What the product does, one folder a feature. Built-in ones are listed here; others come as packages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Final

import structlog

from bridge.config.settings import BridgeSettings
from bridge.features.console import Console
from bridge.features.contract import BuildFeature, Feature, Parts
from bridge.features.figures import Figures
from bridge.features.hooks_out import HooksOut
from bridge.features.news import News
from bridge.features.players import Players
from bridge.features.playtime import Playtime
from bridge.features.queries import Queries
from bridge.features.records import Records
from bridge.features.relay import Relay
from bridge.features.rooms import Rooms
from bridge.features.sessions import Sessions
from bridge.features.sign_in import SignIn
from bridge.features.staff import Staff
from bridge.features.status import Status
from bridge.features.uptime import Uptime

__all__ = ["ALWAYS", "GROUP", "BuildFeature", "Feature", "Parts", "build_features"]

log = structlog.get_logger(__name__)

GROUP: Final = "passerelle.features"
"""The entry point under which installed packages offer features."""

ALWAYS: Final[tuple[BuildFeature, ...]] = (
    Rooms,
    Relay,
    Status,
    News,
    Staff,
    Console,
    HooksOut,
    Players,
    Playtime,
    Records,
    Sessions,
    Uptime,
    Figures,
    Queries,
    SignIn,
)
"""Built-in features that every bridge has."""


def build_features(parts: Parts) -> list[Feature]:
    """Return every feature, built-in ones first; one that cannot be loaded is left out and logged."""
    return [build(parts) for build in (*ALWAYS, *_asked_for(parts.settings), *_installed())]


def _asked_for(settings: BridgeSettings) -> Iterator[BuildFeature]:
    """Yield what few communities use; its modules are read only for them, since they stay in memory."""
    if settings.hooks.incoming:
        from bridge.features.hooks_in import HooksIn  # noqa: PLC0415 - as the docstring says

        yield HooksIn
    if settings.feeds:
        from bridge.features.feeds import Feeds  # noqa: PLC0415 - same

        yield Feeds
    if settings.nameless is not None:
        from bridge.features.nameless import Nameless  # noqa: PLC0415 - same

        yield Nameless
    if settings.status_channel is not None:
        from bridge.features.status_channel import StatusChannel  # noqa: PLC0415 - same

        yield StatusChannel
    if any(server.folder is not None for server in settings.servers.values()):
        from bridge.features.vanilla import Vanilla  # noqa: PLC0415 - same

        yield Vanilla


def _installed() -> list[BuildFeature]:
    found: list[BuildFeature] = []
    for point in entry_points(group=GROUP):
        try:
            found.append(point.load())
        except Exception:  # somebody else's package must not stop the bridge
            log.exception("a feature cannot be loaded; the bridge runs without it", feature=point.name)
    return found
