"""One request through the REST API: script of faults, token, limits, route, answer, log."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from aiohttp import BodyPartReader, web

from bridge.simulator.discord.commands import command_routes
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, NotSimulated, unauthorized
from bridge.simulator.discord.faults import Fault, FaultKind, Faults
from bridge.simulator.discord.forms import Upload
from bridge.simulator.discord.interactions import Interactions
from bridge.simulator.discord.limits import Refusal, Usage, headers_of, refusal_headers, round_up
from bridge.simulator.discord.oauth import Grant
from bridge.simulator.discord.routes_guild import ROUTES as GUILD_ROUTES
from bridge.simulator.discord.routes_messages import ROUTES as MESSAGE_ROUTES
from bridge.simulator.discord.routes_oauth import ROUTES as OAUTH_ROUTES
from bridge.simulator.discord.routes_webhooks import webhook_routes
from bridge.simulator.discord.routing import Call, Limited, Reply, Route, Router

_JSON: Final = "application/json"  # exactly: with a charset discord.py takes the body for text
_VIA: Final = "1.1 simulator"
_FORM: Final = "multipart/form-data"
_FIELDS: Final = "application/x-www-form-urlencoded"
_TAKES_FIELDS: Final = "/oauth2/token"  # the only part of the API that does

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class SimRequest(msgspec.Struct, kw_only=True):
    """One request in the log; *status* and *answered_s* are None while, or if, there is no answer.

    Times are seconds of the steady clock (``time.monotonic`` unless the simulator was given another).
    """

    number: int
    method: str
    path: str  # below ``/api/v10``, without the query
    query: dict[str, str]
    arrived_s: float
    body: object = None
    form_fields: dict[str, str] | None = None
    status: int | None = None
    answered_s: float | None = None
    fault: FaultKind | None = None


class _Vanish(Exception):
    """The connection is to be closed without an answer."""


class Rest:
    """Answers requests below ``/api/v10``."""

    def __init__(self, core: Core, faults: Faults, interactions: Interactions, keep: int | None) -> None:
        self._core = core
        self._faults = faults
        self._router = Router(
            [
                *MESSAGE_ROUTES,
                *GUILD_ROUTES,
                *OAUTH_ROUTES,
                *webhook_routes(interactions),
                *command_routes(interactions),
            ]
        )
        self.requests: deque[SimRequest] = deque(maxlen=keep)
        self.received = 0  # how many there ever were
        self.invalid = 0  # how many were answered 401, 403 or, unless shared, 429

    async def serve(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answer one request; closes the connection where the script says so."""
        entry = SimRequest(
            number=self.received,
            method=request.method,
            path=path,
            query=dict(request.query),
            arrived_s=self._core.clock.steady(),
        )
        self.received += 1
        self.requests.append(entry)
        self._core.world.hub.wake()
        try:
            response = await self._answer(request, entry)
        except _Vanish:
            self._core.world.hub.wake()
            if request.transport is not None:
                request.transport.abort()
            return web.Response()  # goes nowhere: the connection is closed
        entry.status = response.status
        entry.answered_s = self._core.clock.steady()
        self._core.world.hub.wake()
        return response

    async def _answer(self, request: web.BaseRequest, entry: SimRequest) -> web.Response:
        if (limit := self._core.rates.invalid) is not None and self._banned(limit.count):
            return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "600"})
        uploads: list[Upload] = []
        problem: ApiError | None = None
        try:
            if _is_form(request, entry.path):
                entry.form_fields = dict(parse_qsl((await request.content.read()).decode(errors="replace")))
            else:
                entry.body, uploads = await _read_body(request)
        except ApiError as exc:
            problem = exc
        fault = self._faults.take(entry.method, entry.path)
        if fault is not None:
            entry.fault = fault.kind
            self._core.world.hub.wake()
            early = await self._before(fault)
            if early is not None:
                return early
        response = self._handle(request, entry, uploads, problem)
        if fault is not None and fault.kind is FaultKind.DROP_AFTER:
            raise _Vanish
        if fault is not None and fault.kind is FaultKind.ERROR_AFTER:
            return _json(Reply(fault.status, {"message": f"{fault.status}: simulated", "code": 0}), {})
        return response

    def _banned(self, most: int) -> bool:
        return self.invalid > 0 and self._core.buckets.used("invalid", "") >= most

    async def _before(self, fault: Fault) -> web.Response | None:
        """Do what a fault does before the request is handled; an answer means it is not handled."""
        match fault.kind:
            case FaultKind.ERROR:
                return _json(Reply(fault.status, {"message": f"{fault.status}: simulated", "code": 0}), {})
            case FaultKind.LIMITED:
                refusal = Refusal(retry_after_s=fault.seconds, scope=fault.scope)
                return self._refuse(refusal, via=fault.via)
            case FaultKind.HANG:
                await self._faults.hold()
                raise _Vanish
            case FaultKind.DROP:
                raise _Vanish
            case FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
        return None

    def _handle(
        self, request: web.BaseRequest, entry: SimRequest, uploads: list[Upload], problem: ApiError | None
    ) -> web.Response:
        found = self._router.find(entry.method, entry.path)
        if found is None:
            self._core.note(NotSimulated(f"{entry.method} {entry.path}"))
            return _json(Reply(404, {"message": "404: Not Found", "code": 0}), {})
        route, params = found
        grant = self._grant(route, request)
        if route.authorized and grant is None and not self._authorized(request):
            return self._failed(unauthorized(), {})
        refusal, usage = self._take(route, params, request)
        if refusal is not None:
            return self._refuse(refusal)
        headers = {} if usage is None else headers_of(usage, self._core.clock)
        call = Call(
            core=self._core,
            params=params,
            query=entry.query,
            body=entry.body,
            uploads=uploads,
            form_fields=entry.form_fields,
            authorization=request.headers.get("Authorization", ""),
            grant=grant,
        )
        return self._run(route, call, problem, usage, headers)

    def _run(
        self,
        route: Route,
        call: Call,
        problem: ApiError | None,
        usage: Usage | None,
        headers: dict[str, str],
    ) -> web.Response:
        if problem is not None:
            return self._failed(problem, headers)
        try:
            return _json(route.handler(call), headers)
        except ApiError as exc:
            return self._failed(exc, headers)
        except Limited as exc:
            return self._refuse(msgspec.structs.replace(exc.refusal, usage=usage))
        except Exception as exc:  # noqa: BLE001 - a mistake of the simulator must reach its owner, not the client
            exc.add_note(f"while answering {route.method} {route.path} with body {call.body!r}")
            self._core.note(exc)
            return _json(Reply(500, {"message": "500: Internal Server Error", "code": 0}), headers)

    def _authorized(self, request: web.BaseRequest) -> bool:
        token = self._core.token
        return token is not None and request.headers.get("Authorization") == f"Bot {token}"

    def _grant(self, route: Route, request: web.BaseRequest) -> Grant | None:
        authorization = request.headers.get("Authorization", "")
        if route.scope is None or not authorization.startswith("Bearer "):
            return None
        return self._core.oauth.grant_of(authorization, route.scope)

    def _take(
        self, route: Route, params: dict[str, str], request: web.BaseRequest
    ) -> tuple[Refusal | None, Usage | None]:
        """Count a request; answers to commands do not count towards the limit over all routes."""
        rates, buckets = self._core.rates, self._core.buckets
        if route.overall and rates.overall is not None and params.get("webhook") != self._core.world.bot:
            who = "bot" if "Authorization" in request.headers else "address"
            fits, usage = buckets.take(rates.overall, "overall", who)
            if not fits:
                return Refusal(retry_after_s=round_up(usage.reset_after_s), scope="global"), None
        limit = None if route.limit is None else route.limit(rates)
        if limit is None:
            return None, None
        fits, usage = buckets.take(limit, route.bucket, "/".join(params[name] for name in route.major))
        if fits:
            return None, usage
        return Refusal(retry_after_s=round_up(usage.reset_after_s), usage=usage), usage

    def _refuse(self, refusal: Refusal, *, via: bool = True) -> web.Response:
        if refusal.scope != "shared":
            self._count_invalid()
        body = {
            "message": "You are being rate limited.",
            "retry_after": refusal.retry_after_s,
            "global": refusal.scope == "global",
        }
        response = _json(Reply(429, body), refusal_headers(refusal, self._core.clock))
        if not via:
            del response.headers["Via"]
        return response

    def _failed(self, error: ApiError, headers: dict[str, str]) -> web.Response:
        if error.status in {401, 403}:
            self._count_invalid()
        return _json(Reply(error.status, error.body), headers)

    def _count_invalid(self) -> None:
        self.invalid += 1
        self._core.buckets.fits(self._core.rates.invalid, "invalid", "")


