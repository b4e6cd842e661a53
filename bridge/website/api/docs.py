"""The OpenAPI document as a page for people: what the template shows, read from the document alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from markupsafe import Markup, escape

from bridge.website.api.problems import PROBLEMS

_METHODS: Final = ("get", "post")
_CODE: Final = re.compile(r"`([^`\n]+)`")
_SCHEMAS: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A parameter or a field of a body or an answer."""

    name: str
    type: str
    description: Markup
    required: bool
    place: str = ""  # path or query


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint."""

    id: str
    method: str
    path: str
    summary: Markup
    description: Markup
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    answer: tuple[FieldRow, ...]
    answers: str  # the type of the answer: JSON or events
    example: str  # JSON
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPage:
    """The whole of the API, by its areas."""

    version: str
    areas: tuple[tuple[str, tuple[Operation, ...]], ...]
    problems: tuple[tuple[int, str, str, Markup], ...]  # status, name, title, advice


def read_document(document: Mapping[str, Any]) -> ApiPage:
    """Return what a person wants to know from an OpenAPI document of ours."""
    operations = list(_operations(document))
    areas = tuple(
        (tag["name"], tuple(each for name, each in operations if name == tag["name"]))
        for tag in document["tags"]
    )
    problems = tuple((status, kind.name, kind.title, coded(kind.advice)) for status, kind in PROBLEMS.items())
    return ApiPage(version=document["info"]["version"], areas=areas, problems=problems)


def coded(text: str) -> Markup:
    """Return a description as HTML: what stands between backticks is code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield methods[method]["tags"][0], _operation(method, path, methods[method], schemas)


def _operation(method: str, path: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    good = next(answer for status, answer in told["responses"].items() if status.startswith("2"))
    (media, content), *_ = good["content"].items()
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    example = content.get("example")
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=coded(told["summary"]),
        description=coded(told["description"]),
        parameters=tuple(_parameter(each) for each in told["parameters"]),
        body=_fields(body, schemas),
        answer=_fields(content.get("schema") or content.get("x-data-schema", {}), schemas),
        answers=media,
        example=_pretty(example) if example is not None else "",
        statuses=tuple(status for status in told["responses"] if not status.startswith("2")),
    )


def _parameter(told: Mapping[str, Any]) -> FieldRow:
    return FieldRow(
        name=told["name"],
        type=_type(told["schema"]),
        description=coded(told["description"]),
        required=told["required"],
        place=told["in"],
    )


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[FieldRow, ...]:
    found = schemas.get(_name(schema), schema)
    required = found.get("required", ())
    return tuple(
        FieldRow(
            name=name,
            type=_type(each),
            description=coded(each.get("description", "")),
            required=name in required,
        )
        for name, each in found.get("properties", {}).items()
    )


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema's type in a few words, with its limits."""
    if name := _name(schema):
        return name
    if choices := schema.get("anyOf"):
        names = dict.fromkeys(_type(choice) for choice in choices)
        return " | ".join(names) if len(names) < 5 else "object"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))}[]"
    limits = [f"{sign} {schema[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in schema]
    return " ".join([str(schema.get("type", "any")), *limits])


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(_SCHEMAS)


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
