"""Answers that are a file made for the moment, a picture or a feed; not sent to who has it already."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from bridge.website.assets import etag_of, matches


def made_file(
    request: web.Request,
    body: bytes,
    content_type: str,
    *,
    max_age_s: int,
    modified: datetime | None = None,
) -> web.Response:
    """Return the file, or "not modified" to who has it.

    Args:
        request: What is answered.
        body: The file.
        content_type: What it is, with its encoding where it is text.
        max_age_s: For how long anybody may keep it without asking again.
        modified: When it last changed, where that is known.
    """
    digest = etag_of(body)
    headers = {"Cache-Control": f"public, max-age={max_age_s}"}
    if _has(request, digest, modified):
        answer = web.Response(status=304, headers=headers)
    else:
        answer = web.Response(body=body, headers={**headers, "Content-Type": content_type})
    answer.etag = digest
    answer.last_modified = modified
    return answer


def _has(request: web.Request, digest: str, modified: datetime | None) -> bool:
    """Tell whether the asker has the file; its mark counts before its time."""
    if request.if_none_match is not None:
        return matches(request, digest)
    since = request.if_modified_since
    return (
        since is not None
        and modified is not None
        and modified.astimezone(UTC).replace(microsecond=0) <= since
    )
