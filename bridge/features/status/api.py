"""How the servers are, for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from bridge.config.access import Permission
from bridge.features.contract import Parts
from bridge.features.servers import ServerView, State
from bridge.features.status.logic import playing, verdict
from bridge.website import Site
from bridge.website.api import ApiCall, ApiRefused, Endpoint, Nothing
from bridge.website.identity import Identity

TAG: Final = "Servers"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One game server as it is now; null where that is not known."""

    id: Annotated[str, msgspec.Meta(description="Its name in paths and filters.")]
    title: Annotated[str, msgspec.Meta(description="What people call it.")]
    state: Annotated[State, msgspec.Meta(description="By its status port.")]
    address: Annotated[str | None, msgspec.Meta(description="Where players join.")]
    version: str | None
    motd: Annotated[str | None, msgspec.Meta(description="What it says of itself, as plain text.")]
    latency_ms: Annotated[float | None, msgspec.Meta(description="Of its status port, in milliseconds.")]
    online: Annotated[int | None, msgspec.Meta(description="How many play.")]
    maximum: Annotated[int | None, msgspec.Meta(description="How many can play.")]
    names: Annotated[
        tuple[str, ...] | None,
        msgspec.Meta(description="Who plays, without those who are hidden; null where names are not told."),
    ]
    checked_at: Annotated[datetime | None, msgspec.Meta(description="When it last answered.")]


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """All servers, in the order of the settings."""

    servers: tuple[Server, ...]


class CommunityStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How all servers together are."""

    community: str
    state: Annotated[State, msgspec.Meta(description="down as soon as one server is.")]
    online: Annotated[int | None, msgspec.Meta(description="How many play on all of them.")]
    up: Annotated[int, msgspec.Meta(description="How many servers are up.")]
    down: Annotated[int, msgspec.Meta(description="How many servers are down.")]
    unknown: Annotated[int, msgspec.Meta(description="How many servers nobody knows about.")]


class ServerPath(msgspec.Struct, frozen=True):
    """Which server."""

    server: Annotated[str, msgspec.Meta(description="Its id.")]


_EXAMPLE: Final = Server(
    id="survival",
    title="Survival",
    state=State.UP,
    address="play.example.org",
    version="26.3",
    motd="Welcome",
    latency_ms=3.5,
    online=2,
    maximum=20,
    names=("Milo", "Nora"),
    checked_at=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
)


class StatusApi:
    """The endpoints about servers."""

    def __init__(self, parts: Parts, site: Site, views: Callable[[], Sequence[ServerView]]) -> None:
        self._parts, self._views = parts, views
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/status",
                handler=self.status,
                summary="How all servers together are.",
                tag=TAG,
                example=CommunityStatus(
                    community="Stonebridge", state=State.UP, online=2, up=1, down=0, unknown=0
                ),
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/servers",
                handler=self.servers,
                summary="How every server is.",
                tag=TAG,
                example=Servers(servers=(_EXAMPLE,)),
            )
        )
        site.add_api(
            Endpoint(
                method="GET",
                path="/api/v1/servers/{server}",
                handler=self.server,
                summary="How one server is.",
                tag=TAG,
                example=_EXAMPLE,
                values=ServerPath,
            )
        )

    async def status(self, _call: ApiCall[Nothing, Nothing, Nothing]) -> CommunityStatus:
        """Return how all servers together are."""
        views = self._views()
        states = Counter(each.state for each in views)
        return CommunityStatus(
            community=self._parts.settings.community.name,
            state=verdict(views).state,
            online=playing(views),
            up=states[State.UP],
            down=states[State.DOWN],
            unknown=states[State.UNKNOWN],
        )

    async def servers(self, call: ApiCall[Nothing, Nothing, Nothing]) -> Servers:
        """Return how every server is."""
        named = self._names_are_told(call.identity)
        return Servers(servers=tuple(server_answer(view, named=named) for view in self._views()))

    async def server(self, call: ApiCall[Nothing, Nothing, ServerPath]) -> Server:
        """Return how one server is.

        Raises:
            ApiRefused: 404: there is none of that id.
        """
        for view in self._views():
            if view.id == call.values.server:
                return server_answer(view, named=self._names_are_told(call.identity))
        raise ApiRefused(HTTPStatus.NOT_FOUND, "There is no server of that id.")

    def _names_are_told(self, identity: Identity) -> bool:
        return self._parts.settings.website.show_players or identity.may(Permission.PLAYERS_READ)


def server_answer(view: ServerView, *, named: bool) -> Server:
    """Return a server as it is answered, with the names of who plays or without."""
    return Server(
        id=view.id,
        title=view.title,
        state=view.state,
        address=view.address,
        version=view.version,
        motd=view.motd,
        latency_ms=view.latency_ms,
        online=view.online,
        maximum=view.maximum,
        names=view.names if named else None,
        checked_at=view.checked,
    )
