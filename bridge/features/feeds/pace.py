"""When a feed is looked at again: never sooner than anybody asks for, later the longer it fails. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

LONGEST_WAIT_S: Final = 24 * 3600.0
"""However long a server asks us to stay away, or a feed fails, it is looked at once a day."""

_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_JITTER: Final = 0.1


def wait_after_reading(every_s: float, *, max_age_s: float = 0.0, ttl_s: float = 0.0) -> float:
    """Return how long to wait after a good answer: as the settings say, or the feed, if that is longer."""
    return max(every_s, min(max(max_age_s, ttl_s), LONGEST_WAIT_S))


def wait_after_failing(every_s: float, failures: int, *, retry_after_s: float = 0.0) -> float:
    """Return how long to wait after so many failures in a row: twice as long each time."""
    backoff_s = min(every_s * 2.0 ** min(failures - 1, 30), LONGEST_WAIT_S)
    return max(every_s, backoff_s, min(retry_after_s, LONGEST_WAIT_S))


def with_jitter(wait_s: float, roll: float) -> float:
    """Return the time made longer by up to a tenth; *roll* is from 0 to 1.

    Many bridges that were started together do not ask together for ever.
    """
    return wait_s * (1.0 + _JITTER * roll)


def max_age_s(headers: Mapping[str, str]) -> float:
    """Return for how long an answer says it is fresh, in seconds; 0 where it does not say."""
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    return float(found[1]) if found else 0.0
