"""The kinds of event as settings and programs name them: one by one, or a whole area such as ``chat.*``."""

from __future__ import annotations

from functools import cache
from typing import get_args

from bridge.events import AnyEvent, Event, kind_of

_AREA = ".*"


@cache
def all_kinds() -> dict[str, type[Event]]:
    """Return every kind of event by its stored name."""
    return {kind_of(each): each for each in get_args(AnyEvent)}


def kinds_named(pattern: str) -> tuple[type[Event], ...]:
    """Return the kinds that a name stands for; empty if it is none."""
    if not pattern.endswith(_AREA):
        found = all_kinds().get(pattern)
        return () if found is None else (found,)
    area = pattern.removesuffix("*")
    return tuple(each for kind, each in all_kinds().items() if kind.startswith(area) and area != ".")


def known_patterns() -> tuple[str, ...]:
    """Return every name of a kind or an area, in order."""
    areas = {f"{kind.partition('.')[0]}{_AREA}" for kind in all_kinds()}
    return tuple(sorted({*all_kinds(), *areas}))
