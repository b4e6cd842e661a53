"""Style sheet, scripts and pictures: read once, told apart by their content, kept by browsers for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import ETag, web

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file in memory."""

    body: bytes
    content_type: str
    digest: str


class Assets:
    """The static files of the site."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}

    def load(self, folder: Path) -> None:
        """Read every file of the folder; blocks, so it is called in a thread."""
        self._assets |= dict(_read(folder))

    def url(self, name: str) -> str:
        """Return the address of a file; it changes with the content."""
        return f"/static/{name}?{self._assets[name].digest}"

    async def serve(self, request: web.Request) -> web.Response:
        """Answer a request for a file; only the address with its digest may be kept without asking again."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        named = request.query_string == asset.digest
        headers = {"Cache-Control": _FOR_EVER if named else "no-cache"}
        if matches(request, asset.digest):
            response = web.Response(status=304, headers=headers)
        else:
            response = web.Response(
                body=asset.body, headers=headers, content_type=asset.content_type, charset="utf-8"
            )
        response.etag = asset.digest
        return response


def matches(request: web.Request, digest: str) -> bool:
    """Tell whether the browser has this content already."""
    known = request.if_none_match or ()
    return any(tag.value in (digest, "*") for tag in known)


def kept(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Return a page with a mark of its content, or "not modified" to a browser that has it already."""
    if answer.status != 200 or not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    if request.method not in ("GET", "HEAD") or answer.content_type != "text/html":
        return answer
    digest = etag_of(answer.body)
    # Weak, as a reverse proxy may compress the page.
    if matches(request, digest):
        answer = web.Response(status=304)
    answer.etag = ETag(digest, is_weak=True)
    return answer


def etag_of(body: bytes) -> str:
    """Return a short text that differs when the content does, as ETag headers hold it."""
    return hashlib.blake2b(body, digest_size=9).hexdigest()


def _read(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        yield path.name, Asset(body, _TYPES[path.suffix], etag_of(body))
