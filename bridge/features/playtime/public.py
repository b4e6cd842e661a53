"""What the settings make public of players' figures."""

from __future__ import annotations

from bridge.config.settings import BridgeSettings, PlayerField
from bridge.statistics.rankings import By


def public_fields(settings: BridgeSettings) -> frozenset[PlayerField]:
    """Return what everybody may see of a player; nothing where players have no public page."""
    website = settings.website
    return website.player_fields if website.show_players else frozenset()


def has_leaderboard(settings: BridgeSettings) -> bool:
    """Tell whether everybody may see who played most."""
    return settings.website.leaderboard and settings.website.show_players


def compared(settings: BridgeSettings) -> tuple[By, ...]:
    """Return what the public leaderboard compares: play time, and what players' pages show, too."""
    fields = public_fields(settings)
    shown = {By.DEATHS: PlayerField.DEATHS, By.ADVANCEMENTS: PlayerField.ADVANCEMENTS}
    return (By.SECONDS, *(by for by, field in shown.items() if field in fields))
