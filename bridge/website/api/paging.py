"""Pages of long lists: a cursor that callers hand back as it is, and the way to the next page."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web

from bridge.website.api.problems import ApiRefused, FieldError
from bridge.website.positions import read_position

_LONGEST: Final = 512  # characters; names are short

Cursor = Annotated[
    str,
    msgspec.Meta(max_length=_LONGEST, description="Where to go on: as it stands in the page's `next`."),
]


class Paged(msgspec.Struct, frozen=True, kw_only=True):
    """What every page of a list has beside its items."""

    next: Annotated[
        str | None, msgspec.Meta(description="The address of the next page; null on the last one.")
    ] = None


def cursor_of(place: str | int) -> str:
    """Return the cursor for a place in a list."""
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """Return the place that a cursor stands for.

    Raises:
        ApiRefused: 422: it is none of ours.
    """
    try:
        place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as exc:
        raise _not_ours() from exc
    if not place or cursor_of(place) != cursor:
        raise _not_ours()
    return place


def position_of(cursor: str) -> int:
    """Return the position that a cursor stands for.

    Raises:
        ApiRefused: 422: it is none of ours, or one of another list.
    """
    place = place_of(cursor)
    position = read_position(place.removeprefix("-"))
    if position is None:
        raise _not_ours()
    return -position if place.startswith("-") else position  # lines that were imported lie below 0


def next_page(request: web.Request, cursor: str | None) -> str | None:
    """Return the address of the page that begins at a cursor: this request's, with the cursor in it."""
    return None if cursor is None else str(request.rel_url.update_query(cursor=cursor))


def _not_ours() -> ApiRefused:
    error = FieldError(pointer="?cursor", detail="is no cursor of this list; take it from 'next'")
    return ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, error)
