"""The Management Protocol's messages: JSON-RPC out, replies and notifications in; knows no sockets.

A server may send anything. What does not have the shape that is asked for is left out, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import msgspec

from bridge.events import ListedPlayer

MOST_REQUEST_BYTES: Final = 60 * 1024
"""The server takes 64 KiB, the head of the frame included."""

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600  # also: not possible in the server's present state
METHOD_NOT_FOUND: Final = -32601

_PREFIXES: Final = ("minecraft:notification/", "notification:")
"""What stands before a notification's name: since the release of 1.21.9, and in the versions before it."""
_UUID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_MOST_NAME: Final = 40
_MOST_TEXT: Final = 1000
_MOST_DEPTH: Final = 3  # arrays in which a notification's data may be wrapped

Json: TypeAlias = Any
"""What JSON holds: the border to a program that is not ours, read field by field."""


class TooLong(ValueError):
    """The request would not fit what the server reads."""


class RpcProblem(msgspec.Struct, frozen=True):
    """What a server answered instead of a result."""

    code: int
    message: str  # with its data, if it gave any


class Reply(msgspec.Struct, frozen=True):
    """The answer to one request."""

    id: int
    result: Json = None
    problem: RpcProblem | None = None


class Notification(msgspec.Struct, frozen=True):
    """Something the server tells by itself."""

    name: str  # without what stands before it: ``players/joined``
    data: Json = None  # None where there is none


Frame: TypeAlias = Reply | Notification


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says of itself."""

    started: bool
    players: tuple[ListedPlayer, ...] | None = None  # None where it does not tell
    version: str | None = None  # ``1.21.9``
    protocol: int | None = None


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """A player who may use commands."""

    player: ListedPlayer
    level: int | None = None  # 1 to 4
    bypasses_limit: bool | None = None  # gets in when the server is full


class Ban(msgspec.Struct, frozen=True, kw_only=True):
    """A player who may not come in."""

    player: ListedPlayer
    reason: str | None = None
    source: str | None = None  # who banned
    expires: datetime | None = None  # UTC; never where not set


class AddressBan(msgspec.Struct, frozen=True, kw_only=True):
    """An address from which nobody may come in."""

    address: str
    reason: str | None = None
    source: str | None = None
    expires: datetime | None = None


class Offer(msgspec.Struct, frozen=True):
    """What a server can do, as far as it tells: servers before ``rpc.discover`` do not."""

    version: str | None = None  # of the protocol: ``2.0.0``
    methods: frozenset[str] | None = None

    def lacks(self, method: str) -> bool:
        """Tell whether the server is known not to have a method."""
        return self.methods is not None and method not in self.methods


def request(number: int, method: str, params: Iterable[Json] = ()) -> str:
    """Return a request as it is sent.

    Raises:
        TooLong: It would be longer than the server reads.
        ValueError: A text in it is no Unicode.
    """
    message: dict[str, Json] = {"jsonrpc": "2.0", "id": number, "method": method}
    if given := list(params):
        message["params"] = given
    try:
        data = msgspec.json.encode(message)
    except UnicodeEncodeError as exc:
        raise ValueError("a text holds half a character") from exc
    if len(data) > MOST_REQUEST_BYTES:
        raise TooLong(
            f"a request of {len(data)} bytes is longer than the {MOST_REQUEST_BYTES} that can be sent"
        )
    return data.decode()


def read_frames(text: str | bytes) -> list[Frame]:
    """Return what a message from the server holds; nothing where it is no JSON-RPC."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    each = value if isinstance(value, list) else [value]  # several at once are allowed
    return [frame for one in each if (frame := _frame(one)) is not None]


def _frame(value: Json) -> Frame | None:
    if not isinstance(value, dict):
        return None
    method = value.get("method")
    if isinstance(method, str):
        name = _notification_name(method)
        return None if name is None else Notification(name, _unwrapped(value.get("params")))
    number = value.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    problem = _problem(value.get("error")) or _nested_problem(value.get("result"))
    if problem is None and "result" not in value:
        return None
    return Reply(number, None if problem else value["result"], problem)


def _notification_name(method: str) -> str | None:
    for prefix in _PREFIXES:
        if method.startswith(prefix):
            return method.removeprefix(prefix)
    return None


