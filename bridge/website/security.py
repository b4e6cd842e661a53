"""Headers that keep a browser from doing what our pages do not ask for."""

from __future__ import annotations

from aiohttp import web


def content_policy(frame_ancestors: tuple[str, ...]) -> str:
    """Return the content security policy: our own files only, framed only by the named origins."""
    framed_by = " ".join(frame_ancestors) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {framed_by}"
    )


def add_security_headers(app: web.Application, frame_ancestors: tuple[str, ...]) -> None:
    """Make every answer of *app* carry our security headers, errors and streams included."""
    headers = {
        "Content-Security-Policy": content_policy(frame_ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    app.on_response_prepare.append(prepare)
