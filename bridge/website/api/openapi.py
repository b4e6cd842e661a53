"""The OpenAPI 3.1 document, made from the types of the endpoints. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec

from bridge.config.access import Permission
from bridge.config.permissions import Rule, Rules, Who
from bridge.website.api.endpoint import Endpoint
from bridge.website.api.problems import PROBLEM_TYPE, Problem, kind_of_problem, type_of_problem
from bridge.website.api.reading import takes_many

DOCUMENT_PATH: Final = "/api/v1/openapi.json"
VERSION: Final = "1.0.0"
"""Of the API, not of the bridge: the first number is the one in the paths."""
_REFS: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_ALWAYS: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_WHO: Final[Mapping[Who, str]] = {
    Who.EVERYONE: "Everybody may ask.",
    Who.READERS: "Everybody may ask, for rooms that are open to the website.",
}

Schema: TypeAlias = dict[str, Any]


def openapi(endpoints: Iterable[Endpoint[Any, Any, Any]], rules: Rules) -> Schema:
    """Return the document; the same endpoints in any order give the same one.

    Args:
        endpoints: What the API can do.
        rules: Who may use each.
    """
    known = sorted(endpoints, key=lambda each: (each.tag, each.path, each.method))
    bodies = [each.body for each in known if each.takes_body]
    types = _unique([*(each.answer for each in known), *bodies, Problem])
    found, components = msgspec.json.schema_components(types, ref_template=_REFS)
    schemas = dict(zip(types, found, strict=True))
    paths: dict[str, Schema] = {}
    for each in known:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schemas, rules.get(each.name))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Passerelle",
            "version": VERSION,
            "summary": "What happens on a community's game servers and in its rooms.",
            "description": "Read what happens, and speak, as a program. See /api/docs for how to begin.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in sorted({each.tag for each in known})],
        "paths": paths,
        "components": {
            "schemas": {name: _as_sent(schema) for name, schema in sorted(components.items())},
            "responses": {
                str(int(status)): _problem(status, schemas[Problem]) for status in _statuses(known, rules)
            },
            "headers": _HEADERS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token: psl_…"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "passerelle",
                    "description": "The cookie of a browser that is signed in; its name is __Host-passerelle "
                    "over TLS. What changes something also needs the header X-CSRF-Token.",
                },
            },
        },
    }


def openapi_json(endpoints: Iterable[Endpoint[Any, Any, Any]], rules: Rules) -> bytes:
    """Return the document as JSON, indented for people who look into it."""
    return msgspec.json.format(msgspec.json.encode(openapi(endpoints, rules)), indent=1)


def _needed(rule: Rule | None) -> str:
    """Say who may use an endpoint; without a rule nobody may."""
    if rule is None:
        return "Nobody may ask: it has no rule."
    if isinstance(rule.who, Permission):
        return f"Needs the permission `{rule.who.value}`."
    return _WHO.get(rule.who, "Needs a session.")


def _is_open(rule: Rule | None) -> bool:
    return rule is not None and not isinstance(rule.who, Permission)


def _operation(
    endpoint: Endpoint[Any, Any, Any], schemas: Mapping[type, Schema], rule: Rule | None
) -> Schema:
    operation: Schema = {
        "tags": [endpoint.tag],
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "description": " ".join(filter(None, (endpoint.details, _needed(rule)))),
        "parameters": [*_parameters(endpoint.values, "path"), *_parameters(endpoint.query, "query")],
        "responses": {
            str(int(endpoint.status)): _answer(endpoint, schemas[endpoint.answer]),
            **({"304": {"description": "The caller has it already."}} if endpoint.method == "GET" else {}),
            **{
                str(int(status)): {"$ref": f"#/components/responses/{int(status)}"}
                for status in _refusals(endpoint, rule)
            },
        },
        "security": [*([{}] if _is_open(rule) else []), {"token": []}, {"session": []}],
    }
    if endpoint.takes_body:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": schemas[endpoint.body]}}}
    return operation


def _answer(endpoint: Endpoint[Any, Any, Any], schema: Schema) -> Schema:
    example = msgspec.json.decode(msgspec.json.encode(endpoint.example))
    if endpoint.stream:
        what = "Server-sent events; the schema is that of their data."
        return {"description": what, "content": {"text/event-stream": {"x-data-schema": schema}}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    return {
        "description": "What was asked for.",
        "headers": headers,
        "content": {_JSON: {"schema": schema, "example": example}},
    }


def _refusals(endpoint: Endpoint[Any, Any, Any], rule: Rule | None) -> list[HTTPStatus]:
    """Return every status but a good one that an endpoint may answer with."""
    statuses = {*_ALWAYS, *endpoint.problems, HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY}
    if not _is_open(rule):
        statuses.add(HTTPStatus.FORBIDDEN)
    if endpoint.takes_body:
        statuses |= {
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        }
    if msgspec.structs.fields(endpoint.values):
        statuses.add(HTTPStatus.NOT_FOUND)
    return sorted(statuses)


def _statuses(endpoints: Iterable[Endpoint[Any, Any, Any]], rules: Rules) -> list[HTTPStatus]:
    return sorted({status for each in endpoints for status in _refusals(each, rules.get(each.name))})


def _problem(status: HTTPStatus, schema: Schema) -> Schema:
    kind = kind_of_problem(status)
    example = {
        "type": type_of_problem(status),
        "title": kind.title,
        "status": int(status),
        "detail": kind.advice,
    }
    return {
        "description": f"{kind.title}. {kind.advice}",
        "content": {PROBLEM_TYPE: {"schema": schema, "example": example}},
    }


def _parameters(type_: type[msgspec.Struct], where: str) -> list[Schema]:
    _, components = msgspec.json.schema_components([type_])
    properties: dict[str, Schema] = components[type_.__name__].get("properties", {})
    return [
        _parameter(field, properties[field.encode_name], where) for field in msgspec.structs.fields(type_)
    ]


def _parameter(field: msgspec.structs.FieldInfo, schema: Schema, where: str) -> Schema:
    schema = _told(schema)
    parameter: Schema = {
        "name": field.encode_name,
        "in": where,
        "required": where == "path",
        "description": schema.pop("description", ""),
        "schema": schema,
    }
    if takes_many(field.type):
        parameter |= {"style": "form", "explode": True}
    return parameter


def _told(schema: Schema) -> Schema:
    """Return a parameter's schema: one that is not given is left out, and never null."""
    choices = schema.get("anyOf", [])
    real = [choice for choice in choices if choice.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(real) == 1 and len(choices) > 1:
        rest |= real[0]
        if rest.get("default", "") is None:
            del rest["default"]
        return rest
    return dict(schema)


def _as_sent(schema: Schema) -> Schema:
    """Return the schema of a type without its default values, which matter only to who builds one."""
    properties = {
        name: {key: value for key, value in each.items() if key != "default"}
        for name, each in schema.get("properties", {}).items()
    }
    return schema | {"properties": properties} if properties else schema


def _operation_id(endpoint: Endpoint[Any, Any, Any]) -> str:
    words = [word.title() for word in re.findall(r"[a-z0-9]+", endpoint.path.removeprefix("/api/v1"))]
    return endpoint.method.lower() + "".join(words)


def _unique(types: Iterable[type]) -> list[type]:
    return list(dict.fromkeys(types))


def _header(description: str) -> Schema:
    return {"description": description, "schema": {"type": "integer"}}


_HEADERS: Final[Mapping[str, Schema]] = {
    "RateLimit-Limit": _header("How many requests a minute may have."),
    "RateLimit-Remaining": _header("How many of them are left."),
    "RateLimit-Reset": _header("In how many seconds all of them are there again."),
}