def _unwrapped(params: Json) -> Json:
    """Return a notification's data, which stands alone, in an array of one, or under its name."""
    for _ in range(_MOST_DEPTH):
        if not isinstance(params, list | dict) or len(params) != 1:
            break
        inner = params[0] if isinstance(params, list) else next(iter(params.values()))
        if isinstance(params, dict) and not isinstance(inner, dict):
            break  # an object with one field, such as a player without a UUID
        params = inner
    return None if params in ([], {}) else params


def _problem(value: Json) -> RpcProblem | None:
    if not isinstance(value, dict) or not isinstance(code := value.get("code"), int):
        return None
    parts = [text for each in ("message", "data") if (text := read_text(value.get(each)))]
    return RpcProblem(code, ": ".join(dict.fromkeys(parts)) or "no reason given")


def _nested_problem(result: Json) -> RpcProblem | None:
    """Return the problem that stands where a result should, as in the game's own first example."""
    if not isinstance(result, dict):
        return None
    if "error" in result:
        return _problem(result["error"])
    return _problem(result) if "message" in result and "code" in result else None


def read_text(value: Json) -> str | None:
    """Return a text of the server's, cut to a length that can be shown."""
    if not isinstance(value, str):
        return None
    return "".join(each if each.isprintable() else " " for each in value[:_MOST_TEXT]).strip() or None


def read_uuid(value: Json) -> str | None:
    """Return a UUID with dashes and in lower case."""
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        return None
    digits = value.replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def read_player(value: Json) -> ListedPlayer | None:
    """Return a player, or None where the value has no name."""
    if not isinstance(value, dict):
        return None
    name = value.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _MOST_NAME or not name.isprintable():
        return None
    return ListedPlayer(name=name, uuid=read_uuid(value.get("id")))


def read_players(value: Json) -> tuple[ListedPlayer, ...] | None:
    """Return a list of players without those that have no name; None where it is no list."""
    if not isinstance(value, list):
        return None
    return tuple(player for each in value if (player := read_player(each)) is not None)


def read_state(value: Json) -> ServerState | None:
    """Return a server's state, or None where the value is none."""
    if not isinstance(value, dict) or not isinstance(started := value.get("started"), bool):
        return None
    version = value.get("version")
    version = version if isinstance(version, dict) else {}
    return ServerState(
        started=started,
        players=read_players(value.get("players")),
        version=read_text(version.get("name")),
        protocol=_whole(version.get("protocol")),
    )


def read_operators(value: Json) -> tuple[Operator, ...]:
    """Return a list of operators."""
    return tuple(
        Operator(
            player=player,
            level=_whole(each.get("permissionLevel")),
            bypasses_limit=_truth(each.get("bypassesPlayerLimit")),
        )
        for each, player in _with_players(value)
    )


def read_bans(value: Json) -> tuple[Ban, ...]:
    """Return a list of players' bans."""
    return tuple(
        Ban(
            player=player,
            reason=read_text(each.get("reason")),
            source=read_text(each.get("source")),
            expires=read_moment(each.get("expires")),
        )
        for each, player in _with_players(value)
    )


def read_address_bans(value: Json) -> tuple[AddressBan, ...]:
    """Return a list of addresses' bans."""
    return tuple(
        AddressBan(
            address=address,
            reason=read_text(each.get("reason")),
            source=read_text(each.get("source")),
            expires=read_moment(each.get("expires")),
        )
        for each in (value if isinstance(value, list) else [])
        if isinstance(each, dict) and (address := read_text(each.get("ip"))) is not None
    )


def read_offer(value: Json) -> Offer:
    """Return what an OpenRPC document says; nothing is known where it is none."""
    if not isinstance(value, dict):
        return Offer()
    info, methods = value.get("info"), value.get("methods")
    version = read_text(info.get("version")) if isinstance(info, dict) else None
    if not isinstance(methods, list):
        return Offer(version)
    names = {
        name
        for each in methods
        if isinstance(each, dict) and isinstance(name := each.get("name"), str) and name
    }
    return Offer(version, frozenset(names) if names else None)


def read_moment(value: Json) -> datetime | None:
    """Return an instant in UTC; one that is written without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def player_value(player: ListedPlayer) -> Json:
    """Return a player as the server reads one: by UUID where it is known."""
    return {"id": player.uuid, "name": player.name} if player.uuid else {"name": player.name}


def _with_players(value: Json) -> Iterator[tuple[dict[str, Json], ListedPlayer]]:
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict) and (player := read_player(each.get("player"))) is not None:
            yield each, player


def _whole(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _truth(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None
