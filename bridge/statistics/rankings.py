"""What players are compared by."""

from __future__ import annotations

from enum import StrEnum


class By(StrEnum):
    """A figure of players by its name in the tables."""

    SECONDS = "seconds"
    DEATHS = "deaths"
    ADVANCEMENTS = "advancements"
    SAID = "said"
