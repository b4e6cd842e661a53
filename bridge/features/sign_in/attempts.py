"""Sign-ins under way: what must come back with a browser that was sent to Discord. Pure but for the clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

ATTEMPT_S: Final = 600.0
_MOST: Final = 10_000  # the oldest is forgotten; its browser begins again
_LONGEST_PATH: Final = 500
_KEPT: Final = "/?#&=:@!$'()*+,;%~-._[]"  # what an address may hold as it is


@dataclass(frozen=True, slots=True)
class Attempt:
    """One browser on its way to Discord and back.

    Attributes:
        state: Comes back in the address.
        browser: Comes back in a cookie: the state alone may be somebody else's.
        verifier: What shows Discord that the code is ours.
        then: Where the browser goes in the end; a path of ours.
        until: When it is over, by the clock of :class:`Attempts`.
    """

    state: str = field(repr=False)
    browser: str = field(repr=False)
    verifier: str = field(repr=False)
    then: str
    until: float

    @property
    def challenge(self) -> str:
        """What Discord is told of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Attempts:
    """Remembers sign-ins for ten minutes, each for one return."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[str, Attempt] = {}  # by state, oldest first

    def begin(self, then: str) -> Attempt:
        """Return a new sign-in that ends at *then*."""
        attempt = Attempt(
            state=secrets.token_urlsafe(24),
            browser=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            then=then,
            until=self._now() + ATTEMPT_S,
        )
        if len(self._open) >= _MOST:
            del self._open[next(iter(self._open))]
        self._open[attempt.state] = attempt
        return attempt

    def take(self, state: str, browser: str) -> Attempt | None:
        """Return the sign-in that comes back; None if it is not this browser's, too old, or back already."""
        attempt = self._open.pop(state, None)
        if attempt is None or self._now() >= attempt.until:
            return None
        return attempt if hmac.compare_digest(attempt.browser.encode(), browser.encode()) else None


def local_path(asked: str) -> str:
    """Return where somebody wants to go after signing in, as an address; empty if that is not a page of ours.

    Browsers read a backslash as a slash and pass over control characters, so neither is let through.
    """
    leads_away = not asked.startswith("/") or asked.startswith("//")
    if leads_away or len(asked) > _LONGEST_PATH or "\\" in asked or not asked.isprintable():
        return ""
    return quote(asked, safe=_KEPT)
