"""What a feature is given and what it must offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from bridge.config.permissions import Rules
from bridge.config.settings import BridgeSettings
from bridge.discord import DiscordLink
from bridge.events import ServerId
from bridge.features.board import Board
from bridge.journal import Journal
from bridge.locales import Catalogue
from bridge.minecraft import GameServer
from bridge.store import Store
from bridge.website import Site


def utc_now() -> datetime:
    """Return the time by the bridge's own clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The rooms of the house, as a feature may use them; what the settings leave out is None."""

    settings: BridgeSettings
    catalogue: Catalogue
    journal: Journal
    store: Store
    servers: Mapping[ServerId, GameServer] = field(default_factory=dict)
    discord: DiscordLink | None = None
    site: Site | None = None
    board: Board = field(default_factory=Board)
    rules: Rules = field(default_factory=Rules)
    now: Callable[[], datetime] = utc_now


class Feature(Protocol):
    """One thing the product does. Commands and pages are registered while it is built."""

    @property
    def name(self) -> str:
        """The name under which its readers, tasks and log lines are known."""

    async def prepare(self) -> None:
        """Do what has to be done before the first fact arrives; what fails is tried again by :meth:`run`."""

    async def run(self) -> None:
        """Read and act until cancelled."""

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Go on with changed settings; only those named reloadable differ."""


BuildFeature: TypeAlias = Callable[[Parts], Feature]
