"""Turns what pydantic found into our own words; none of its sentences reaches a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic_core import ErrorDetails

from bridge.config.document import Document, Value, value_at
from bridge.config.fill import Filled
from bridge.config.problems import HIDDEN, LOOKS_SECRET, KeyPath, Problem, nearest, shown
from bridge.config.shape import Kind, Spot, expected, spot_at
from bridge.config.values import NAME_PATTERN, TEXT_OF

_BLOCKS = (Kind.BLOCK, Kind.NAMED, Kind.LIST)


def worded(document: Document, filled: Filled, errors: Iterable[ErrorDetails]) -> Iterator[Problem]:
    """Yield one problem for each place that *errors* are about, except where one is told already."""
    seen: set[KeyPath] = set()
    for error in errors:
        path = _path(error, filled.data)
        if path in seen or any(path[: len(spoiled)] == spoiled for spoiled in filled.spoiled):
            continue
        seen.add(path)
        message, hint = _words(error, path, filled)
        yield document.problem(path, message, hint)


def _path(error: ErrorDetails, data: Value) -> KeyPath:
    """Follow pydantic's place as far as the values go: it ends in names of its own for unions."""
    path: KeyPath = ()
    for step in error["loc"]:
        value = value_at(data, path)
        if step == "[key]":
            break
        if not isinstance(value, (dict, list)):
            break
        if isinstance(value, dict) and step not in value and error["type"] != "missing":
            break
        path = (*path, step)
    return path


def _words(error: ErrorDetails, path: KeyPath, filled: Filled) -> tuple[str, str | None]:
    spot = spot_at(path)
    if error["type"] == "extra_forbidden" or spot is None:
        return _unknown(path)
    if error["type"] == "missing":
        return "is missing", spot.description or None
    if error["loc"] and error["loc"][-1] == "[key]":
        return f"the key is not {TEXT_OF[NAME_PATTERN]}", None
    value = value_at(filled.data, path)
    told = _told(value, path, spot, filled)
    if error["type"] == "value_error":
        return f"{told} {error['ctx']['error']}", None
    return f"{told} is not {expected(spot)}", _hint(value, spot)


def _unknown(path: KeyPath) -> tuple[str, str | None]:
    above = spot_at(path[:-1])
    known = list(above.keys) if above and above.keys else []
    secrets = [f"{key}-file" for key in known if above and above.keys and above.keys[key].kind is Kind.SECRET]
    near = nearest(str(path[-1]), [*known, *secrets]) if path else None
    return "is not a setting", near or (f"known here: {', '.join(known)}" if known else None)


def _told(value: Value, path: KeyPath, spot: Spot, filled: Filled) -> str:
    """Return the value as it may be shown: never a secret, never what a variable holds."""
    written = filled.written.get(path)
    if spot.kind is Kind.SECRET:
        return HIDDEN
    if isinstance(value, dict):
        return "a block" if value else "an empty block"
    if isinstance(value, list):
        return "a list"
    if spot.kind in _BLOCKS and isinstance(value, str):
        return "a text"  # it may be a secret that slipped to the wrong place
    if written is not None:
        return HIDDEN if LOOKS_SECRET.search(written) else f"what {written} stands for"
    return shown(value)


def _hint(value: Value, spot: Spot) -> str | None:
    textual = spot.kind in (Kind.TEXT, Kind.SECRET, Kind.WORDING, Kind.PATH)
    if isinstance(value, int) and textual:
        digits = spot.pattern is not None and not isinstance(value, bool)
        return "write the id in quotes" if digits and spot.kind is Kind.TEXT else "write it in quotes"
    if isinstance(value, dict) and spot.kind is Kind.WORDING:
        return "each form is a text in quotes"
    if isinstance(value, dict) and textual:
        return "a text that begins with '{' needs quotes"
    if spot.kind is Kind.CHOICE and isinstance(value, str):
        return nearest(value, (str(choice) for choice in spot.choices))
    return None
