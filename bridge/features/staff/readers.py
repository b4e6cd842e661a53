"""What the readers of the journal are called: by staff, not by the daemon's log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bridge.features.naming import Names

_ALONE: Final = {
    "archive": "staff.reader.archive",
    "happenings": "staff.reader.happenings",
    "metrics": "staff.reader.metrics",
}
_LEADING_SOMEWHERE: Final[dict[str, tuple[str, Callable[[Names, str], str]]]] = {
    "relay:discord": ("staff.reader.relay-discord", Names.channel),
    "relay:game": ("staff.reader.relay-game", Names.server),
    "hooks:console": ("staff.reader.hooks-console", Names.server),
    "hooks:out": ("staff.reader.hooks-out", lambda _names, hook: hook),
}


def reader_sentence(reader: str, names: Names) -> tuple[str, str] | None:
    """Return the key of a reader's name and where it leads; None for one that only a package knows."""
    if reader in _ALONE:
        return _ALONE[reader], ""
    way, _, where = reader.rpartition(":")
    if way not in _LEADING_SOMEWHERE:
        return None
    key, name_of = _LEADING_SOMEWHERE[way]
    return key, name_of(names, where)
