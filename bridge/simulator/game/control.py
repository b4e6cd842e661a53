"""A small HTTP door to a pretend server in another process: ``/sim/…``, JSON in and out."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .rcon import Drop, RconFaults
from .server import SimGame
from .status import StatusFault
from .values import Received

Body = dict[str, Any]
"""A request's JSON: the border to programs that are not ours, read field by field."""


class Control:
    """Serves the door on loopback; every action answers ``{"at_s": …}``, the monotonic time before it."""

    def __init__(self, game: SimGame, *, port: int = 0) -> None:
        self.port = port
        self._game = game
        self._runner: web.AppRunner | None = None
        self._bursts: set[asyncio.Task[None]] = set()
        self._actions: dict[str, Callable[[Body], Awaitable[object]]] = {
            "burst": self._burst,
            "command": self._command,
            "crash": lambda _: game.crash(),
            "faults": self._faults,
            "restart": lambda _: game.restart(),
            "rotate": self._rotate,
            "start": lambda _: game.start(),
            "stop": lambda _: game.stop(),
        }

    async def start(self) -> None:
        """Open the door.

        Raises:
            OSError: The port is taken.
        """
        app = web.Application()
        app.router.add_get("/sim/state", self._state)
        app.router.add_get("/sim/received", self._received)
        app.router.add_post("/sim/{action}", self._act)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the door and end what it began."""
        for burst in list(self._bursts):
            burst.cancel()
        await asyncio.gather(*self._bursts, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _state(self, _request: web.Request) -> web.Response:
        game = self._game
        return web.json_response(
            {
                "running": game.running,
                "online": list(game.online),
                "rcon_port": game.rcon.port,
                "status_port": game.status.port,
                "log": str(game.log.latest),
                "received": len(game.received),
                "commands": game.rcon.commands,
                "connections": len(game.rcon.connections),
                "connected": game.rcon.connected,
                "pings": game.status.pings,
            }
        )

    async def _received(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", "0"))
        return web.json_response([_received_json(each) for each in self._game.received[since:]])

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        body: Body = await request.json() if request.can_read_body else {}
        at_s = time.monotonic()
        try:
            answer: object = None
            if name in self._actions:
                answer = await self._actions[name](body)
            else:
                self._player_action(name, body)
        except (KeyError, TypeError, ValueError) as exc:
            return web.json_response({"error": f"{name}: {exc!r}"}, status=400)
        return web.json_response({"at_s": at_s, "answer": answer})

    def _player_action(self, name: str, body: Body) -> None:
        game = self._game
        match name:
            case "join":
                game.join(body["player"], uuid=body.get("uuid"))
            case "leave":
                game.leave(body["player"])
            case "chat":
                game.chat(body["player"], body["text"])
            case "emote":
                game.emote(body["player"], body["text"])
            case "say":
                game.say(body.get("player", "Server"), body["text"])
            case "die":
                game.die(body["player"], body["text"])
            case "advance":
                game.advance(body["player"], body["text"], frame=body.get("frame", "task"))
            case "line":
                game.log_line(body["thread"], body.get("level", "INFO"), body["text"])
            case _:
                raise ValueError("there is no such action")

    async def _command(self, body: Body) -> str:
        return self._game.command(body["text"])

    async def _rotate(self, body: Body) -> str:
        path = self._game.rotate(compress=bool(body.get("compress", True)))
        await self._game.log.packed()
        return str(path)

    async def _burst(self, body: Body) -> None:
        """Let players say ``{prefix} 0`` … ``{prefix} count-1``, evenly over some seconds."""
        players: list[str] = list(body.get("players", ["Alix"]))
        count, over_s = int(body["count"]), float(body.get("over_s", 0))
        prefix = str(body.get("prefix", "line"))
        task = asyncio.create_task(self._talk(players, count, over_s, prefix))
        self._bursts.add(task)
        task.add_done_callback(self._bursts.discard)
        if body.get("wait"):
            await task

    async def _talk(self, players: list[str], count: int, over_s: float, prefix: str) -> None:
        began_s = time.monotonic()
        for number in range(count):
            wait_s = began_s + over_s * number / count - time.monotonic()
            if wait_s > 0 or number % 50 == 0:
                await asyncio.sleep(max(wait_s, 0))
            self._game.chat(players[number % len(players)], f"{prefix} {number}")

    async def _faults(self, body: Body) -> None:
        """Set what goes wrong; what is not named goes right again."""
        rcon, status = dict(body.get("rcon", {})), dict(body.get("status", {}))
        rcon_refuses, status_refuses = rcon.pop("refuse", False), status.pop("refuse", False)
        password = rcon.pop("password", None)
        faults = RconFaults(**rcon)
        faults.drop = Drop(faults.drop) if faults.drop is not None else None
        self._game.rcon.faults = faults
        self._game.rcon.password = password or self._game.rcon.password
        await (self._game.rcon.close() if rcon_refuses else self._game.rcon.listen())
        fault = status.get("fault")
        self._game.status.fault = StatusFault(fault) if fault is not None else None
        await (self._game.status.refuse() if status_refuses else self._game.status.listen())


def _received_json(received: Received) -> Body:
    runs = received.component.runs
    return {
        "number": received.number,
        "selector": received.selector,
        "players": list(received.players),
        "plain": received.plain,
        "runs": [dataclasses.asdict(run) | {"formats": sorted(run.formats)} for run in runs],
        "source": received.source,
        "at_s": received.at_s,
        "time": received.time.isoformat(),
    }
