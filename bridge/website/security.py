"""What keeps a browser from doing what our pages do not ask for, and other sites from using our forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

_OTHERS: Final = web.RequestKey("others", dict[str, str])
_OWN_FETCHES: Final = ("same-origin", "none")  # "none": typed into the address bar, or reloaded


def content_policy(frame_ancestors: Iterable[str], *, forms_lead_to: Iterable[str] = ()) -> str:
    """Return the content security policy: our own files only, framed only by the named origins.

    Args:
        frame_ancestors: Who may show our pages in a frame.
        forms_lead_to: Origins that our own answers to forms send browsers to; some browsers look.
    """
    framed_by = " ".join(frame_ancestors) or "'none'"
    forms = " ".join(("'self'", *forms_lead_to))
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors {framed_by}"
    )


def security_headers(
    frame_ancestors: tuple[str, ...], *, forms_lead_to: tuple[str, ...] = ()
) -> Mapping[str, str]:
    """Return the headers that every answer carries."""
    headers = {
        "Content-Security-Policy": content_policy(frame_ancestors, forms_lead_to=forms_lead_to),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with it, browsers would not say that a form was sent from our own page.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Server": "passerelle",  # aiohttp would tell its version
    }
    if not frame_ancestors:
        headers["X-Frame-Options"] = "DENY"  # for what does not know frame-ancestors
    return headers


def add_security_headers(
    app: web.Application, frame_ancestors: tuple[str, ...], *, forms_lead_to: tuple[str, ...] = ()
) -> None:
    """Make every answer of *app* carry our security headers, errors and streams included."""
    headers = security_headers(frame_ancestors, forms_lead_to=forms_lead_to)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        own = {**headers, **request.get(_OTHERS, {})}
        response.headers.update({name: value for name, value in own.items() if value})
        response.headers.setdefault("Cache-Control", "no-cache")

    app.on_response_prepare.append(add_headers)


def open_to_frames(request: web.Request, frame_ancestors: tuple[str, ...]) -> None:
    """Let the answer to a request be shown in frames on pages of the named origins."""
    policy = content_policy(frame_ancestors)
    allowed = {"Content-Security-Policy": policy, "X-Frame-Options": "" if frame_ancestors else "DENY"}
    request[_OTHERS] = allowed


def open_to_all(request: web.Request) -> None:
    """Let the answer to a request, which is a picture or a feed, be used by every other site."""
    request[_OTHERS] = {
        "Content-Security-Policy": "default-src 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }


def is_own_form(headers: Mapping[str, str], *, hosts: Iterable[str]) -> bool:
    """Tell whether a form was sent by one of our own pages.

    Browsers say where a request comes from; one that says nothing comes from no browser, so nobody's
    browser is being used against its owner.

    Args:
        headers: Those of the request.
        hosts: Our own names with their ports, as in the header ``Host``.
    """
    if (site := headers.get("Sec-Fetch-Site")) is not None:
        return site in _OWN_FETCHES
    origin = headers.get("Origin")
    if origin is None:
        return True
    netloc = urlsplit(origin).netloc  # empty for "null": a sandboxed frame or a file
    return bool(netloc) and netloc in hosts
