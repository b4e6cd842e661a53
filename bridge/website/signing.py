"""Signatures of what programs send each other: ours, GitHub's and those of WordPress's plugins. Pure.

A signature is over the bytes as they came, so it is looked at before anything reads them. Every comparison
takes the same time wherever the difference is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr

ID: Final = "X-Passerelle-Id"
TIMESTAMP: Final = "X-Passerelle-Timestamp"
SIGNATURE: Final = "X-Passerelle-Signature"

_VERSION: Final = "v1"
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


def signed(secret: SecretStr, *, id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that sign a message of ours.

    Args:
        secret: What the receiver knows, too.
        id_: The message's own, the same when it is sent again.
        at: When it is signed; the receiver compares it with its clock.
        body: As it is sent.
    """
    timestamp = str(int(at.timestamp()))
    return {ID: id_, TIMESTAMP: timestamp, SIGNATURE: f"{_VERSION}={_ours(secret, timestamp, body)}"}


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[SecretStr]) -> bool:
    """Tell whether a message is signed our way with one of the secrets; its time is not looked at."""
    timestamp = headers.get(TIMESTAMP, "")
    if _SECONDS.fullmatch(timestamp) is None:
        return False
    return _is_one_of(
        headers.get(SIGNATURE, ""), [f"{_VERSION}={_ours(each, timestamp, body)}" for each in secrets]
    )


def signed_at(headers: Mapping[str, str]) -> int | None:
    """Return when a message was signed our way, in seconds since 1970; None if it does not say."""
    timestamp = headers.get(TIMESTAMP, "")
    return int(timestamp) if _SECONDS.fullmatch(timestamp) else None


def is_signed_by_github(headers: Mapping[str, str], body: bytes, secrets: Sequence[SecretStr]) -> bool:
    """Tell whether a delivery carries GitHub's signature with one of the secrets."""
    return _is_one_of(
        headers.get("X-Hub-Signature-256", ""), [f"sha256={_mac(each, body).hex()}" for each in secrets]
    )


def is_signed_by_wordpress(headers: Mapping[str, str], body: bytes, secrets: Sequence[SecretStr]) -> bool:
    """Tell whether a delivery carries the signature of WooCommerce, or of the plugin WP Webhooks."""
    known = [base64.b64encode(_mac(each, body)).decode() for each in secrets]
    told = headers.get("X-WC-Webhook-Signature") or headers.get("X-WP-Webhook-Signature") or ""
    return _is_one_of(told, known)


def is_secret(told: str, secrets: Sequence[SecretStr]) -> bool:
    """Tell whether a text is one of the secrets."""
    return _is_one_of(told, [each.get_secret_value() for each in secrets])


def digest_of(body: bytes) -> str:
    """Return a text that differs when the body does."""
    return hashlib.sha256(body).hexdigest()


def _ours(secret: SecretStr, timestamp: str, body: bytes) -> str:
    return _mac(secret, f"{_VERSION}:{timestamp}.".encode() + body).hex()


def _mac(secret: SecretStr, message: bytes) -> bytes:
    return hmac.digest(secret.get_secret_value().encode(), message, "sha256")


def _is_one_of(told: str, known: Sequence[str]) -> bool:
    """Compare with all of them, so that the time does not tell which one it was."""
    theirs = told.encode(errors="surrogatepass")  # as which bytes that are no UTF-8 arrive
    equal = [hmac.compare_digest(theirs, each.encode()) for each in known]
    return any(equal)