def _json(reply: Reply, headers: dict[str, str]) -> web.Response:
    headers = headers | {"Via": _VIA}
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    return web.Response(
        status=reply.status, body=_encode(reply.body), headers=headers | {"Content-Type": _JSON}
    )


def _is_form(request: web.BaseRequest, path: str) -> bool:
    return request.content_type == _FIELDS and path.startswith(_TAKES_FIELDS)


async def _read_body(request: web.BaseRequest) -> tuple[object, list[Upload]]:
    """Return the JSON body and the uploaded files.

    Raises:
        ApiError: 50109 for broken JSON, 50035 for another content type.
    """
    if request.content_type == _FORM:
        return await _read_form(request)
    raw = await request.content.read()  # not request.read(): that stops at 1 MiB
    if not raw:
        return None, []
    if request.content_type != _JSON:
        message = f"Expected \"Content-Type\" header to be one of {{'{_JSON}'}}."
        problem = {"code": "CONTENT_TYPE_INVALID", "message": message}
        raise ApiError(400, 50035, "Invalid Form Body", {"_errors": [problem]})
    return _parse(raw), []


def _parse(raw: bytes) -> object:
    try:
        parsed: object = _decode(raw)
    except msgspec.DecodeError as exc:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from exc
    return parsed


async def _read_form(request: web.BaseRequest) -> tuple[object, list[Upload]]:
    body: object = None
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = _parse(data)
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(filename=part.filename or "file", content_type=kind, data=data))
    return body, uploads
