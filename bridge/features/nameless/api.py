"""The site's REST API, version 2, as far as we use it: one attempt each, with errors by meaning."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from bridge.config.outside import NamelessSettings
from bridge.features.nameless.answers import (
    DISCORD,
    Announcements,
    GroupsTaken,
    Outcome,
    SiteAnnouncement,
    SiteInfo,
    SiteUser,
    UsersPage,
    is_object,
    read,
)
from bridge.features.nameless.problems import NamelessError, Problem
from bridge.website.outgoing import AddressRefused, Answer, Outgoing, OutgoingError

PAGE: Final = 100  # users in one answer
MOST_PAGES: Final = 1000

_API: Final = re.compile(r"(?:/index\.php.*|/api/v2)/?$")
_MEANINGS: Final = {
    "nameless:api_is_disabled": Problem.API_OFF,
    "nameless:invalid_api_key": Problem.WRONG_KEY,
    "nameless:missing_api_key": Problem.WRONG_KEY,
    "nameless:not_authorized": Problem.WRONG_KEY,
    "nameless:invalid_api_method": Problem.NO_ROUTE,
    "core:invalid_server_id": Problem.NO_SERVER,
}


class Way(StrEnum):
    """How a route becomes an address; which one works depends on the site's host."""

    PRETTY = "pretty"
    INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """What the site is told about one game server."""

    server: int  # the site's id of it
    players: Mapping[str, str]  # names by UUID without dashes, as the site keeps them
    maximum: int
    motd: str
    interval_s: int  # how long until the next report
    groups: Sequence[str] = ()  # what its players can be in, for the site's list to choose from


class NamelessApi:
    """Asks the site; everything raises :class:`NamelessError` when it is not done."""

    def __init__(self, settings: NamelessSettings, outgoing: Outgoing) -> None:
        self._settings, self._outgoing = settings, outgoing
        self._site = site_of(settings)
        self._way: Way | None = None  # the one that last worked

    async def info(self) -> SiteInfo:
        """Return what the site says about itself; changes nothing.

        Raises:
            NamelessError: The API cannot be used as it is.
        """
        return read(await self._call("GET", "info"), SiteInfo)

    async def report(self, report: ServerReport) -> None:
        """Tell how a server is; doing it twice is harmless.

        Raises:
            NamelessError: It was not taken; NO_SERVER if the site does not know the server.
        """
        body = {
            "server-id": report.server,  # this one with a hyphen
            "players": {uuid: {"name": name} for uuid, name in report.players.items()},
            "max_players": report.maximum,
            "motd": report.motd,
            "interval_seconds": report.interval_s,
        }
        if report.groups:  # every report takes the place of the one before, groups included
            body["groups"] = list(report.groups)
        await self._call("POST", "minecraft/server-info", body=body)

    async def set_groups(self, server: int, groups: Mapping[str, Sequence[str]]) -> None:
        """Give players, by UUID without dashes, exactly these groups; doing it twice is harmless.

        Raises:
            NamelessError: It was not taken; GROUPS_IGNORED if the site synchronises with another server.
        """
        body = {
            "server_id": server,  # this one with an underscore
            "player_groups": {uuid: {"groups": list(names)} for uuid, names in groups.items()},
        }
        taken = read(await self._call("POST", "minecraft/update-groups", body=body), GroupsTaken)
        if not bytes(taken.log):
            raise NamelessError(Problem.GROUPS_IGNORED)

    async def users(self) -> AsyncIterator[SiteUser]:
        """Yield every active user who has linked a Discord account.

        Raises:
            NamelessError: Some could not be read.
        """
        for page in range(MOST_PAGES):
            # Both are needed: without an offset there is one page. The next page that an answer
            # names is no sign that there is one.
            query = {"integration": DISCORD, "banned": "false", "active": "true"}
            query |= {"limit": str(PAGE), "offset": str(page * PAGE)}
            users = read(await self._call("GET", "users", query), UsersPage).users
            for user in users:
                yield user
            if len(users) < PAGE:
                return

    async def announcements(self) -> tuple[SiteAnnouncement, ...]:
        """Return the announcements that everybody may read.

        Raises:
            NamelessError: They could not be read.
        """
        return read(await self._call("GET", "announcements"), Announcements).announcements

    async def _call(
        self, method: str, route: str, query: Mapping[str, str] | None = None, *, body: object = None
    ) -> bytes:
        answer: Answer | None = None
        for way in Way if self._way is None else (self._way,):
            answer = await self._send(method, self._address(way, route, query or {}), body)
            if is_object(answer.body):
                self._way = way
                return _judged(answer)
        self._way = None
        raise _no_json(answer)

    async def _send(self, method: str, url: str, body: object) -> Answer:
        key = self._settings.api_key.get_secret_value().strip()
        # The second one is for hosts that take the first away; the site looks at it only then.
        headers = {"Authorization": f"Bearer {key}", "X-API-Key": key, "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(body)
        try:
            return await self._outgoing.send(method, url, headers=headers, body=data)
        except AddressRefused as exc:
            raise NamelessError(Problem.PRIVATE, str(exc)) from None
        except OutgoingError as exc:
            raise NamelessError(Problem.UNREACHABLE, str(exc)) from None

    def _address(self, way: Way, route: str, query: Mapping[str, str]) -> str:
        asked = urlencode(query)
        if way is Way.PRETTY:
            return f"{self._site}/api/v2/{quote(route)}" + (f"?{asked}" if asked else "")
        return f"{self._site}/index.php?route=/api/v2/{quote(route)}" + (f"&{asked}" if asked else "")


def site_of(settings: NamelessSettings) -> str:
    """Return the address of the site's first page, even where somebody has set that of its API."""
    return _API.sub("", settings.url).rstrip("/")


def _judged(answer: Answer) -> bytes:
    """Return the body of a good answer."""
    error = read(answer.body, Outcome).error
    if error is not None:
        unknown = Problem.BROKEN if answer.status >= 500 else Problem.REFUSED
        raise NamelessError(_MEANINGS.get(error, unknown), error[:100])
    if answer.status >= 400:
        problem = Problem.BROKEN if answer.status >= 500 or answer.status == 429 else Problem.REFUSED
        raise NamelessError(problem, f"status {answer.status}")
    return answer.body


def _no_json(answer: Answer | None) -> NamelessError:
    if answer is None:
        return NamelessError(Problem.NOT_JSON)
    if 300 <= answer.status < 400:
        return NamelessError(Problem.MOVED, urlsplit(answer.headers.get("Location", "")).netloc[:100])
    problem = Problem.BROKEN if answer.status >= 500 else Problem.NOT_JSON
    return NamelessError(problem, f"status {answer.status}")
