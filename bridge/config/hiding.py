"""Takes secrets and players' addresses out of log lines, whatever wrote them there."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

from bridge.config.problems import HIDDEN
from bridge.config.settings import BridgeSettings

MASKED: Final = "(address)"

# Secrets that are made while the bridge runs, known by their looks. Group 1, where there is one, stays.
_LOOKS: Final = (
    r"(/webhooks/[0-9]{1,20}/)[\w-]{20,}",
    r"(/interactions/[0-9]{1,20}/)[\w-]{20,}",
    r"((?i:authorization)\W{1,6})(?:(?:Bot|Bearer|Basic)\s+)?[^\s'\",;)}\]]+",
    r"()\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}",
)
_ADDRESS: Final = re.compile(
    r"(?<![\w.:])(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*\.[0-9])|"
    r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){1,6}:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|"
    r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w])"
)
_SHORT: Final = 4  # characters; a shorter secret is hidden only where it stands alone


def secrets_of(settings: BridgeSettings) -> frozenset[str]:
    """Return every secret of the settings in clear, for the hiding and nothing else."""

    def walk(value: object) -> Iterable[str]:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            for name in type(value).model_fields:
                yield from walk(getattr(value, name))
        elif isinstance(value, dict):
            for inner in value.values():
                yield from walk(inner)

    return frozenset(secret for secret in walk(settings) if secret)


def hosts_of(settings: BridgeSettings) -> frozenset[str]:
    """Return the hosts that the owner wrote into the settings: they are no secret in the log."""
    hosts = {settings.website.host}
    for server in settings.servers.values():
        hosts |= {way.host for way in (server.rcon, server.status, server.management) if way}
    return frozenset(hosts)


class Hider:
    """Rewrites one finished log line; made once, used for every line."""

    def __init__(
        self, *, secrets: Iterable[str] = (), mask_addresses: bool = True, known_hosts: Iterable[str] = ()
    ) -> None:
        self._pattern = re.compile("|".join([*_LOOKS, *map(_as_pattern, _spellings(secrets))]))
        self._mask = mask_addresses
        self._known = frozenset(known_hosts)

    def __call__(self, line: str) -> str:
        """Return *line* without secrets and, where the settings say so, without addresses."""
        line = self._pattern.sub(_hide, line)
        return _ADDRESS.sub(self._address, line) if self._mask else line

    def _address(self, found: re.Match[str]) -> str:
        text = found.group()
        if text in self._known:
            return text
        try:
            address = ipaddress.ip_address(text)
        except ValueError:  # a time of day, a version
            return text
        return text if address.is_loopback or address.is_unspecified else MASKED


def _hide(found: re.Match[str]) -> str:
    kept = next((group for group in found.groups() if group is not None), "")
    return f"{kept}{HIDDEN}"


def _spellings(secrets: Iterable[str]) -> list[str]:
    """Return each secret as it may stand in a line: plain, in JSON, repr or address; longest first."""
    found: set[str] = set()
    for secret in secrets:
        for text in {secret, *secret.splitlines()} - {""}:
            found |= {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
            found |= {repr(text)[1:-1], quote(text), quote(text, safe="")}
            found |= {json.dumps(repr(text)[1:-1])[1:-1]}
    return sorted(found, key=lambda text: (-len(text), text))


def _as_pattern(text: str) -> str:
    escaped = re.escape(text)
    return escaped if len(text) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
