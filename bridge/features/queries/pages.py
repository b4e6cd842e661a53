"""The pages below ``/staff/queries``: a form that works without scripts, the answer, and what was kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web
from multidict import MultiDict

from bridge.features.contract import Parts
from bridge.features.naming import Names
from bridge.features.queries.asking import answer, cursor_at, frame_of, place_at
from bridge.features.queries.forms import (
    KINDS,
    Row,
    address,
    query_of,
    read_query,
    rows_of,
    rows_of_query,
    sort_of,
)
from bridge.features.queries.table import BOM, header, lines
from bridge.statistics.activity import band_of
from bridge.statistics.filters import MOST_FILTERS, Query, Sort
from bridge.store.saved_queries import (
    SavedQuery,
    add_saved_query,
    count_saved_queries,
    drop_saved_query,
    rename_saved_query,
    saved_queries,
    saved_query,
)
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.queries import Figures, figures_of, places_of
from bridge.store.times import from_ms
from bridge.website import Request, Site, StreamResponse
from bridge.website.api import ApiRefused
from bridge.website.identity import identity_of
from bridge.website.limits import begin_stream
from bridge.website.positions import read_position

HERE: Final = "/staff/queries"
_MOST_SHOWN: Final = 50
_MOST_SAVED: Final = 200
_MOST_EXPORTED: Final = 1_000_000
_LONGEST_NAME: Final = 80
_LONGEST_QUERY: Final = 16_384
_AT_ONCE: Final = 500  # players of one piece of a CSV
_WRITE_LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """A player in the table, in words."""

    figures: Figures
    first: datetime
    last: datetime
    played: str
    recently: str
    activity: str
    band: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A kept query with its address; without one if it is of another version."""

    query: SavedQuery
    address: str | None


