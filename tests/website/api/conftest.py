"""A site with a door, tokens and endpoints of its own, on a real store and a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import aiohttp
import msgspec
import pytest

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.config.settings import BridgeSettings
from bridge.locales import Catalogue
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website import Site
from bridge.website.api import (
    ApiCall,
    ApiRefused,
    Endpoint,
    Nothing,
    Paged,
    cursor_of,
    next_page,
    position_of,
)
from bridge.website.door import Door
from bridge.website.identity import Identity, IdentityKind

if TYPE_CHECKING:
    Serve: TypeAlias = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]


class NumbersQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which numbers."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500, description="How many.")] = 3
    kind: tuple[Annotated[str, msgspec.Meta(max_length=10)], ...] = ()
    cursor: str | None = None


class Numbers(Paged, frozen=True, kw_only=True):
    """Some numbers."""

    numbers: tuple[int, ...]


class Long(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is as long as asked."""

    text: str


class Place(msgspec.Struct, frozen=True):
    """A position."""

    position: Annotated[int, msgspec.Meta(ge=1)]


class RoomName(msgspec.Struct, frozen=True):
    """A room."""

    room: str


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag."""

    name: str


class Spoken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    tags: tuple[Tag, ...] = ()


async def numbers(call: ApiCall[NumbersQuery, Nothing, Nothing]) -> Numbers:
    """Return numbers below ten."""
    first = 1 if call.query.cursor is None else position_of(call.query.cursor)
    end = min(first + call.query.limit, 10)
    cursor = cursor_of(end) if end < 10 else None
    return Numbers(numbers=tuple(range(first, end)), next=next_page(call.request, cursor))


async def long(call: ApiCall[Nothing, Nothing, Place]) -> Long:
    """Return a long text, or trip."""
    if call.values.position == 13:
        raise ZeroDivisionError
    if call.values.position > 500_000:
        raise ApiRefused(HTTPStatus.NOT_FOUND, "That is too long.")
    return Long(text="x" * call.values.position)


async def say(call: ApiCall[Nothing, Spoken, RoomName]) -> Long:
    """Return what was said."""
    return Long(text=f"{call.identity.name}: {call.body.text}")


def add_endpoints(site: Site) -> None:
    """Add endpoints under names that the permission table has."""
    site.add_api(
        Endpoint(
            method="GET",
            path="/api/v1/status",
            handler=numbers,
            summary="Numbers.",
            tag="Numbers",
            example=Numbers(numbers=(1, 2)),
            query=NumbersQuery,
        )
    )
    site.add_api(
        Endpoint(
            method="GET",
            path="/api/v1/records/{position}",
            handler=long,
            summary="A text.",
            tag="Texts",
            example=Long(text="xxx"),
            values=Place,
        )
    )
    site.add_api(
        Endpoint(
            method="POST",
            path="/api/v1/rooms/{room}/lines",
            handler=say,
            summary="Say it.",
            tag="Texts",
            example=Long(text="Nora: hi"),
            body=Spoken,
            values=RoomName,
            status=HTTPStatus.CREATED,
        )
    )


def maker(*permissions: Permission, id_: str = "1" * 18) -> Identity:
    """Return a member of staff who may do this much."""
    return Identity(
        kind=IdentityKind.MEMBER,
        id=id_,
        name="Ines",
        bundle=Bundle.ADMIN,
        permissions=frozenset(permissions) or permissions_of(Bundle.ADMIN),
    )


@dataclass
class Desk:
    """A site that serves, and a program that asks it."""

    site: Site
    store: Store
    client: aiohttp.ClientSession
    secrets: list[str]

    async def token(self, *scopes: Permission, name: str = "Shop") -> dict[str, str]:
        """Return the header of a new token."""
        made = await self.site.tokens.create(name, scopes, maker=maker())
        self.secrets.append(made.secret)
        return {"Authorization": f"Bearer {made.secret}"}

    async def problem(self, answer: aiohttp.ClientResponse, status: int) -> dict[str, object]:
        """Return the problem document that an answer is."""
        assert answer.status == status, await answer.text()
        assert answer.content_type == "application/problem+json"
        document = msgspec.json.decode(await answer.read(), type=dict[str, object])
        assert document["status"] == status
        assert {"type", "title", "detail"} <= document.keys()
        return document


@pytest.fixture
async def desk(tmp_path: Path, serve: Serve, migrate: Migrate) -> AsyncIterator[Desk]:
    """A site with a door that serves, and a client of it."""
    settings = BridgeSettings.model_validate({"servers": {"survival": {}}, "website": {"port": 0}})
    async with await Store.open(tmp_path / "data", migrate=migrate) as store:
        site = Site(
            settings.website, Catalogue.load("en"), community="Stonebridge", door=Door.of(settings, store)
        )
        add_endpoints(site)
        async with serve(site) as client:
            yield Desk(site, store, client, [])
