"""The owner's link: signed with the website's own key, so that command line and daemon need no talk."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LINK_S: Final = 300.0
PATH: Final = "/sign-in/owner/"

_PURPOSE: Final = b"owner's link"  # the key has other purposes, too
_NONCE_BYTES: Final = 20
_SIGNATURE_BYTES: Final = 20
_UNTIL: Final = struct.Struct(">Q")  # seconds since 1970
_LENGTH: Final = _UNTIL.size + _NONCE_BYTES + _SIGNATURE_BYTES  # a multiple of three: no padding


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is good if it was not used before."""

    digest: str  # what is remembered once it was used
    until: datetime


def make_link(key: bytes, now: datetime) -> str:
    """Return the last part of a new link's address, good for five minutes."""
    until = int((now + timedelta(seconds=LINK_S)).timestamp())
    signed = _UNTIL.pack(until) + secrets.token_bytes(_NONCE_BYTES)
    return base64.urlsafe_b64encode(signed + _signature(key, signed)).decode()


def read_link(key: bytes, token: str, now: datetime) -> Link | None:
    """Return the link that an address ends with; None if it is over, or none that we signed."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    signed, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if len(raw) != _LENGTH or not hmac.compare_digest(signature, _signature(key, signed)):
        return None
    (seconds,) = _UNTIL.unpack_from(signed)
    until = datetime.fromtimestamp(seconds, UTC)
    return Link(hashlib.sha256(raw).hexdigest(), until) if now < until else None


def _signature(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, _PURPOSE, "sha256"), signed, "sha256")[:_SIGNATURE_BYTES]