class QueryPages:
    """Serves the builder, its answers and the kept queries."""

    def __init__(self, parts: Parts, site: Site, names: Callable[[], Names]) -> None:
        self._parts, self._site, self._names = parts, site, names

    async def page(self, request: Request) -> StreamResponse:
        """Show the form, and the players whom it asks for once it is filled in."""
        rows, sort = rows_of(request.query), sort_of(request.query)
        if (changed := _changed(request, rows)) is not None:
            return self._site.see(_path(changed, sort))
        return await self._show(request, rows, sort)

    async def csv(self, request: Request) -> StreamResponse:
        """Send everybody whom a query finds, as CSV."""
        sort = sort_of(request.query)
        query = query_of(rows_of(request.query), sort)
        if query is None:
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        async with self._parts.store.reading() as conn:
            frame = await frame_of(self._parts, conn)
            places, _ = await places_of(conn, query, frame, most=_MOST_EXPORTED)
        await self._site.audit(request, "queries.exported", _told(query), became=str(len(places)))
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": 'attachment; filename="players.csv"',
                "Cache-Control": "private, no-store",
            }
        )
        begin_stream(request)
        await response.prepare(request)
        await _write(response, (BOM if request.query.get("bom") else "") + header())
        for first in range(0, len(places), _AT_ONCE):
            accounts = [place.account for place in places[first : first + _AT_ONCE]]
            async with self._parts.store.reading() as conn:
                players = await figures_of(conn, accounts, frame)
            await _write(response, lines(players))
        await response.write_eof()
        return response

    async def save(self, request: Request) -> StreamResponse:
        """Keep a query under a name."""
        form = await request.post()
        name = _name(form.get("name"))
        given = MultiDict(parse_qsl(str(form.get("query", ""))[:_LONGEST_QUERY]))
        rows, sort = rows_of(given), sort_of(given)
        query = query_of(rows, sort)
        if query is None:
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        if not name:
            return await self._show(request, rows, sort, refused="name", status=422)
        async with self._parts.store.reading() as conn:
            full = await count_saved_queries(conn) >= _MOST_SAVED
        if full:
            return await self._show(request, rows, sort, refused="full", status=422)
        await self._site.audit(request, "queries.saved", name, became=_told(query))
        by = identity_of(request).name
        async with self._parts.store.transaction() as tx:
            await add_saved_query(tx, name, _told(query), made_by=by, at=self._parts.now())
        return self._site.see(_path(rows, sort))

    async def rename(self, request: Request) -> StreamResponse:
        """Give a kept query another name."""
        saved = await self._saved(request)
        name = _name((await request.post()).get("name"))
        if name and name != saved.name:
            await self._site.audit(request, "queries.renamed", str(saved.number), saved.name, name)
            async with self._parts.store.transaction() as tx:
                await rename_saved_query(tx, saved.number, name)
        return self._site.see(HERE)

    async def delete(self, request: Request) -> StreamResponse:
        """Forget a kept query."""
        saved = await self._saved(request)
        await self._site.audit(request, "queries.deleted", saved.name, was=saved.body)
        async with self._parts.store.transaction() as tx:
            await drop_saved_query(tx, saved.number)
        return self._site.see(HERE)

    async def _saved(self, request: Request) -> SavedQuery:
        number, found = read_position(request.match_info["number"]), None
        if number is not None:
            async with self._parts.store.reading() as conn:
                found = await saved_query(conn, number)
        if found is None:
            self._site.refuse(HTTPStatus.NOT_FOUND)
        return found

    async def _show(
        self,
        request: Request,
        rows: Sequence[Row],
        sort: Sort,
        *,
        refused: str | None = None,
        status: int = 200,
    ) -> StreamResponse:
        query = query_of(rows, sort)
        found, total, following = await self._found(request, query)
        async with self._parts.store.reading() as conn:
            kept = [_kept(each) for each in await saved_queries(conn, most=_MOST_SAVED)]
            known = await numbers_of_servers(conn)
        servers = sorted({*map(str, self._parts.settings.servers), *map(str, known)})
        return self._site.render(
            "staff-queries.html",
            request=request,
            path=HERE,
            status=status,
            rows=rows,
            sort=sort,
            sorts=tuple(Sort),
            kinds=tuple(KINDS),
            servers=[(server, self._names().server(server)) for server in servers],
            full=len(rows) >= MOST_FILTERS,
            asked=query is not None,
            players=self._lines(found, self._site.language(request)),
            total=total,
            address=address(rows, sort),
            next=None if following is None else address(rows, sort, after=following),
            first="after" not in request.query,
            saved=kept,
            refused=refused,
            longest=_LONGEST_NAME,
        )

    async def _found(
        self, request: Request, query: Query | None
    ) -> tuple[Sequence[Figures], int, str | None]:
        """Return the players of a page, how many there are in all, and where the next page begins."""
        if query is None:
            return (), 0, None
        cursor = request.query.get("after")
        try:
            after = None if cursor is None else place_at(cursor, query.sort)
        except ApiRefused:
            self._site.refuse(HTTPStatus.BAD_REQUEST)
        found = await answer(self._parts, query, after, most=_MOST_SHOWN)
        return found.players, found.total, None if found.next is None else cursor_at(found.next)

    def _lines(self, players: Iterable[Figures], language: str) -> list[Line]:
        catalogue = self._site.catalogue(language)
        point = catalogue.plain("queries.point")
        return [
            Line(
                each,
                from_ms(each.first_ms),
                from_ms(each.last_ms),
                catalogue.duration(each.seconds),
                catalogue.duration(each.recent_s),
                f"{each.activity:.2f}".replace(".", point),
                catalogue.plain(f"queries.choice.bands.{band_of(each.activity)}"),
            )
            for each in players
        ]


def _changed(request: Request, rows: Sequence[Row]) -> list[Row] | None:
    """Return the filters after one was added or taken away; None if neither was asked."""
    added, without = request.query.get("add", ""), request.query.get("without", "")
    if added in KINDS and len(rows) < MOST_FILTERS:
        return [*rows, Row(kind=added)]
    if (number := read_position(without)) is not None:
        return [row for place, row in enumerate(rows, 1) if place != number]
    return None


def _path(rows: Iterable[Row], sort: Sort) -> str:
    query = address(rows, sort)
    return f"{HERE}?{query}" if query else HERE


def _kept(saved: SavedQuery) -> Saved:
    query = read_query(saved.body)
    return Saved(saved, None if query is None else _path(rows_of_query(query), query.sort))


def _told(query: Query) -> str:
    return msgspec.json.encode(query).decode()


def _name(given: object) -> str:
    return " ".join(str(given or "").split())[:_LONGEST_NAME]


async def _write(response: web.StreamResponse, text: str) -> None:
    """Send a piece.

    Raises:
        TimeoutError: Whoever reads has stopped to.
    """
    async with asyncio.timeout(_WRITE_LIMIT_S):
        await response.write(text.encode())
