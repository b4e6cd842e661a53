"""Addresses of the internet, however they are written; what is refused is in test_outgoing.py."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.website.internet import is_public

PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_reached(address: str) -> None:
    assert is_public(address)


@given(st.text(max_size=60))
def test_what_is_no_address_is_not_public(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        assert not is_public(text)


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_another_is_judged_as_itself(inner: IPv4Address) -> None:
    number = int(inner)
    for hidden in (f"64:ff9b::{inner}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"):
        assert is_public(hidden) is is_public(str(inner))
    for mapped in (f"::ffff:{inner}", f"::{inner}"):
        assert not is_public(mapped)
