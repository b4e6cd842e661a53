"""What another program sent, as plain values. Pure; everything in it is foreign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from bridge.text import clean

Body: TypeAlias = Mapping[str, object]
Scalar: TypeAlias = str | int | float | bool

DEEPEST: Final = 32  # values inside values; more than anything that people look into
FIELD: Final = re.compile(r"\{([A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)\}")
"""A placeholder in a text of the settings: keys and places in lists, with dots between them."""

EVENT: Final = "event"
"""The one field that is not the body's own: what the sender calls it."""


class BodyRefused(Exception):
    """The body cannot be used; ``key`` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parsed(raw: bytes) -> Body:
    """Return the JSON object that a body is.

    Raises:
        BodyRefused: It is no JSON, no object, or has values inside values without end.
    """
    try:
        body = msgspec.json.decode(raw)
    except RecursionError as exc:
        raise BodyRefused("deep") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BodyRefused("json") from exc
    if not isinstance(body, dict):
        raise BodyRefused("object")
    if _is_deep(body):
        raise BodyRefused("deep")
    return body


def scalar(body: Body, event: str, path: str) -> Scalar | None:
    """Return the text, number or truth at a dotted path; None if there is none of these."""
    if path == EVENT:
        return event
    found: object = body
    for part in path.split("."):
        found = _inside(found, part)
    return found if isinstance(found, str | int | float) else None


def written(value: Scalar) -> str:
    """Return a value as people write it, without characters that nobody sees."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(str(value))


def _inside(value: object, part: str) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and re.fullmatch(r"[0-9]{1,6}", part) and int(part) < len(value):
        return value[int(part)]
    return None


def _is_deep(body: object) -> bool:
    """Look at one level after another: recursion is what a deep body would break."""
    level: list[object] = [body]
    for _ in range(DEEPEST):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        level = below
    return bool(level)
