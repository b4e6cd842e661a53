"""What the product does, one folder a feature. Built-in ones are listed here; others come as packages."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Final

import structlog

from bridge.features.console import Console
from bridge.features.contract import BuildFeature, Feature, Parts
from bridge.features.feeds import Feeds
from bridge.features.hooks_in import HooksIn
from bridge.features.hooks_out import HooksOut
from bridge.features.nameless import Nameless
from bridge.features.news import News
from bridge.features.players import Players
from bridge.features.records import Records
from bridge.features.relay import Relay
from bridge.features.rooms import Rooms
from bridge.features.sign_in import SignIn
from bridge.features.staff import Staff
from bridge.features.status import Status

__all__ = ["BUILT_IN", "GROUP", "BuildFeature", "Feature", "Parts", "build_features"]

log = structlog.get_logger(__name__)

GROUP: Final = "passerelle.features"
"""The entry point under which installed packages offer features."""

BUILT_IN: Final[tuple[BuildFeature, ...]] = (
    Rooms,
    Relay,
    Status,
    News,
    Staff,
    Console,
    HooksIn,
    HooksOut,
    Feeds,
    Nameless,
    Players,
    Records,
    SignIn,
)


def build_features(parts: Parts) -> list[Feature]:
    """Return every feature, built-in ones first; one that cannot be loaded is left out and logged."""
    return [build(parts) for build in (*BUILT_IN, *_installed())]


def _installed() -> list[BuildFeature]:
    found: list[BuildFeature] = []
    for point in entry_points(group=GROUP):
        try:
            found.append(point.load())
        except Exception:  # somebody else's package must not stop the bridge
            log.exception("a feature cannot be loaded; the bridge runs without it", feature=point.name)
    return found
