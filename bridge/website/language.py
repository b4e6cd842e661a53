"""Which of our languages a visitor reads: by a choice they made, else by what their browser asks for."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from aiohttp import web

COOKIE: Final = "lang"
"""The cookie that keeps a visitor's choice; in an address it is the parameter of that name."""

_KEPT_S: Final = 365 * 86_400
_QUALITY: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")

_SPOKEN: Final = web.RequestKey("spoken", str)
_CHOSEN: Final = web.RequestKey("chosen", str)


def language_of(request: web.Request, known: Collection[str], default: str) -> str:
    """Return the language to answer in, and let the answer's headers tell it."""
    choices = (request.query.get(COOKIE, ""), request.cookies.get(COOKIE, ""))
    accepted = request.headers.get("Accept-Language", "")
    language = next((choice for choice in choices if choice in known), "")
    language = language or preferred(accepted, known, default)
    request[_SPOKEN] = language
    return language


def remember_choice(request: web.Request, known: Collection[str]) -> None:
    """Keep the language that the address names, if a person opened it as a page of its own.

    Neither a frame on somebody else's page nor a script of ours chooses for the visitor.
    """
    asked = request.query.get(COOKIE, "")
    opened = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if asked in known and opened and request.cookies.get(COOKIE) != asked:
        request[_CHOSEN] = asked


def preferred(accepted: str, known: Collection[str], default: str) -> str:
    """Return the language of ours that the header ``Accept-Language`` likes best.

    Variants count as their language; of equally liked ones the first counts. What makes no sense is passed
    over, and *default* is for whoever reads none of ours.
    """
    liked: dict[str, float] = {}
    for part in accepted.split(","):
        tag, quality = _weighed(part)
        language = default if tag == "*" else tag.partition("-")[0]
        if language in known and (tag != "*" or language not in liked):
            liked[language] = max(liked.get(language, 0.0), quality)
    best = max(liked, key=lambda language: liked[language], default=default)
    return best if liked.get(best, 1.0) > 0 else default


def add_language_headers(app: web.Application, *, secure: bool) -> None:
    """Make every answer in a visitor's language say so, and keep a choice for a year.

    Args:
        app: The website.
        secure: Whether visitors reach it by TLS only.
    """

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if (spoken := request.get(_SPOKEN)) is None:
            return
        response.headers["Content-Language"] = spoken
        others = response.headers.get("Vary")
        response.headers["Vary"] = ", ".join(filter(None, (others, "Accept-Language", "Cookie")))
        if (chosen := request.get(_CHOSEN)) is not None:
            # By hand: what set_cookie() notes is written before this is called.
            response.headers.add("Set-Cookie", _cookie(chosen, secure=secure))

    app.on_response_prepare.append(add_headers)


def _cookie(language: str, *, secure: bool) -> str:
    only = "; Secure" if secure else ""
    return f"{COOKIE}={language}; Path=/; Max-Age={_KEPT_S}; SameSite=Lax; HttpOnly{only}"


def _weighed(part: str) -> tuple[str, float]:
    """Return a language of the header and how much it is liked; 0 for what makes no sense."""
    tag, _, parameter = (piece.strip().lower() for piece in part.partition(";"))
    if not parameter:
        return tag, 1.0
    name, _, value = parameter.partition("=")
    if name.strip() != "q" or not _QUALITY.fullmatch(value.strip()):
        return tag, 0.0
    return tag, float(value)
