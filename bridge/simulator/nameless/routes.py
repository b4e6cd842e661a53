"""The routes of the API, and what each does with the pretend site's users, servers and announcements."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from bridge.simulator.nameless.errors import ApiError
from bridge.simulator.nameless.values import (
    Integration,
    JsonObject,
    SiteAnnouncement,
    SiteGroup,
    SiteServer,
    SiteUser,
)

PAGE: Final = 15  # users in an answer, where no limit was asked for

Query: TypeAlias = Mapping[str, str]
Handler: TypeAlias = Callable[[Query, JsonObject], JsonObject]


class Content:
    """What the site holds; tests change it as they like."""

    def __init__(self) -> None:
        self.users: dict[int, SiteUser] = {}
        self.groups: dict[int, SiteGroup] = {}
        self.servers: dict[int, SiteServer] = {}
        self.announcements: list[SiteAnnouncement] = []
        self.group_server: int | None = None  # the server that groups are synchronised with
        self.ranks: dict[str, tuple[str, ...]] = {}  # a player's groups in the game, by UUID without dashes
        self.version = "2.2.1"

    def add_user(
        self, username: str, *integrations: Integration, banned: bool = False, active: bool = True
    ) -> SiteUser:
        """Add a user with the accounts that they have linked."""
        number = len(self.users) + 1
        user = SiteUser(
            id=number, username=username, banned=banned, active=active, integrations=list(integrations)
        )
        self.users[number] = user
        return user

    def linked(self, name: str, identifier: str) -> tuple[SiteUser, Integration] | None:
        """Return who has linked an account, and the link."""
        for user in self.users.values():
            for link in user.integrations:
                if link.name == name and link.identifier == identifier:
                    return user, link
        return None


class Routes:
    """Answers what is asked of the content."""

    def __init__(self, content: Content, url: Callable[[], str]) -> None:
        self._content, self._url = content, url
        self._open: dict[tuple[str, str], Handler] = {("GET", "announcements"): self._announcements}
        self._keyed: dict[tuple[str, str], Handler] = {
            ("GET", "info"): self._info,
            ("GET", "users"): self._users,
            ("GET", "groups"): self._groups,
            ("POST", "minecraft/server-info"): self._server_info,
            ("POST", "minecraft/update-groups"): self._update_groups,
        }

    def find(self, method: str, route: str) -> tuple[Handler, bool]:
        """Return what handles a request, and whether it needs the key.

        Raises:
            ApiError: There is no such route, or it takes another method.
        """
        if route.startswith("users/") and route.count("/") == 1:
            return lambda _query, _body: self._user(route.removeprefix("users/")), True
        if found := self._open.get((method, route)):
            return found, False
        if found := self._keyed.get((method, route)):
            return found, True
        if any(known == route for _, known in (*self._open, *self._keyed)):
            raise ApiError("nameless:invalid_api_method", f"not with {method}", status=405)
        raise ApiError("nameless:invalid_api_method", "no such route", status=404)

    def _info(self, _query: Query, _body: JsonObject) -> JsonObject:
        return {
            "nameless_version": self._content.version,
            "locale": "en_UK",
            "modules": ["Core", "Discord Integration"],
        }

    def _announcements(self, _query: Query, _body: JsonObject) -> JsonObject:
        shown = [
            {
                "id": each.id,
                "header": html.escape(each.header),
                "message": each.message,
                "pages": list(each.pages),
                "groups": list(each.groups),
            }
            for each in self._content.announcements
            if 0 in each.groups
        ]
        return {"announcements": shown}

    def _groups(self, _query: Query, _body: JsonObject) -> JsonObject:
        groups = sorted(self._content.groups.values(), key=lambda group: group.order)
        return {"groups": [_group(group) for group in groups]}

    def _users(self, query: Query, _body: JsonObject) -> JsonObject:
        found = list(self._filtered(query))
        limit, offset = query.get("limit", ""), query.get("offset", "")
        answer: JsonObject = {"limit": -1, "offset": 0, "next_page": None, "previous_page": None}
        next_page = f"{self._url()}/index.php?route=/api/v2/users&limit="
        if "limit" not in query:
            found = found[:PAGE]
            answer |= {"limit": PAGE, "next_page": f"{next_page}{PAGE}&offset={PAGE}"}
        elif limit.isdecimal() and int(limit) >= 1:
            size, skip = int(limit), int(offset) if offset.isdecimal() else 0
            found = found[skip : skip + size]
            answer["limit"] = size
            if offset.isdecimal():  # without an offset there is no next page; with one there always is
                answer |= {"offset": skip, "next_page": f"{next_page}{size}&offset={skip + size}"}
        return {**answer, "users": [self._listed(user) for user in found]}

    def _filtered(self, query: Query) -> Iterator[SiteUser]:
        for user in self._content.users.values():
            if "banned" in query and user.banned != (query["banned"] == "true"):
                continue
            if "active" in query and user.active != (query["active"] == "true"):
                continue
            if "integration" in query and all(
                link.name != query["integration"] for link in user.integrations
            ):
                continue
            yield user

    def _listed(self, user: SiteUser) -> JsonObject:
        return {
            "id": user.id,
            "username": user.username,
            "banned": user.banned,
            "verified": user.active,
            "integrations": [_integration(link) for link in user.integrations],
        }

    def _user(self, named: str) -> JsonObject:
        user = self._named(named)
        if user is None:
            raise ApiError("nameless:cannot_find_user")
        return {
            "id": user.id,
            "username": user.username,
            "exists": True,
            "banned": user.banned,
            "validated": user.active,
            "groups": [_group(self._content.groups[one]) for one in user.groups],
            "integrations": [_integration(link) for link in user.integrations],
        }

    def _named(self, named: str) -> SiteUser | None:
        way, _, rest = named.partition(":")
        users = self._content.users.values()
        match way:
            case "username":
                return next((user for user in users if user.username == rest), None)
            case "integration_id":
                found = self._content.linked(*_halves(rest))
                return None if found is None else found[0]
            case "integration_name":
                return next((user for user in users if _halves(rest) in _names(user)), None)
            case _:
                number = rest if way == "id" else named
                return self._content.users.get(int(number)) if number.isdecimal() else None

    def _server_info(self, _query: Query, body: JsonObject) -> JsonObject:
        _require(body, "server-id")
        if "players" not in body:
            raise ApiError("nameless:invalid_post_contents", "players")
        server = self._content.servers.get(body["server-id"])
        if server is None or server.bedrock:
            raise ApiError("core:invalid_server_id", body["server-id"])
        server.reports += 1
        server.players = dict(body["players"])
        server.most_players, server.motd = body["max_players"], body["motd"]
        server.interval_s = int(body.get("interval_seconds", 10))
        server.groups = tuple(body.get("groups", ()))
        return {"message": "The report was taken"}

    def _update_groups(self, _query: Query, body: JsonObject) -> JsonObject:
        _require(body, "server_id", "player_groups")
        if body["server_id"] != self._content.group_server:
            return {"message": "The groups were ignored"}
        log: list[JsonObject] = []
        for uuid, given in body["player_groups"].items():
            identifier = uuid.replace("-", "")
            found = self._content.linked("Minecraft", identifier)
            if found is None or not found[1].verified or not found[0].active:
                continue
            self._content.ranks[identifier] = tuple(given["groups"])
            log.append({"added": list(given["groups"])})
        return {"message": "The groups were taken", "log": log}


def _require(body: JsonObject, *fields: str) -> None:
    if not body:
        raise ApiError("nameless:invalid_post_contents")
    for field in fields:
        if not body.get(field):  # as PHP's ``empty``: a zero or an empty list counts as missing
            raise ApiError("nameless:invalid_post_contents", {"field": field})


def _integration(link: Integration) -> JsonObject:
    return {
        "integration": link.name,
        "identifier": link.identifier,
        "username": link.username,
        "verified": link.verified,
        "linked_date": 1_700_000_000,
        "show_publicly": True,
    }


def _group(group: SiteGroup) -> JsonObject:
    return {"id": group.id, "name": group.name, "staff": group.staff, "order": group.order}


def _names(user: SiteUser) -> set[tuple[str, str]]:
    return {(link.name, link.username) for link in user.integrations}


def _halves(text: str) -> tuple[str, str]:
    first, _, second = text.partition(":")
    return first, second
