"""The demo page: a game, a Discord channel and the website on one page, live and open to typing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jinja2
import msgspec
from aiohttp import web

from bridge.simulator.discord.changes import Change, MessageCreated, MessageEdited, MessagesDeleted
from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.sim import SimDiscord
from bridge.simulator.discord.values import AuthorKind, Channel, Message
from bridge.simulator.game import GameEvent, Life, Shown, ShownKind, SimGame

from .discord_pane import DiscordPane, Refused
from .game_pane import GamePane
from .meter import Meter
from .streams import Stream
from .texts import DEFAULT_NAMES, LANGUAGES, choose_language
from .views import SnapshotView, View

_HERE: Final = Path(__file__).parent
_STATIC: Final = {
    "demo.css": "text/css",
    "demo.js": "text/javascript",
    "draw.js": "text/javascript",
    "face.js": "text/javascript",
    "mark.svg": "image/svg+xml",
    "scene.svg": "image/svg+xml",
}
_MOST_BODY: Final = 16_384
_ABSENCE_S: Final = 5.0  # how long a page may be away before its player leaves


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a page sends."""

    visitor: str
    name: str = ""
    text: str = ""
    id: str = ""


class DemoPage:
    """Serves the page on loopback; the simulators, and what runs between them, belong to the caller."""

    def __init__(
        self,
        game: SimGame,
        discord: SimDiscord,
        channel: Channel,
        frame_url: str | None,
        port: int = 0,
        *,
        life: Life | None = None,
        beside: Channel | None = None,
        host: str = "127.0.0.1",
        absence_s: float = _ABSENCE_S,
    ) -> None:
        self.port = port
        self._host = host
        self._frame_url = frame_url
        self._game = GamePane(game, life)
        self._discord = DiscordPane(discord, channel, beside)
        self._meter = Meter()
        self._streams: set[Stream] = set()
        self._watchers: list[asyncio.Task[None]] = []
        self._absences: dict[str, asyncio.TimerHandle] = {}
        self._absence_s = absence_s
        self._runner: web.AppRunner | None = None
        self._page = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        ).get_template("page.html")
        self._files = {name: (_HERE / "static" / name).read_bytes() for name in _STATIC}

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{self._host}:{self.port}/"

    async def start(self) -> None:
        """Serve the page and begin to watch both simulators.

        Raises:
            OSError: The port is taken.
        """
        app = web.Application(client_max_size=_MOST_BODY)
        app.on_response_prepare.append(self._secure)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._file)
        app.router.add_get("/stream", self._stream)
        app.router.add_post("/game", self._say_game)
        app.router.add_post("/discord", self._say_discord)
        app.router.add_post("/discord/edit", self._edit)
        app.router.add_post("/discord/remove", self._remove)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=2.0,
            handler_cancellation=True,  # a closed page ends its stream at once
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = self._runner.addresses[0][1]
        ready = asyncio.Event(), asyncio.Event()
        self._watchers = [
            asyncio.create_task(self._watch_game(ready[0])),
            asyncio.create_task(self._watch_discord(ready[1])),
        ]
        for each in ready:
            await each.wait()

    async def stop(self) -> None:
        """End every open page and stop serving."""
        for stream in list(self._streams):
            stream.end()
        for watcher in self._watchers:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
        if self._runner is not None:
            await self._runner.cleanup()
        for absence in self._absences.values():
            absence.cancel()

    # What happens in the simulators

    async def _watch_game(self, ready: asyncio.Event) -> None:
        with self._game.game.listen() as inbox:
            ready.set()
            async for event in inbox:
                self._measure_game(event)
                view = self._game.view(event)
                if view is not None:
                    self._tell(view)

    def _measure_game(self, event: GameEvent) -> None:
        if not isinstance(event, Shown):
            return
        if event.kind is ShownKind.TELLRAW:
            self._meter.arrived_in_game(event.line.plain, time.monotonic())
            self._tell(self._meter.view())
        elif event.kind is ShownKind.CHAT:
            said = event.line.plain.partition("> ")[2] or event.line.plain
            self._meter.said_in_game(said, time.monotonic())

    async def _watch_discord(self, ready: asyncio.Event) -> None:
        with self._discord.sim.subscribe() as changes:
            ready.set()
            async for change in changes:
                self._changed(change)

    def _changed(self, change: Change) -> None:
        match change:
            case MessageCreated(message):
                self._measure_discord(message)
                self._tell_message(message)
                self._tell_beside(message.channel)
            case MessageEdited(message):
                self._tell_message(message)
                self._tell_beside(message.channel)
            case MessagesDeleted(channel, messages):
                if channel == self._discord.channel.id:
                    self._tell(self._discord.removed(messages))
                self._tell_beside(channel)

    def _measure_discord(self, message: Message) -> None:
        if message.channel != self._discord.channel.id or message.ephemeral:
            return
        if message.author.kind is AuthorKind.MEMBER:
            self._meter.said_in_discord(message.content, time.monotonic())
        else:
            self._meter.arrived_in_discord(message.content, time.monotonic())
            self._tell(self._meter.view())

    def _tell_message(self, message: Message) -> None:
        readers = [each for each in self._streams if self._discord.shows(message, each.visitor)]
        if readers:
            view = self._discord.view(message)
            for stream in readers:
                stream.tell(view)

    def _tell_beside(self, channel: Snowflake) -> None:
        if self._discord.is_beside(channel):
            self._tell(self._discord.pinned())

    def _tell(self, view: View) -> None:
        for stream in self._streams:
            stream.tell(view)

    # What pages ask for

    async def _secure(self, _request: web.Request, response: web.StreamResponse) -> None:
        frame = urlsplit(self._frame_url or "")
        origin = f"{frame.scheme}://{frame.netloc}" if frame.netloc else "'none'"
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"frame-src {origin}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-cache")

    async def _index(self, request: web.Request) -> web.Response:
        language = choose_language(request.headers.get("Accept-Language", ""))
        channel = self._discord.channel
        page = self._page.render(
            t=LANGUAGES[language],
            language=language,
            channel=channel.name,
            topic=channel.topic or "",
            frame_url=self._frame_url,
            page_url=(self._frame_url or "").replace("/embed/", "/", 1),
            player=DEFAULT_NAMES[language],
            member=DEFAULT_NAMES[language],
        )
        return web.Response(text=page, content_type="text/html", headers={"Vary": "Accept-Language"})

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=_STATIC[name], charset="utf-8")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        stream = Stream(request.query.get("visitor", "")[:64])
        self._streams.add(stream)
        if stream.visitor in self._absences:
            self._absences.pop(stream.visitor).cancel()
        stream.tell(self._snapshot())
        try:
            async for data in stream.events():
                await response.write(data)
        except ConnectionResetError:
            pass  # the page was closed
        finally:
            self._streams.discard(stream)
            self._absent(stream.visitor)
        return response

    def _snapshot(self) -> SnapshotView:
        return SnapshotView(
            shown=tuple(self._game.shown),
            log=tuple(self._game.log),
            roster=self._game.roster(),
            messages=self._discord.recent(),
            meter=self._meter.view(),
            pinned=self._discord.pinned(),
        )

    def _absent(self, visitor: str) -> None:
        if any(each.visitor == visitor for each in self._streams):
            return
        loop = asyncio.get_running_loop()
        self._absences[visitor] = loop.call_later(self._absence_s, self._gone, visitor)

    def _gone(self, visitor: str) -> None:
        self._absences.pop(visitor, None)
        self._game.gone(visitor)

    async def _say_game(self, request: web.Request) -> web.Response:
        try:
            asked = await _asked(request)
            reply = self._game.type(asked.visitor, asked.name.strip(), asked.text)
        except Refused as exc:
            return _refusal(request, exc)
        return web.json_response({"reply": reply})

    async def _say_discord(self, request: web.Request) -> web.Response:
        language = choose_language(request.headers.get("Accept-Language", ""))
        locale = {"en": "en-US"}.get(language, language)
        try:
            asked = await _asked(request)
            name = asked.name.strip()[:32] or DEFAULT_NAMES[language]
            member = await self._discord.say(asked.visitor, name, asked.text.strip(), locale=locale)
            self._game.greeted(name, asked.text)
        except Refused as exc:
            return _refusal(request, exc)
        return web.json_response({"member": str(member.id)})

    async def _edit(self, request: web.Request) -> web.Response:
        try:
            asked = await _asked(request)
            await self._discord.edit(asked.visitor, asked.id, asked.text.strip())
        except Refused as exc:
            return _refusal(request, exc)
        return web.json_response({})

    async def _remove(self, request: web.Request) -> web.Response:
        try:
            asked = await _asked(request)
            await self._discord.remove(asked.visitor, asked.id)
        except Refused as exc:
            return _refusal(request, exc)
        return web.json_response({})


async def _asked(request: web.Request) -> Asked:
    """Read a page's JSON; a foreign site cannot send that type without asking first.

    Raises:
        Refused: It is not what our page sends.
    """
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if request.content_type != "application/json" or foreign:
        raise Refused("only this page may send that")
    try:
        asked = msgspec.json.decode(await request.read(), type=Asked)
    except msgspec.DecodeError as exc:
        raise Refused(str(exc)) from exc
    if not asked.visitor or len(asked.visitor) > 64 or not (asked.text.strip() or asked.id):
        raise Refused("there is nothing to say")
    return asked


def _refusal(request: web.Request, refused: Refused) -> web.Response:
    texts = LANGUAGES[choose_language(request.headers.get("Accept-Language", ""))]
    problem = texts.get(refused.problem, refused.problem)
    answer: dict[str, Any] = {"problem": problem.format(**refused.values) if refused.values else problem}
    return web.json_response(answer, status=HTTPStatus.BAD_REQUEST)
