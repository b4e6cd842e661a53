"""The JSON Schema that editors use to help with a settings file.

``python -m bridge.config.schema`` writes ``configs/bridge.schema.json``.
"""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

from bridge.config.shape import Kind, Spot, root
from bridge.config.values import DURATION_PATTERN, NAME_PATTERN, format_duration

Schema: TypeAlias = "dict[str, object]"

_VARIABLE: Final[Schema] = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}
_SWITCHES: Final = [True, False, "on", "off", "yes", "no"]


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a settings file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Passerelle settings",
        **_of(root()),
    }


def text() -> str:
    """Return the schema as it is kept in ``configs/bridge.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _of(spot: Spot) -> Schema:
    about: Schema = {}
    if spot.description:
        about["description"] = spot.description
    if (default := _default(spot)) is not None:
        about["default"] = default
    if spot.kind is Kind.BLOCK:
        return about | _block(spot)
    if spot.kind is Kind.NAMED:
        return about | _named(spot)
    if spot.kind is Kind.LIST:
        return about | {"type": "array", "items": _of(spot.item) if spot.item else {}}
    return about | _scalar(spot)


def _block(spot: Spot) -> Schema:
    properties: dict[str, Schema] = {}
    needed: list[Schema] = []
    for key, inner in (spot.keys or {}).items():
        properties[key] = _of(inner)
        ways = [key]
        if inner.kind is Kind.SECRET:
            properties[f"{key}-file"] = {
                "type": "string",
                "description": f"A file that holds the {key} in one line, instead of {key}. "
                "Relative to the folder of the settings file.",
            }
            ways.append(f"{key}-file")
        if inner.required:
            needed.append(
                {"required": ways} if len(ways) == 1 else {"oneOf": [{"required": [w]} for w in ways]}
            )
    block: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return block | ({"allOf": needed} if needed else {})


def _named(spot: Spot) -> Schema:
    named: Schema = {"type": "object", "additionalProperties": _of(spot.item) if spot.item else {}}
    if spot.item is None or spot.item.kind is not Kind.WORDING:
        named["propertyNames"] = {"pattern": NAME_PATTERN}
    if spot.least:
        named["minProperties"] = int(spot.least)
    return named


def _scalar(spot: Spot) -> Schema:
    if spot.kind is Kind.WHOLE:
        return _or_variable({"type": "integer", "minimum": spot.least, "maximum": spot.most})
    if spot.kind is Kind.SWITCH:
        return _or_variable({"enum": _SWITCHES})
    if spot.kind is Kind.CHOICE:
        return _or_variable({"enum": list(spot.choices)})
    if spot.kind is Kind.DURATION:
        return _or_variable({"type": "string", "pattern": DURATION_PATTERN})
    if spot.kind is Kind.WORDING:
        return {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        }
    return _text(spot)


def _text(spot: Spot) -> Schema:
    schema: Schema = {"type": "string"}
    if spot.pattern is not None:
        return _or_variable({**schema, "pattern": spot.pattern})
    if spot.least:
        schema["minLength"] = int(spot.least)
    return schema


def _or_variable(schema: Schema) -> Schema:
    return {"anyOf": [schema, _VARIABLE]}


def _default(spot: Spot) -> object:
    """Return the default as it would be written; nothing for blocks, whose keys have their own."""
    value = spot.default
    if spot.kind is Kind.DURATION and isinstance(value, float):
        return format_duration(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value if isinstance(value, (str, int)) else None


def main() -> None:
    """Write the schema to the file named on the command line, or to the one in ``configs/``."""
    here = Path(__file__).parents[2] / "configs" / "bridge.schema.json"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else here
    target.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
