"""What the settings may hold at each place, read once from the frozen classes.

The wording of problems, the search for secrets in files, the JSON Schema and the tests of the annotated
example all follow this one description.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.config.problems import KeyPath
from bridge.config.settings import BridgeSettings, Settings
from bridge.config.values import TEXT_OF, format_duration


class Kind(StrEnum):
    """The kinds of value."""

    BLOCK = "block"  # known keys
    NAMED = "named"  # names of the owner's choice
    LIST = "list"
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind of value, not one
    WORDING = "wording"  # a text, or texts by plural form
    WHOLE = "whole"
    SWITCH = "switch"
    CHOICE = "choice"
    DURATION = "duration"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place in the settings."""

    kind: Kind
    description: str = ""
    required: bool = False
    default: object = None
    nothing: bool = False  # "nothing" is a value here
    keys: Mapping[str, Spot] | None = None  # of a block, by the key as written
    item: Spot | None = None  # of a list, or the values of named blocks
    choices: tuple[str | int, ...] = ()
    least: float | None = None
    above: float | None = None
    most: float | None = None
    pattern: str | None = None


@cache
def root() -> Spot:
    """Return the whole of the settings."""
    return _block(BridgeSettings, description=BridgeSettings.__doc__ or "")


def spot_at(path: KeyPath) -> Spot | None:
    """Return what belongs at *path*, or None where no setting is."""
    spot: Spot | None = root()
    for step in path:
        if spot is None:
            return None
        spot = spot.keys.get(str(step)) if spot.keys is not None else spot.item
    return spot


def every_key() -> Iterator[tuple[str, Spot]]:
    """Yield every setting as ``servers.*.rcon.port`` with what belongs there."""

    def walk(spot: Spot, above: str) -> Iterator[tuple[str, Spot]]:
        for key, inner in (spot.keys or {}).items():
            yield f"{above}{key}", inner
            yield from walk(inner, f"{above}{key}.")
        if spot.item is not None:
            yield from walk(spot.item, f"{above}*.")

    yield from walk(root(), "")


def expected(spot: Spot) -> str:
    """Return what is allowed at a place, in words that follow "is not"."""
    if spot.kind is Kind.WHOLE:
        return f"a whole number from {spot.least:g} to {spot.most:g}"
    if spot.kind is Kind.DURATION:
        most = format_duration(spot.most or 0)
        return (
            f"a duration over 0s and up to {most}" if spot.above is not None else f"a duration up to {most}"
        )
    if spot.kind is Kind.CHOICE:
        return f"one of: {', '.join(str(choice) for choice in spot.choices)}"
    if spot.pattern is not None and spot.pattern in TEXT_OF:
        return TEXT_OF[spot.pattern]
    if spot.kind in (Kind.TEXT, Kind.SECRET) and spot.most is not None:
        return f"a text of {spot.least or 0:g} to {spot.most:g} characters"
    return _IN_WORDS[spot.kind]


_IN_WORDS: Final[Mapping[Kind, str]] = {
    Kind.BLOCK: "a block of settings (keys with values, indented below it)",
    Kind.NAMED: "a block of names with values, at least one, indented below it",
    Kind.LIST: "a list ([one, two], or lines that begin with '-')",
    Kind.TEXT: "a text",
    Kind.SECRET: "a text of at least 1 character",
    Kind.WORDING: "a text, or texts by plural form (one, other)",
    Kind.SWITCH: "true or false",
    Kind.PATH: "a path",
}


def _block(model: type[Settings], *, description: str) -> Spot:
    keys = {field.alias or name: _field(field) for name, field in model.model_fields.items()}
    return Spot(kind=Kind.BLOCK, description=description, keys=keys)


def _field(field: FieldInfo) -> Spot:
    return replace(
        _spot(field.annotation, field.metadata),
        description=field.description or "",
        required=field.is_required(),
        default=None if field.default is PydanticUndefined else field.default,
    )


def _spot(annotation: object, metadata: Iterable[object]) -> Spot:
    found = list(metadata)
    inner, nothing = _without_none(annotation)
    while typing.get_origin(inner) is Annotated:
        inner, *more = typing.get_args(inner)
        found += more
    return _limited(replace(_of_type(inner), nothing=nothing), found)


def _without_none(annotation: object) -> tuple[object, bool]:
    if typing.get_origin(annotation) in _UNIONS:
        others = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        if len(others) == 1:
            return others[0], True
    return annotation, False


def _limited(spot: Spot, metadata: Iterable[object]) -> Spot:
    for part in metadata:
        if isinstance(part, FieldInfo):
            spot = _limited(spot, part.metadata)
            continue
        spot = replace(
            spot,
            least=_bound(part, "ge", "min_length", other=spot.least),
            above=_bound(part, "gt", other=spot.above),
            most=_bound(part, "le", "max_length", other=spot.most),
            pattern=getattr(part, "pattern", spot.pattern),
        )
    return spot


def _bound(part: object, *names: str, other: float | None) -> float | None:
    """Return the bound that a constraint sets under one of *names*, or the *other* one."""
    found = (getattr(part, name, None) for name in names)
    return next((bound for bound in found if isinstance(bound, (int, float))), other)


def _of_type(inner: object) -> Spot:
    origin = typing.get_origin(inner)
    arguments = typing.get_args(inner)
    if isinstance(inner, type) and issubclass(inner, Settings):
        return _block(inner, description="")
    if origin in _COLLECTIONS:
        kind, place = _COLLECTIONS[origin]
        return Spot(kind=kind, item=_spot(arguments[place], ()))
    if origin is Literal:
        return Spot(kind=Kind.CHOICE, choices=arguments)
    if isinstance(inner, type) and issubclass(inner, Enum):
        return Spot(kind=Kind.CHOICE, choices=tuple(choice.value for choice in inner))
    return Spot(kind=Kind.WORDING if origin in _UNIONS else _PLAIN[inner])


_COLLECTIONS: Final[Mapping[object, tuple[Kind, int]]] = MappingProxyType(
    {dict: (Kind.NAMED, 1), tuple: (Kind.LIST, 0), frozenset: (Kind.LIST, 0)}
)
_UNIONS: Final = (typing.Union, types.UnionType)
_PLAIN: Final[Mapping[object, Kind]] = MappingProxyType(
    {
        str: Kind.TEXT,
        int: Kind.WHOLE,
        bool: Kind.SWITCH,
        float: Kind.DURATION,
        Path: Kind.PATH,
        SecretStr: Kind.SECRET,
    }
)
