"""Asks the store, for pages and for programs: in which frame, and where the next page begins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.features.contract import Parts
from bridge.statistics.calendar import day_at
from bridge.statistics.filters import Query, Sort
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.conditions import Frame
from bridge.store.statistics.queries import Found, Key, Place, find_players
from bridge.store.times import to_ms
from bridge.website.api import ApiRefused, FieldError, cursor_of, place_of

_LARGEST: Final = 2**53
_FRACTIONS: Final = frozenset({Sort.ACTIVITY})


async def frame_of(parts: Parts, conn: AsyncConnection) -> Frame:
    """Return what a query is asked in now."""
    zone = ZoneInfo(parts.settings.community.time_zone)
    servers = await numbers_of_servers(conn)
    return Frame(zone, day_at(to_ms(parts.now()), zone), {str(name): n for name, n in servers.items()})


async def answer(parts: Parts, query: Query, after: Place | None, *, most: int) -> Found:
    """Return a page of the players whom a query finds."""
    async with parts.store.reading() as conn:
        return await find_players(conn, query, await frame_of(parts, conn), after=after, most=most)


def cursor_at(place: Place) -> str:
    """Return the cursor that stands for a place in the order of a query."""
    return cursor_of(msgspec.json.encode(place).decode())


def place_at(cursor: str, sort: Sort) -> Place:
    """Return the place that a cursor stands for.

    Raises:
        ApiRefused: 422: it is none of ours, or one of another order.
    """
    try:
        key, account = msgspec.json.decode(place_of(cursor), type=tuple[int | float | str, int])
    except msgspec.MsgspecError as exc:
        raise _not_ours() from exc
    if not _fits(key, sort) or not 0 <= account < _LARGEST:
        raise _not_ours()
    return Place(key, account)


def _fits(key: Key, sort: Sort) -> bool:
    if isinstance(key, str):
        return sort is Sort.NAME
    return sort is not Sort.NAME and abs(key) < _LARGEST and (isinstance(key, int) or sort in _FRACTIONS)


def _not_ours() -> ApiRefused:
    error = FieldError(pointer="?cursor", detail="is no cursor of this query; take it from 'next'")
    return ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, error)
