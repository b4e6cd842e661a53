"""Which IP addresses belong to the internet, and which to this machine or a private network. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")  # the last 32 bits are the IPv4 address that is meant
# Relays of old, and a network of special addresses that Pythons judge differently.
_NOT_FOR_US: Final = (IPv4Network("192.88.99.0/24"), IPv4Network("192.0.0.0/24"))


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the internet; False for what is no address.

    IPv6 addresses that carry an IPv4 address are judged by that.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return _is_public_v6(parsed)
    return _is_public_v4(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or any(address in network for network in _NOT_FOR_US)
    return address.is_global and not special


def _is_public_v6(address: IPv6Address) -> bool:
    if address in _NAT64:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return _is_public_v4(address.sixtofour)
    # Everything mapped, compatible, local or multicast lies outside of the global unicast space.
    return address in _GLOBAL_UNICAST and address.teredo is None and address.is_global
