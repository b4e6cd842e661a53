"""What containers and service managers put before a console's lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

Unwrap: TypeAlias = Callable[[str], str | None]

_COMPOSE: Final = re.compile(r"[\w.-]+\s*\| ?")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d) ")
_JOURNAL: Final = re.compile(
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ [^:\[\s]+(?:\[\d+\])?: "
)
_PROMPT: Final = re.compile(r"(?:>+\s?|\r)+")


class _DockerLine(msgspec.Struct):
    log: str


_DOCKER: Final = msgspec.json.Decoder(_DockerLine)


def _without(pattern: re.Pattern[str]) -> Unwrap:
    def unwrap(line: str) -> str | None:
        found = pattern.match(line)
        return line[found.end() :] if found else None

    return unwrap


def _docker_json(line: str) -> str | None:
    if not line.startswith('{"log":'):
        return None
    try:
        return _DOCKER.decode(line.encode("utf-8", "surrogatepass")).log.rstrip("\r\n")
    except msgspec.MsgspecError:  # not the container engine's line after all
        return None
    except UnicodeError:
        return None


WRAPPERS: Final[tuple[tuple[str, Unwrap], ...]] = (
    ("docker compose", _without(_COMPOSE)),
    ("docker --timestamps", _without(_STAMP)),
    ("journald", _without(_JOURNAL)),
    ("docker json-file", _docker_json),
    ("console prompt", _without(_PROMPT)),
)
"""Tried in this order; compose and timestamps can stand together."""


def unwrap(line: str) -> str | None:
    """Return the line inside its wrappers, at most two deep, or None where nothing wraps it."""
    inner: str | None = None
    for _ in range(2):
        found = next((rest for _, strip in WRAPPERS if (rest := strip(inner or line)) is not None), None)
        if found is None:
            break
        inner = found
    return inner
