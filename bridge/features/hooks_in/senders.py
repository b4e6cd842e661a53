"""How each kind of sender signs, and names, what it sends. Pure but for the ids of what has none."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr

from bridge.config.outside import HookInSettings, HookKind
from bridge.features.hooks_in.bodies import Body, written
from bridge.website.signing import (
    ID,
    digest_of,
    is_secret,
    is_signed,
    is_signed_by_github,
    is_signed_by_wordpress,
)

Headers = Mapping[str, str]

LONGEST_EVENT: Final = 100  # characters
_ID: Final = re.compile(r"[A-Za-z0-9_.:+=/-]{1,128}")
# WooCommerce asks once whether somebody is there before it switches a webhook on; it signs that not.
_PING: Final = re.compile(rb"webhook_id=[0-9]{1,20}")


def is_genuine(hook: HookInSettings, headers: Headers, raw: bytes, told: str | None) -> bool:
    """Tell whether a request shows that its sender knows the hook's secret.

    Args:
        hook: The hook.
        headers: Those of the request.
        raw: The body as it came.
        told: The secret that the address carries; None without one.
    """
    known = secrets_of(hook)
    if told is not None:
        return is_secret(told, known) and hook.kind is HookKind.NAMELESS
    match hook.kind:
        case HookKind.GENERIC:
            return is_signed(headers, raw, known)
        case HookKind.GITHUB:
            return is_signed_by_github(headers, raw, known)
        case HookKind.WORDPRESS:
            return is_signed_by_wordpress(headers, raw, known)
        case HookKind.NAMELESS:
            return False


def secrets_of(hook: HookInSettings) -> list[SecretStr]:
    """Return the secrets that count now."""
    return [each for each in (hook.secret, hook.previous_secret) if each is not None]


def delivery_of(kind: HookKind, headers: Headers, raw: bytes) -> str | None:
    """Return the id by which a delivery is known when it comes again; None if the sender's is none."""
    if kind is HookKind.NAMELESS:  # has none and sends nothing twice; the same body may well be a new event
        return secrets.token_hex(16)
    if kind is HookKind.WORDPRESS:
        return _wordpress_delivery(headers, raw)
    told = headers.get(ID if kind is HookKind.GENERIC else "X-GitHub-Delivery", "")
    return told if _ID.fullmatch(told) else None


def event_of(kind: HookKind, headers: Headers, body: Body) -> str:
    """Return what the sender calls it; empty if it does not say."""
    told: object = body.get("event", body.get("type"))
    if kind is HookKind.GITHUB:
        told = headers.get("X-GitHub-Event")
    elif kind is HookKind.WORDPRESS:
        told = headers.get("X-WC-Webhook-Topic") or headers.get("X-WP-Webhook-Name")
    return written(told)[:LONGEST_EVENT] if isinstance(told, str) else ""


def is_ping(content_type: str, raw: bytes) -> bool:
    """Tell whether a request is WooCommerce's question whether somebody is there."""
    return content_type == "application/x-www-form-urlencoded" and _PING.fullmatch(raw) is not None


def _wordpress_delivery(headers: Headers, raw: bytes) -> str | None:
    """Return the id of WooCommerce with the body's: its own is the same for all deliveries of one second."""
    told = headers.get("X-WC-Webhook-Delivery-ID")
    if told is None:
        return digest_of(raw)[:32]
    return f"{told}-{digest_of(raw)[:16]}" if _ID.fullmatch(told) else None
