"""The journal for programs: its pages, one record, and what is added as it is added."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from bridge.config.kinds import all_kinds, kinds_named
from bridge.events import Event, kind_of
from bridge.features.contract import Parts
from bridge.features.records.answers import (
    EXAMPLE,
    JournalRecords,
    StoredRecord,
    StoredRecords,
    stored,
    told,
)
from bridge.journal import SourceName
from bridge.website import ServerSentEvent, Site, StreamResponse, serve_events
from bridge.website.api import (
    ApiCall,
    ApiRefused,
    Cursor,
    Endpoint,
    FieldError,
    Nothing,
    cursor_of,
    next_page,
    position_of,
)
from bridge.website.positions import seen_through

TAG: Final = "Records"
MOST_MISSED: Final = 2000
"""Records that one connection is told of from before; further ones come when it connects again."""
_PAGE: Final = 500
_LAST_POSITION: Final = 2**62
_WAYS: Final = ("log", "management", "roster", "status", "uptime")
"""What tells of a server, by what its sources are called."""

Kinds = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=60)], ...],
    msgspec.Meta(
        max_length=50,
        description="Only these kinds, such as `player.joined`; `chat.*` means all of chat. Repeatable.",
    ),
]


class RecordsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records."""

    kind: Kinds = ()
    server: (
        Annotated[str, msgspec.Meta(max_length=64, description="Only what was learned from this server.")]
        | None
    ) = None
    after: Annotated[
        int,
        msgspec.Meta(ge=0, le=_LAST_POSITION, description="Only what follows this position in the journal."),
    ] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=500, description="How many at most.")] = 100
    cursor: Cursor | None = None


class StreamQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records."""

    kind: Kinds = ()
    after: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0,
                le=_LAST_POSITION,
                description="Begin after this position; the header Last-Event-ID goes before it. "
                "Without either, only what is new is told.",
            ),
        ]
        | None
    ) = None


class RecordPath(msgspec.Struct, frozen=True):
    """Which record."""

    position: Annotated[
        int, msgspec.Meta(ge=1, le=_LAST_POSITION, description="Its position in the journal.")
    ]


class RecordsApi:
    """The endpoints about records."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._journal = parts.journal
        self._site, self._broadcast = site, site.broadcast()
        self._told: int | None = None  # how far the stream has come; None before it begins
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/records",
                handler=self.records,
                summary="What happened, in order.",
                details="Players whose names are hidden from the public are named here. A page may hold "
                "fewer records than its limit while others follow: go on for as long as there is `next`.",
                tag=TAG,
                example=JournalRecords(records=(EXAMPLE,), next="/api/v1/records?limit=1&cursor=MTA0Mg"),
                query=RecordsQuery,
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/records/{position}",
                handler=self.record,
                summary="One record.",
                tag=TAG,
                example=EXAMPLE,
                values=RecordPath,
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/stream",
                handler=self.stream,
                summary="What happens, as it happens.",
                details="Server-sent events: `event:` is the kind, `id:` the position, `data:` the record. "
                "After a break, Last-Event-ID resumes without a gap. Whoever has missed more than "
                f"{MOST_MISSED} records is told so many, and the rest when connecting again.",
                tag=TAG,
                example=EXAMPLE,
                query=StreamQuery,
                stream=True,
            )
        )

    async def run(self) -> None:
        """Tell every listener what is added to the journal, until cancelled.

        Raises:
            JournalError: The journal cannot be read.
        """
        told_through = self._told if self._told is not None else await self._journal.grown(-1)
        while True:
            self._told = told_through
            head = await self._journal.grown(told_through)
            told_through = await self._tell(told_through) if self._broadcast.listeners else head

    async def records(self, call: ApiCall[RecordsQuery, Nothing, Nothing]) -> StoredRecords:
        """Return a page of records.

        Raises:
            ApiRefused: 422: an unknown kind, or a cursor of something else.
        """
        query = call.query
        after = query.after if query.cursor is None else position_of(query.cursor)
        page = await self._journal.page(
            _kinds(query.kind), after=after, most=query.limit, sources=_sources(query.server)
        )
        return StoredRecords(
            records=tuple(map(stored, page.records)),
            next=next_page(call.request, cursor_of(page.through) if page.more else None),
        )

    async def record(self, call: ApiCall[Nothing, Nothing, RecordPath]) -> StoredRecord:
        """Return one record.

        Raises:
            ApiRefused: 404: none has that position.
        """
        position = call.values.position
        page = await self._journal.page((), after=position - 1, most=1)
        if not page.records or page.records[0].position != position:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "No record has that position.")
        return stored(page.records[0])

    async def stream(self, call: ApiCall[StreamQuery, Nothing, Nothing]) -> StreamResponse:
        """Send records as they are added, beginning after the last one that the caller has.

        Raises:
            ApiRefused: 422: an unknown kind.
            TooManyStreams: The site has enough of them.
        """
        kinds = _kinds(call.query.kind)
        names = set(map(kind_of, kinds))

        def is_unwanted(event: ServerSentEvent) -> bool:
            return event.name not in names

        with self._broadcast.listen(
            self._site.address_of(call.request), is_unwanted if names else None
        ) as news:
            first, through, more = await self._missed(kinds, seen_through(call.request))
            if more:  # the caller comes back for the rest
                news.end()

            def is_told(event: ServerSentEvent) -> bool:
                return int(event.id or 0) <= through

            return await serve_events(call.request, news, first=first, skip=is_told)

    async def _tell(self, after: int) -> int:
        """Tell listeners of a page of records after a position, and return up to where."""
        page = await self._journal.page((), after=after, most=_PAGE)
        for record in page.records:
            self._broadcast.send(told(record))
        return page.through

    async def _missed(
        self, kinds: tuple[type[Event], ...], after: int | None
    ) -> tuple[list[ServerSentEvent], int, bool]:
        """Return what was added after a position, up to where, and whether there is more."""
        head = await self._journal.grown(-1)
        if after is None or after > head:  # a position from before the database came out of a backup
            return [], head, False
        first: list[ServerSentEvent] = []
        more = True
        while more and len(first) < MOST_MISSED:
            page = await self._journal.page(kinds, after=after, most=_PAGE)
            first += map(told, page.records)
            after, more = page.through, page.more
        return first, after, more


def _kinds(patterns: tuple[str, ...]) -> tuple[type[Event], ...]:
    found: dict[type[Event], None] = {}
    for pattern in patterns:
        named = kinds_named(pattern)
        if not named:
            detail = f"{pattern!r} is no kind; there are: {', '.join(all_kinds())}"
            error = FieldError(pointer="?kind", detail=detail)
            raise ApiRefused(HTTPStatus.UNPROCESSABLE_ENTITY, None, error)
        found |= dict.fromkeys(named)
    return tuple(found)


def _sources(server: str | None) -> tuple[SourceName, ...]:
    return () if server is None else tuple(SourceName(f"{way}:{server}") for way in _WAYS)
