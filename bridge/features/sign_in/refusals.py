"""Why somebody was not let in: a page in words, and who tries too often waits."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import Final

import structlog

from bridge.website import Request, Response, Site
from bridge.website.pace import Limiter

log = structlog.get_logger(__name__)

_WINDOW_S: Final = 600.0


class Refusal(Enum):
    """The reasons; their words are under ``sign-in.failed``."""

    CODE = "code", HTTPStatus.BAD_REQUEST  # Discord does not take what came back
    DENIED = "denied", HTTPStatus.FORBIDDEN  # on Discord's page
    LINK = "link", HTTPStatus.GONE  # an owner's link that is over, used or none
    NOT_A_MEMBER = "not-a-member", HTTPStatus.FORBIDDEN
    OFF = "off", HTTPStatus.NOT_FOUND
    SETUP = "setup", HTTPStatus.SERVICE_UNAVAILABLE
    STATE = "state", HTTPStatus.BAD_REQUEST
    TOO_FAST = "too-fast", HTTPStatus.TOO_MANY_REQUESTS
    UNAVAILABLE = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, key: str, status: HTTPStatus) -> None:
        self.key, self.status = key, status


class Refused(Exception):
    """Somebody is not let in.

    Attributes:
        refusal: Why, for them.
        then: Where they wanted to go.
        retry_after_s: When to try again, if that is known.
    """

    def __init__(self, refusal: Refusal, then: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(refusal.key)
        self.refusal, self.then, self.retry_after_s = refusal, then, retry_after_s


class Pace:
    """Counts the attempts of each address."""

    def __init__(self, site: Site, most: int) -> None:
        """Allow *most* attempts of an address in ten minutes."""
        self._site, self._limiter = site, Limiter(most, _WINDOW_S)

    def take(self, request: Request) -> None:
        """Note an attempt.

        Raises:
            Refused: It is one too many.
        """
        address = self._site.address_of(request)
        allowance = self._limiter.take(address)
        if not allowance.allowed:
            log.warning("an address tries to sign in too often", address=address, wait_s=allowance.reset_s)
            raise Refused(Refusal.TOO_FAST, retry_after_s=allowance.reset_s)


async def refused_page(site: Site, request: Request, refused: Refused, target: str = "") -> Response:
    """Return the page that says why somebody was not let in and what to do, and note it in the audit log.

    Who tries too often is not noted: the log would grow as fast as they can knock.
    """
    refusal = refused.refusal
    if refusal is not Refusal.TOO_FAST:
        await site.audit(request, "sign-in.refused", target, became=refusal.key)
    page = site.render(
        "sign-in-failed.html",
        request=request,
        status=refusal.status,
        path="/sign-in",
        reason=refusal.key,
        then=refused.then,
        minutes=max(1, -(-(refused.retry_after_s or 0) // 60)),
    )
    if refused.retry_after_s is not None:
        page.headers["Retry-After"] = str(refused.retry_after_s)
    page.headers["Cache-Control"] = "no-store"
    return page
