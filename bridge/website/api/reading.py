"""Reads what a caller sends, parameters and bodies, into the types of an endpoint, or says what is wrong."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import msgspec
from aiohttp import web
from multidict import MultiMapping

from bridge.website.api.problems import ApiRefused, FieldError

T = TypeVar("T", bound=msgspec.Struct)

_JSON: Final = "application/json"
_WHERE: Final = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")


def read_query(query: MultiMapping[str], type_: type[T]) -> T:
    """Return the parameters of a request.

    Raises:
        ApiRefused: 422, naming each parameter that is unknown, given twice, or of a wrong value.
    """
    raw: dict[str, object] = {}
    errors: list[FieldError] = []
    known = _parameters(type_)
    for name in sorted(set(query.keys())):
        values = query.getall(name)
        if name not in known:
            errors.append(FieldError(pointer=f"?{name}", detail=_unknown(known)))
        elif not known[name] and len(values) > 1:
            errors.append(FieldError(pointer=f"?{name}", detail="is given more than once"))
        else:
            raw[name] = values if known[name] else values[0]
    if errors:
        raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, *errors)
    try:
        return msgspec.convert(raw, type_, strict=False)
    except msgspec.ValidationError as exc:
        raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, _error(exc, prefix="?")) from exc


@functools.cache
def _parameters(type_: type[msgspec.Struct]) -> Mapping[str, bool]:
    """Return a type's parameters, each with whether it takes many values; a tenth of a request's work."""
    return {field.encode_name: takes_many(field.type) for field in msgspec.structs.fields(type_)}


def read_values(match: Mapping[str, str], type_: type[T]) -> T:
    """Return what stands in the path.

    Raises:
        ApiRefused: 404: nothing can be there.
    """
    try:
        return msgspec.convert(dict(match), type_, strict=False)
    except msgspec.ValidationError as exc:
        raise ApiRefused(HTTPStatus.NOT_FOUND) from exc


async def read_body(request: web.Request, type_: type[T]) -> T:
    """Return the body of a request.

    Raises:
        ApiRefused: 415 if it is not said to be JSON, 400 if it is none, 422 if it is of another shape.
        web.HTTPRequestEntityTooLarge: It is larger than the site takes.
    """
    if request.content_type != _JSON:
        raise ApiRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = await request.read()
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as exc:
        raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, _error(exc, prefix="#/")) from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ApiRefused(HTTPStatus.BAD_REQUEST, f"The body is no JSON: {exc}") from exc
    except RecursionError as exc:
        raise ApiRefused(HTTPStatus.BAD_REQUEST, "The body is nested too deeply.") from exc


def takes_many(type_: Any) -> bool:  # noqa: ANN401 - any annotation
    """Tell whether a parameter of this type may be given several times."""
    while get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    return get_origin(type_) is tuple


def _unknown(known: Mapping[str, bool]) -> str:
    there_are = ", ".join(sorted(known))
    return (
        f"is no parameter here; there are: {there_are}" if known else "is no parameter here; there are none"
    )


def _error(exc: msgspec.ValidationError, *, prefix: str) -> FieldError:
    """Return msgspec's message with its place as a pointer."""
    message = str(exc)
    found = _WHERE.search(message)
    path = found["path"] if found else ""
    steps = [step["key"] or step["index"] for step in _STEP.finditer(path)]
    detail = message[: found.start()] if found else message
    if unknown := _UNKNOWN.search(detail):
        steps.append(unknown["name"])
        detail = "is no field here"
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
    if prefix == "?":
        pointer = steps[0] if steps else ""
    return FieldError(pointer=prefix + pointer if pointer else prefix.removesuffix("/"), detail=detail)
