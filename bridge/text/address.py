"""Web addresses that are safe to click."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_PARTS: Final = re.compile(r"(https?)://([^/?#]+)(.*)", re.DOTALL)
_AUTHORITY: Final = re.compile(r"[\w.\-~%!$&'()*+,;=:@]+")
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT: Final = "/?#:@!$&'()*+,;=~%"


def safe_url(url: str) -> str | None:
    """Return *url* as the game and browsers accept it, or ``None`` if it is no http(s) address.

    What has no place in an address is percent-encoded; ``%`` and ``_`` that were there stay.
    """
    parts = _PARTS.fullmatch(url)
    if parts is None or not _AUTHORITY.fullmatch(parts[2]):
        return None
    path = _PERCENT.sub("%25", parts[3])
    head, mark, fragment = path.partition("#")
    tail = quote(head, safe=_KEPT) + mark + quote(fragment, safe=_KEPT.replace("#", ""))
    return f"{parts[1]}://{_PERCENT.sub('%25', parts[2])}{tail}"
