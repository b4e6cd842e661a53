"""Where a request comes from, as far as that can be believed. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from multidict import MultiMapping

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_PROXY: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "Via")


def asked_at(headers: MultiMapping[str], otherwise: str) -> str:
    """Return the address at which somebody reached the site, to be shown to them; without a slash at the end.

    Args:
        headers: What their request says; a host that could be anything in a shell is passed over.
        otherwise: What is shown then.
    """
    host = headers.get("Host", "")
    if not _HOST.fullmatch(host):
        return otherwise
    proxied = any(name in headers for name in _PROXY)  # which we cannot ask; a secret had better wait for TLS
    scheme = headers.get("X-Forwarded-Proto", "https" if proxied else "http")
    return f"{scheme if scheme in {'http', 'https'} else 'https'}://{host}"


def address_of(peer: str | None, forwarded: str | None, trusted: Sequence[Network]) -> Address | None:
    """Return the address that a request comes from; None where nobody says one.

    Args:
        peer: Who opened the connection.
        forwarded: The header ``X-Forwarded-For``, believed only from a *trusted* peer: its last entry
            is the one that our own proxy wrote, those before it can be anybody's.
        trusted: Our own reverse proxies.
    """
    address = _address(peer or "")
    hops = [hop.strip() for hop in (forwarded or "").split(",") if hop.strip()]
    while hops and address is not None and any(address in network for network in trusted):
        address = _address(hops.pop())
    return address


def forwarded_for(headers: MultiMapping[str]) -> str | None:
    """Return what the headers say a request came through, nearest last; None if they say nothing.

    A proxy may add a header of its own below the one that came, instead of an entry to it.
    """
    return ", ".join(headers.getall("X-Forwarded-For", ())) or None


def visitor_of(peer: str | None, forwarded: str | None, trusted: Sequence[Network]) -> str:
    """Return what tells one visitor from another: the address, or its network for IPv6.

    The arguments are those of :func:`address_of`.
    """
    address = address_of(peer, forwarded, trusted)
    if address is None:
        return "unknown"
    if address.version == 6:  # one household has a whole /64
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def networks(addresses: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks as they are written in the settings."""
    return tuple(ipaddress.ip_network(address, strict=False) for address in addresses)


def _address(written: str) -> Address | None:
    try:
        address = ipaddress.ip_address(written.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
