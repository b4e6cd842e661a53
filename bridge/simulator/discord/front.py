"""The HTTP server in front of everything: sorts requests by the beginning of their path."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.streams import StreamReader

from bridge.simulator.discord.authorize import AUTHORIZE, AuthorizePage
from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import NotSimulated
from bridge.simulator.discord.gateway import Gateway
from bridge.simulator.discord.pictures import picture
from bridge.simulator.discord.rest import Rest

API: Final = "/api/v10"
_MOST_BYTES: Final = 25 * 1024 * 1024  # documented: the largest request

Extra: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """Return a request that may be as large as Discord allows, not only aiohttp's 1 MiB."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_MOST_BYTES)


class Front:
    """A listening server; :meth:`start` and :meth:`stop` may be called again and again."""

    def __init__(self, core: Core, rest: Rest, gateway: Gateway) -> None:
        self._core = core
        self._rest = rest
        self._gateway = gateway
        self._authorize = AuthorizePage(core)
        self._runner: web.ServerRunner | None = None
        self.extra: dict[str, Extra] = {}  # handlers of the simulator's owner, by the beginning of the path

    async def start(self, host: str, port: int) -> int:
        """Listen and return the port; 0 takes any free one.

        Raises:
            OSError: The port is taken.
        """
        server = web.Server(self._serve, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=True)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        chosen: int = self._runner.addresses[0][1]
        return chosen

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(API + "/"):
            return await self._rest.serve(request, path[len(API) :])
        if path.rstrip("/") == "/gateway":
            return await self._gateway.serve(request)
        if path == AUTHORIZE:
            return await self._authorize.serve(request)
        for prefix, handler in self.extra.items():
            if path.startswith(prefix):
                return await handler(request)
        return self._file(path)

    def _file(self, path: str) -> web.Response:
        """Serve what Discord's content network serves: avatars and attachments."""
        kind, *rest = path.strip("/").split("/")
        if kind in {"avatars", "embed"} and rest:
            return web.Response(
                body=picture("/".join(rest).split(".", maxsplit=1)[0]), content_type="image/png"
            )
        if kind == "attachments" and len(rest) == 3:
            found = self._core.world.files.get(Snowflake(rest[1]))
            if found is not None:
                return web.Response(body=found[1], content_type=found[0].content_type)
            return web.Response(status=404)
        if path != "/favicon.ico":  # which a browser may ask for before it has read that there is none
            self._core.note(NotSimulated(f"path {path}"))
        return web.Response(status=404)
