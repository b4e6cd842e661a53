"""What checks of the settings find, and how they look at the plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.config.document import Value, value_at
from bridge.config.problems import KeyPath, dotted, nearest

LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1", "0.0.0.0"))  # noqa: S104 - compared, not bound
"""Hosts that are this machine."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say about one place; *advice* keeps nothing from starting."""

    path: KeyPath
    message: str
    hint: str | None = None
    advice: bool = False


Findings: TypeAlias = Iterator[Finding]


def block_at(data: Value, *path: str | int) -> dict[str, Value]:
    """Return the block at a place; an empty one for anything else."""
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def texts_at(data: Value, *path: str | int) -> Iterator[tuple[KeyPath, str]]:
    """Yield the texts of a list, each with its place."""
    found = value_at(data, path)
    for index, item in enumerate(found if isinstance(found, list) else []):
        if isinstance(item, str):
            yield (*path, index), item


def is_on(data: Value, *path: str | int) -> bool:
    """Tell whether a switch is on; one that is left out is not."""
    return value_at(data, path) in (True, "true", "on", "yes")


def is_off(data: Value, *path: str | int) -> bool:
    """Tell whether a switch is off; one that is left out is not."""
    return value_at(data, path) in (False, "false", "off", "no")


def unknown_name(path: KeyPath, name: str, where: str, known: dict[str, Value]) -> Finding:
    """Return that a name is no key of a block, with the nearest that is one."""
    hint = nearest(name, known) or (f"known are: {', '.join(known)}" if known else f"{where} is empty")
    return Finding(path, f"'{name[:60]}' is not a name under {where}", hint)


def name_at(data: dict[str, Value], path: KeyPath, *known: str) -> Findings:
    """Yield what is wrong with the name at a place if it is no key of a block."""
    name, block = value_at(data, path), block_at(data, *known)
    if isinstance(name, str) and name not in block:
        yield unknown_name(path, name, dotted(known), block)


def names_at(data: dict[str, Value], path: KeyPath, *known: str) -> Findings:
    """Yield what is wrong with every name in a list that is no key of a block."""
    for each, _ in texts_at(data, *path):
        yield from name_at(data, each, *known)
