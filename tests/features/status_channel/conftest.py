"""Scenes to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.events import ServerId
from bridge.features.status_channel.scenes import Phase, Present, Scene

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOON_S = int(NOON.timestamp())


def survival(
    phase: Phase = Phase.UP, *, players: int = 2, online: int | None = None, title: str = "Survival"
) -> Scene:
    """A server with so many named players, who came one an hour."""
    up = phase is Phase.UP
    named = tuple(
        Present(name=f"Player_{number}", since=NOON - timedelta(hours=players - number))
        for number in range(players)
    )
    return Scene(
        id=ServerId("survival"),
        title=title,
        phase=phase,
        since=NOON - timedelta(days=1),
        online=(players if online is None else online) if up else None,
        maximum=20 if up else None,
        players=named if up else None,
        version="26.3",
        address="mc.example.org",
        restart=NOON + timedelta(hours=16),
    )
