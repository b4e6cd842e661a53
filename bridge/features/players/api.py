"""Players for programs: public fields for everybody, all of them for those who may read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from bridge.config.access import Permission
from bridge.config.settings import BridgeSettings, PlayerField
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.servers import players_on
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.store.player_list import KnownPlayer, known_players, player_by_name, player_names
from bridge.website import Site
from bridge.website.api import (
    ApiCall,
    ApiRefused,
    Cursor,
    Endpoint,
    Nothing,
    Paged,
    cursor_of,
    next_page,
    place_of,
)
from bridge.website.identity import Identity

TAG: Final = "Players"
_DETAILS: Final = (
    "Fields that the community keeps private are null for callers without the permission `players.read`; "
    "where it names no players in public, they find nothing."
)


class ListedPlayer(msgspec.Struct, frozen=True, kw_only=True):
    """A player; null where a field is private or not known."""

    name: str
    uuid: Annotated[str | None, msgspec.Meta(description="Of the account; only with players.read.")]
    online: Annotated[bool | None, msgspec.Meta(description="Whether they play now.")]
    servers: Annotated[tuple[str, ...] | None, msgspec.Meta(description="The servers that have seen them.")]
    first_seen: datetime | None
    last_seen: datetime | None


class PlayerList(Paged, frozen=True, kw_only=True):
    """Players in order of their names, whatever their capitals."""

    players: tuple[ListedPlayer, ...]


class PlayersQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which players."""

    server: (
        Annotated[str, msgspec.Meta(max_length=64, description="Only those that this server has seen.")]
        | None
    ) = None
    prefix: Annotated[
        str, msgspec.Meta(max_length=32, description="Only names that begin so, in capitals or not.")
    ] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=500, description="How many at most.")] = 100
    cursor: Cursor | None = None


class PlayerPath(msgspec.Struct, frozen=True):
    """Which player."""

    name: Annotated[str, msgspec.Meta(description="The name, in capitals or not.")]


_EXAMPLE: Final = ListedPlayer(
    name="Nora",
    uuid=None,
    online=True,
    servers=("survival",),
    first_seen=None,
    last_seen=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
)


class PlayersApi:
    """The endpoints about players."""

    def __init__(self, parts: Parts, site: Site) -> None:
        self._parts = parts
        self.configure(parts.settings, parts.catalogue)
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/players",
                handler=self.players,
                summary="Players in order of their names.",
                details=_DETAILS,
                tag=TAG,
                example=PlayerList(players=(_EXAMPLE,), next="/api/v1/players?limit=1&cursor=Tm9yYQ"),
                query=PlayersQuery,
                problems=(HTTPStatus.NOT_FOUND,),
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/players/{name}",
                handler=self.player,
                summary="One player.",
                details=_DETAILS,
                tag=TAG,
                example=_EXAMPLE,
                values=PlayerPath,
            )
        )

    def configure(self, settings: BridgeSettings, catalogue: Catalogue) -> None:
        """Tell of players as the settings now say."""
        self._settings = settings
        self._teller = Teller(settings, catalogue)

    async def players(self, call: ApiCall[PlayersQuery, Nothing, Nothing]) -> PlayerList:
        """Return a page of players.

        Raises:
            ApiRefused: 404: the caller may see none; 422: a cursor of something else.
        """
        fields, query = self._fields(call.identity), call.query
        if query.server is not None and PlayerField.SERVERS not in fields:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "Which servers know a player is not public here.")
        after = "" if query.cursor is None else place_of(query.cursor)
        everybody = call.identity.may(Permission.PLAYERS_READ)
        # Left out already here: the cursor is made of the page's last name.
        hidden = () if everybody else self._settings.privacy.hidden_players
        async with self._parts.store.reading() as conn:
            names = await player_names(
                conn, after=after, prefix=query.prefix, server=query.server, without=hidden, most=query.limit
            )
            known = await known_players(conn, names)
        online = self._online()
        return PlayerList(
            players=tuple(
                _player(each, fields, online, call.identity)
                for each in known
                if self._may_see(each.name, call.identity)
            ),
            next=next_page(call.request, cursor_of(names[-1]) if len(names) == query.limit else None),
        )

    async def player(self, call: ApiCall[Nothing, Nothing, PlayerPath]) -> ListedPlayer:
        """Return one player.

        Raises:
            ApiRefused: 404: no server knows them, or the caller may not.
        """
        fields = self._fields(call.identity)
        async with self._parts.store.reading() as conn:
            known = await player_by_name(conn, call.values.name)
        if known is None or not self._may_see(known.name, call.identity):
            raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no player of that name.")
        return _player(known, fields, self._online(), call.identity)

    def _fields(self, identity: Identity) -> frozenset[PlayerField]:
        """Return the fields that a caller may see.

        Raises:
            ApiRefused: 404: none.
        """
        if identity.may(Permission.PLAYERS_READ):
            return frozenset(PlayerField)
        website = self._settings.website
        if not website.show_players or not website.player_fields:
            raise ApiRefused(HTTPStatus.NOT_FOUND, "Players are not public here.")
        return website.player_fields

    def _may_see(self, name: str, identity: Identity) -> bool:
        return identity.may(Permission.PLAYERS_READ) or not self._teller.is_hidden(name)

    def _online(self) -> Mapping[ServerId, frozenset[str]]:
        now = self._parts.now()
        return {
            id_: players_on(server, now=now) or frozenset() for id_, server in self._parts.servers.items()
        }


def _player(
    known: KnownPlayer,
    fields: frozenset[PlayerField],
    online: Mapping[ServerId, frozenset[str]],
    identity: Identity,
) -> ListedPlayer:
    plays = any(known.name in online.get(server, ()) for server in known.servers)
    return ListedPlayer(
        name=known.name,
        uuid=known.uuid if identity.may(Permission.PLAYERS_READ) else None,
        online=plays if PlayerField.ONLINE in fields else None,
        servers=known.servers if PlayerField.SERVERS in fields else None,
        first_seen=known.first_seen if PlayerField.FIRST_SEEN in fields else None,
        last_seen=known.last_seen if PlayerField.LAST_SEEN in fields else None,
    )
