"""The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME, and the limits on what a client may send."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import IntEnum
from typing import Final

import msgspec
from aiohttp import WSMsgType, web

from bridge.simulator.discord.changes import Change, StatusChanged
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.dispatches import dispatch_of
from bridge.simulator.discord.errors import NotSimulated
from bridge.simulator.discord.faults import Faults
from bridge.simulator.discord.limits import Buckets
from bridge.simulator.discord.payloads import (
    application_flags,
    guild_create_payload,
    member_payload,
    user_payload,
)
from bridge.simulator.discord.sessions import Connection, Session
from bridge.simulator.discord.values import PRIVILEGED, Intent, JsonObject

_MOST_BYTES: Final = 4096  # documented: what a client may send at once
_CHUNK: Final = 1000  # members in one GUILD_MEMBERS_CHUNK
_END_OF_SESSION: Final = {1000, 1001}  # documented: a client closing with these is gone for good


class Op(IntEnum):
    """The operations of the gateway protocol."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Why the gateway closes a connection."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Gateway:
    """Serves websockets and tells every session what changes."""

    def __init__(self, core: Core, faults: Faults, *, heartbeat_s: float) -> None:
        self._core = core
        self._faults = faults
        self._heartbeat_s = heartbeat_s
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identified = 0  # how many IDENTIFY were accepted
        core.world.hub.listeners.append(self._tell)

    @property
    def online(self) -> list[Session]:
        """The sessions that have a connection now."""
        return [session for session in self.sessions.values() if session.connection is not None]

    def drop(self, code: int = 4000, *, abruptly: bool = False) -> None:
        """Close every connection with a code, or cut them without a word."""
        for connection in self.connections:
            connection.close(code, abruptly=abruptly)

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT to every connection."""
        for connection in self.connections:
            connection.send({"op": Op.RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION to every connection; unless *resumable*, the sessions are forgotten."""
        for connection in self.connections:
            connection.send({"op": Op.INVALID_SESSION, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def interact(self, payload: JsonObject) -> None:
        """Hand an interaction to the application.

        Raises:
            RuntimeError: No session is connected.
        """
        if not self.online:
            raise RuntimeError("no bot is connected to the simulator's gateway")
        self.online[0].dispatch("INTERACTION_CREATE", payload)

    def _tell(self, change: Change) -> None:
        if not self.sessions:
            return
        event = dispatch_of(self._core.world, change)
        if event is None:
            return
        for session in self.sessions.values():
            data = event.for_session(self._core.world, session.intents)
            if data is not None:
                session.dispatch(event.name, data)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one connection until either side closes it."""
        if self._faults.refuse_connects:
            return web.Response(status=503)
        socket = web.WebSocketResponse(timeout=1.0, autoping=True, compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        connection.send({"op": Op.HELLO, "d": {"heartbeat_interval": int(self._heartbeat_s * 1000)}})
        try:
            await self._read(socket, connection)
        finally:
            self._part(connection, socket.close_code)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
        return socket

    async def _read(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        buckets = Buckets(self._core.clock)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                connection.close(CloseCode.DECODE_ERROR)
                continue
            if not buckets.fits(self._core.rates.gateway_sends, "sends", ""):
                connection.close(CloseCode.RATE_LIMITED, "You are being rate limited.")
                continue
            self._handle(connection, message.data, buckets)

    def _part(self, connection: Connection, code: int | None) -> None:
        self.connections.discard(connection)
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.closed_with is None and code in _END_OF_SESSION:
            self.sessions.pop(session.id, None)
        self._core.world.hub.publish(StatusChanged(online=bool(self.online), status="offline"))

    def _handle(self, connection: Connection, text: str, buckets: Buckets) -> None:
        if len(text.encode()) > _MOST_BYTES:
            connection.close(CloseCode.DECODE_ERROR, "Payload too large.")
            return
        try:
            payload = msgspec.json.decode(text, type=JsonObject)
            op = Op(payload["op"])
        except (msgspec.DecodeError, KeyError):
            connection.close(CloseCode.DECODE_ERROR, "Error while decoding payload.")
            return
        except ValueError:
            self._core.note(NotSimulated(f"gateway operation in {text[:200]}"))
            connection.close(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")
            return
        self._operate(connection, op, payload.get("d"), buckets)

    def _operate(self, connection: Connection, op: Op, data: object, buckets: Buckets) -> None:
        fields: JsonObject = data if isinstance(data, dict) else {}
        if op is Op.HEARTBEAT:
            connection.heartbeats += 1
            self._core.world.hub.wake()
            if not self._faults.ignore_heartbeats:
                connection.send({"op": Op.HEARTBEAT_ACK, "d": None})
        elif op is Op.IDENTIFY:
            self._identify(connection, fields)
        elif op is Op.RESUME:
            self._resume(connection, fields)
        elif connection.session is None:
            connection.close(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
        elif op is Op.PRESENCE:
            self._presence(connection, fields, buckets)
        elif op is Op.REQUEST_MEMBERS:
            self._send_members(connection.session, fields)
        else:
            self._core.note(NotSimulated(f"gateway operation {op.name} from a client"))
            connection.close(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")

    def _identify(self, connection: Connection, data: JsonObject) -> None:
        intents = Intent(data.get("intents", 0))
        if connection.session is not None:
            connection.close(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
        elif self._core.token is None or data.get("token") != self._core.token:
            connection.close(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
        elif "intents" not in data:
            connection.close(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        elif intents & PRIVILEGED & ~self._core.granted:
            connection.close(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        elif not self._may_identify():
            connection.send({"op": Op.INVALID_SESSION, "d": False})
        else:
            self._welcome(connection, intents)
            self._show(data.get("presence") or {})

    def _may_identify(self) -> bool:
        core = self._core
        return core.buckets.fits(core.rates.identify, "identify", "") and core.buckets.fits(
            core.rates.sessions, "sessions", ""
        )

    def _welcome(self, connection: Connection, intents: Intent) -> None:
        world = self._core.world
        session = Session(intents)
        session.connection = connection
        connection.session = session
        self.sessions[session.id] = session
        self.identified += 1
        ready: JsonObject = {
            "v": 10,
            "user": user_payload(world.members[world.bot]),
            "guilds": [{"id": world.guild, "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": world.base_url.replace("http", "ws", 1) + "/gateway",
            "shard": [0, 1],
            "application": {"id": world.bot, "flags": application_flags(self._core.granted)},
        }
        session.dispatch("READY", ready)
        if Intent.GUILDS in intents:
            session.dispatch("GUILD_CREATE", guild_create_payload(world, intents))

    def _resume(self, connection: Connection, data: JsonObject) -> None:
        session = self.sessions.get(str(data.get("session_id")))
        if self._core.token is None or data.get("token") != self._core.token:
            connection.close(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
            return
        if session is None or self._faults.refuse_resume:
            connection.send({"op": Op.INVALID_SESSION, "d": False})
            return
        session.connection = connection
        connection.session = session
        if not session.replay(int(data.get("seq") or 0)):
            connection.close(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
            return
        session.resumed += 1
        session.dispatch("RESUMED", {})
        self._core.world.hub.publish(StatusChanged(online=True))

    def _presence(self, connection: Connection, data: JsonObject, buckets: Buckets) -> None:
        if not buckets.fits(self._core.rates.presence, "presence", ""):
            connection.close(CloseCode.RATE_LIMITED, "You are being rate limited.")
            return
        self._show(data)

    def _show(self, data: JsonObject) -> None:
        activities = data.get("activities") or ([data["game"]] if data.get("game") else [])
        shown = activities[0] if activities else {}
        self._core.world.hub.publish(
            StatusChanged(
                online=True,
                status=data.get("status") or "online",
                activity=shown.get("state") or shown.get("name"),
            )
        )

    def _send_members(self, session: Session, data: JsonObject) -> None:
        world = self._core.world
        chosen = {str(one) for one in data.get("user_ids") or ()}
        prefix = str(data.get("query") or "").lower()
        members = [
            one
            for one in world.members.values()
            if (one.id in chosen if chosen else one.name.lower().startswith(prefix))
        ]
        chunks = [members[start : start + _CHUNK] for start in range(0, len(members), _CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            session.dispatch(
                "GUILD_MEMBERS_CHUNK",
                {
                    "guild_id": world.guild,
                    "members": [member_payload(one) for one in chunk],
                    "chunk_index": index,
                    "chunk_count": len(chunks),
                    "not_found": [],
                    "presences": [],
                    "nonce": data.get("nonce"),
                },
            )
