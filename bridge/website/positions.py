"""Positions in requests: in paths and parameters, and where a browser's stream broke off."""

from __future__ import annotations

from typing import Final

from aiohttp import web

_MOST_DIGITS: Final = 18  # that a database's whole numbers surely hold


def read_position(written: str) -> int | None:
    """Return a position as somebody wrote it; None for what is none."""
    sound = written.isascii() and written.isdecimal() and len(written) <= _MOST_DIGITS
    return int(written) if sound else None


def seen_through(request: web.Request) -> int | None:
    """Return the position up to which a browser has seen a stream; None if it does not say.

    After a break it says so in a header, at the beginning in the address that the page gave it.
    """
    seen = read_position(request.headers.get("Last-Event-ID", ""))
    return read_position(request.query.get("after", "")) if seen is None else seen
