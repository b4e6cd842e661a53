"""The settings as staff may see them: every key with its value, secrets only as set or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bridge.config.settings import BridgeSettings
from bridge.config.shape import Kind, Spot, spot_at
from bridge.config.values import format_duration

HIDDEN: Final = "••••••"
_MORE: Final = "…"
_HOOKS: Final = ("hooks", "out")
"""Whoever knows the whole address of a hook may often send there: it is shown with its host only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting."""

    key: str  # dotted, as in the file
    value: str
    secret: bool = False
    usual: bool = False  # it has its default


def shown(settings: BridgeSettings) -> list[Shown]:
    """Return every setting that has a value, in the order of the file."""
    return list(_walk(settings, ()))


def _walk(block: BaseModel, above: tuple[str, ...]) -> Iterator[Shown]:
    for name, field in type(block).model_fields.items():
        path = (*above, field.alias or name.replace("_", "-"))
        yield from _value(getattr(block, name), path)


def _value(value: object, path: tuple[str, ...]) -> Iterator[Shown]:
    if isinstance(value, BaseModel):
        yield from _walk(value, path)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _value(inner, (*path, str(key)))
    elif isinstance(value, tuple) and any(isinstance(inner, BaseModel) for inner in value):
        for index, inner in enumerate(value, 1):
            yield from _value(inner, (*path, str(index)))
    elif value is not None:
        spot = spot_at(path)
        key = ".".join(path)
        if isinstance(value, SecretStr):
            yield Shown(key, HIDDEN, secret=True)
        else:
            text = _text(value, spot)
            if isinstance(value, str) and value.startswith(("https://", "http://")):
                text = _address(value, bare=path[:2] == _HOOKS)
            yield Shown(key, text, usual=spot is not None and value == spot.default)


def _address(url: str, *, bare: bool) -> str:
    """Return an address without what may be a secret in it: its query, and the path too if *bare*."""
    parts = urlsplit(url)
    start = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if bare and parts.path.strip("/"):
        return f"{start}/{_MORE}"
    return f"{start}{parts.path}" + (f"?{_MORE}" if parts.query else "")


def _text(value: object, spot: Spot | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and spot is not None and spot.kind is Kind.DURATION:
        return format_duration(value)
    if isinstance(value, (tuple, frozenset)):
        texts = [_text(inner, None) for inner in value]
        return ", ".join(sorted(texts) if isinstance(value, frozenset) else texts)
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if isinstance(value, (str, int, float, Path)) else ""
