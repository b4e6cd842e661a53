"""A Management Protocol endpoint as the game has it: JSON-RPC over a web socket, behind a secret."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from .values import SimPlayer, offline_uuid

if TYPE_CHECKING:
    import ssl

    from .server import SimGame

SECRET: Final = "0123456789abcdefghijABCDEFGHIJ0123456789"  # noqa: S105 - a pretend server on loopback
_MOST_BYTES: Final = 64 * 1024
_PARSE, _REQUEST, _METHOD, _PARAMS = -32700, -32600, -32601, -32602

Json = Any
"""What JSON holds: the border to a program that is not ours."""


class _Problem(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str, data: str) -> None:
        super().__init__(message)
        self.value = {"code": code, "message": message, "data": data}


@dataclass(slots=True)
class ManagementFaults:
    """What goes wrong; change it while the server runs."""

    hang: bool = False  # requests are read and never answered, as while the main thread hangs
    drop_next: str | None = None  # "before-run" or "after-run": the next request breaks its connection
    unknown: set[str] = field(default_factory=set)  # methods that this version does not have
    old_names: bool = False  # notifications are called ``notification:…``
    objects: bool = False  # their data stands in an object, not in an array
    nested_errors: bool = False  # errors stand inside ``result``
    silent: bool = False  # nothing is told by itself


class ManagementPort:
    """The listening side; ``port`` stays the same over :meth:`close` and :meth:`listen`."""

    def __init__(self, game: SimGame, *, secret: str | None, port: int = 0) -> None:
        self.secret = secret
        self.port = port
        self.faults = ManagementFaults()
        self.requests: list[str] = []  # methods, in order
        self.refused = 0  # connections with a wrong secret
        self._game = game
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._bans: dict[str, Json] = {}
        self._levels: dict[str, int] = {}
        self.protocol = "2.0.0"
        self.tls: ssl.SSLContext | None = None  # set it before listening
        self._methods: dict[str, tuple[str | None, Callable[[Json], Json]]] = {
            "minecraft:players": (None, lambda _: self._players()),
            "minecraft:players/kick": ("kick", self._kick),
            "minecraft:allowlist": (None, lambda _: _named(game.whitelisted)),
            "minecraft:allowlist/add": ("add", lambda who: self._change(game.whitelisted, who, add=True)),
            "minecraft:allowlist/remove": (
                "remove",
                lambda who: self._change(game.whitelisted, who, add=False),
            ),
            "minecraft:bans": (None, lambda _: self._banned()),
            "minecraft:bans/add": ("add", self._ban),
            "minecraft:bans/remove": ("remove", self._pardon),
            "minecraft:operators": (None, lambda _: self._operators()),
            "minecraft:operators/add": ("add", self._op),
            "minecraft:operators/remove": ("remove", self._deop),
            "minecraft:server/status": (None, lambda _: self.state()),
            "minecraft:server/save": ("flush", self._save),
            "minecraft:server/stop": (None, self._stop),
            "minecraft:server/system_message": ("message", self._say),
        }

    async def listen(self) -> None:
        """Accept connections; without a secret there is no endpoint.

        Raises:
            OSError: The port is taken.
        """
        if self.secret is None or self._runner is not None:
            return
        app = web.Application()
        app.router.add_get("/", self._connected)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Refuse new connections and break the open ones."""
        runner, self._runner = self._runner, None
        self.drop_all()
        if runner is not None:
            await runner.cleanup()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def drop_all(self) -> None:
        """Break every open connection at once."""
        for socket in list(self._sockets):
            _break(socket)

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._sockets)

    def notify(self, name: str, data: Json = None) -> None:
        """Tell every client; what has no data has no ``params`` at all."""
        if self.faults.silent:
            return
        prefix = "notification:" if self.faults.old_names else "minecraft:notification/"
        message: dict[str, Json] = {"jsonrpc": "2.0", "method": prefix + name}
        if data is not None:
            message["params"] = {"value": data} if self.faults.objects else [data]
        self.send_raw(json.dumps(message))

    def send_raw(self, text: str) -> None:
        """Send every client any text."""
        for socket in list(self._sockets):
            task = asyncio.get_running_loop().create_task(_send(socket, text))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def state(self) -> Json:
        """Return how the server is, as ``server/status`` does."""
        game = self._game
        state: dict[str, Json] = {
            "started": game.running,
            "version": {"name": game.version, "protocol": 773},
        }
        if game.running:
            state["players"] = self._players()
        return state

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {self.secret}"
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            self.refused += 1
            return web.Response(status=401)
        socket = web.WebSocketResponse(max_msg_size=_MOST_BYTES, timeout=0.1)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(socket, message.data)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _take(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            problem = _Problem(_PARSE, "Parse error", "no JSON").value
            await _send(socket, json.dumps({"jsonrpc": "2.0", "id": None, "error": problem}))
            return
        method = str(value.get("method"))
        self.requests.append(method)
        drop, self.faults.drop_next = self.faults.drop_next, None
        if self.faults.hang:
            return
        if drop == "before-run":
            _break(socket)
            return
        answer = self._answer(value, method)
        if drop is not None:
            _break(socket)
            return
        await _send(socket, json.dumps({"jsonrpc": "2.0", "id": value.get("id"), **answer}))

    def _answer(self, value: Json, method: str) -> Json:
        try:
            return {"result": self._run(method, value.get("params"))}
        except _Problem as problem:
            return (
                {"result": {"error": problem.value}}
                if self.faults.nested_errors
                else {"error": problem.value}
            )

    def _run(self, method: str, params: Json) -> Json:
        if method in self.faults.unknown:
            raise _Problem(_METHOD, "Method not found", f"Method not found: {method}")
        if method == "rpc.discover":
            return self._document()
        known = self._methods.get(method)
        if known is None:
            raise _Problem(_METHOD, "Method not found", f"Method not found: {method}")
        if not self._game.running and method != "minecraft:server/status":
            raise _Problem(_REQUEST, "Invalid Request", "Server is not started")
        parameter, run = known
        try:
            return run(_parameter(parameter, params))
        except (KeyError, TypeError, AttributeError) as exc:
            raise _Problem(_PARAMS, "Invalid params", f"{exc!r}") from exc

    def _document(self) -> Json:
        names = ["rpc.discover", *self._methods, "minecraft:notification/players/joined"]
        return {
            "openrpc": "1.3.2",
            "info": {"title": "Minecraft Server JSON-RPC", "version": self.protocol},
            "methods": [{"name": name, "params": []} for name in names if name not in self.faults.unknown],
        }

    def _players(self) -> Json:
        return [as_value(player) for player in self._game.online.values()]

    def _kick(self, kicks: Json) -> Json:
        kicked = []
        for kick in kicks:
            player = self._online(kick["player"])
            if player is not None:
                kicked.append(as_value(player))
                self._game.leave(player.name, reason=kick.get("message", {}).get("literal", "Kicked"))
        return kicked

    def _online(self, who: Json) -> SimPlayer | None:
        online = self._game.online.values()
        return next(
            (each for each in online if who.get("id") == each.uuid or who.get("name") == each.name), None
        )

    def _change(self, names: set[str], players: Json, *, add: bool) -> Json:
        for player in players:
            names.add(player["name"]) if add else names.discard(player["name"])
        return _named(names)

    def _banned(self) -> Json:
        return [self._bans.get(name, {"player": _value(name)}) for name in sorted(self._game.banned)]

    def _ban(self, bans: Json) -> Json:
        for ban in bans:
            name = ban["player"]["name"]
            self._game.banned.add(name)
            self._bans[name] = {**ban, "player": _value(name)}
            self._game.leave(name, reason="Banned")
            self.notify("bans/added", self._bans[name])
        return self._banned()

    def _pardon(self, players: Json) -> Json:
        for player in players:
            self._game.banned.discard(player["name"])
            self._bans.pop(player["name"], None)
        return self._banned()

    def _operators(self) -> Json:
        return [
            {
                "player": _value(name),
                "permissionLevel": self._levels.get(name, 4),
                "bypassesPlayerLimit": False,
            }
            for name in sorted(self._game.operators)
        ]

    def _op(self, operators: Json) -> Json:
        for operator in operators:
            name = operator["player"]["name"]
            self._game.operators.add(name)
            self._levels[name] = operator.get("permissionLevel", 4)
        return self._operators()

    def _deop(self, players: Json) -> Json:
        for player in players:
            self._game.operators.discard(player["name"])
        return self._operators()

    def _save(self, _flush: Json) -> Json:
        self.notify("server/saving")
        self.notify("server/saved")
        return True

    def _stop(self, _: Json) -> Json:
        self._game.stop_soon()
        return True

    def _say(self, message: Json) -> Json:
        text = message["message"]["literal"]
        self._game.say("Server", text)
        return True


def as_value(player: SimPlayer) -> Json:
    """Return a player as the protocol writes one."""
    return {"id": player.uuid, "name": player.name}


def _value(name: str) -> Json:
    return {"id": offline_uuid(name), "name": name}


def _named(names: set[str]) -> Json:
    return [_value(name) for name in sorted(names)]


def _parameter(name: str | None, params: Json) -> Json:
    """Return the one parameter of a method, given by place or by name."""
    if name is None:
        return None
    if isinstance(params, dict):
        if name not in params:
            text = f"Params passed by-name, but expected param [{name}] does not exist"
            raise _Problem(_PARAMS, "Invalid params", text)
        return params[name]
    if not isinstance(params, list) or len(params) != 1:
        raise _Problem(_PARAMS, "Invalid params", "Expected exactly one element in the params array")
    return params[0]


def _break(socket: web.WebSocketResponse) -> None:
    transport = socket._req.transport if socket._req is not None else None  # noqa: SLF001 - no public way to it
    if transport is not None:
        transport.abort()


async def _send(socket: web.WebSocketResponse, text: str) -> None:
    try:
        await socket.send_str(text)
    except ConnectionError:
        return  # the client is gone
