"""Answers as they go over the wire: encoded, marked with their content, compressed, linked onwards."""

from __future__ import annotations

import asyncio
import zlib
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from bridge.website.api.paging import Paged
from bridge.website.assets import etag_of

COMPRESS_FROM: Final = 1024  # bytes; below, the header of the format eats what is won
_IN_A_THREAD_FROM: Final = 256 * 1024  # bytes; compressed in 3 ms, which the loop would feel
_LEVEL: Final = 3  # JSON is a sixth of its size then; higher levels take three times as long for a tenth less
_GZIP: Final = 31  # zlib's number for the format of gzip

encode: Final = msgspec.json.Encoder().encode


async def answered(
    request: web.Request, answer: msgspec.Struct, *, status: int = HTTPStatus.OK
) -> web.Response:
    """Return a value as the answer to a request."""
    response = await answered_bytes(request, encode(answer), status=status)
    if isinstance(answer, Paged) and answer.next is not None:
        response.headers["Link"] = f'<{answer.next}>; rel="next"'
    return response


async def answered_bytes(request: web.Request, body: bytes, *, status: int = HTTPStatus.OK) -> web.Response:
    """Return JSON as the answer to a request, or "not modified" to a caller that has it already."""
    zipped = len(body) > COMPRESS_FROM and _takes_gzip(request)
    tag = etag_of(body) + ("-gzip" if zipped else "")
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization, Cookie"}
    if request.method in ("GET", "HEAD"):
        headers["ETag"] = f'"{tag}"'
        if _has_it(request, tag):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
        body = await asyncio.to_thread(_zip, body) if len(body) > _IN_A_THREAD_FROM else _zip(body)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _zip(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def _has_it(request: web.Request, tag: str) -> bool:
    """Tell whether the caller has this content; compressed or not, it is the same."""
    bare = tag.removesuffix("-gzip")
    return any(known.value.removesuffix("-gzip") in (bare, "*") for known in request.if_none_match or ())


def _takes_gzip(request: web.Request) -> bool:
    for offer in request.headers.get("Accept-Encoding", "").split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
