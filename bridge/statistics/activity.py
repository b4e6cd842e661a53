"""How active a player is: the index that Plan publishes, so that communities can compare.

Plan's documentation and its class ``ActivityIndex`` have it so: for each of the last three weeks, with *t*
the time played in it and *T* a threshold of 30 minutes, a term 1 / (π/2 · t/T + 1); the index is 5 minus 5
times the mean of the three. It is 0 without play, 3.06 for half an hour each week, and never reaches 5. Bands
begin at 1, 2, 3 and 3.75. Plan leaves out time away from the keyboard, which nobody can tell from outside the
game: here *t* is all of the time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

WEEKS: Final = 3
DAYS: Final = 7 * WEEKS
"""So many days, the last one included, go into the index of a day."""
PER_SECOND: Final = math.pi / 2 / 1800
"""What a second of play adds to the denominator of its week's term."""


class Band(StrEnum):
    """A rung of the activity index."""

    INACTIVE = "inactive"
    IRREGULAR = "irregular"
    REGULAR = "regular"
    ACTIVE = "active"
    VERY_ACTIVE = "very-active"


BEGINS: Final[tuple[float, ...]] = (0.0, 1.0, 2.0, 3.0, 3.75)
"""With which index each band begins, in the order of :class:`Band`."""


def activity_index(weeks: Sequence[int]) -> float:
    """Return the index, from 0 to below 5, of the seconds played in each of the last three weeks."""
    one, two, three = (1.0 / (PER_SECOND * seconds + 1.0) for seconds in weeks)
    # In this order of operations, as the database has it, to the last bit.
    return 5.0 - 5.0 * (one + two + three) / 3.0


def band_of(index: float) -> Band:
    """Return the band that an index lies in."""
    return [band for band, begins in zip(Band, BEGINS, strict=True) if index >= begins][-1]


def bounds(band: Band) -> tuple[float, float | None]:
    """Return with which index a band begins, and before which it ends; None for the highest."""
    place = list(Band).index(band)
    return BEGINS[place], BEGINS[place + 1] if place + 1 < len(BEGINS) else None
