"""Where a request comes from, through our own proxies and past what others claim."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bridge.website.addresses import address_of, asked_at, forwarded_for, networks, visitor_of

OURS = networks(("127.0.0.1", "172.16.0.0/12"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody of ours says so
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what was before is the visitor's own claim
        ("127.0.0.1", "198.51.100.1, 172.17.0.2", "198.51.100.1"),  # through two proxies of ours
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "nonsense", "unknown"),
        ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::/64"),
        (None, None, "unknown"),
    ],
)
def test_visitors_are_told_apart_by_where_they_come_from(
    peer: str | None, forwarded: str | None, visitor: str
) -> None:
    assert visitor_of(peer, forwarded, OURS) == visitor


def test_an_address_is_told_whole_where_it_is_compared_with_networks() -> None:
    found = address_of("127.0.0.1", "2001:db8:1:2:3:4:5:6", OURS)
    assert found == ipaddress.ip_address("2001:db8:1:2:3:4:5:6")
    assert address_of("127.0.0.1", "nonsense", OURS) is None


def test_the_header_that_our_proxy_adds_below_another_counts() -> None:
    headers = CIMultiDict([("X-Forwarded-For", "198.51.100.1"), ("x-forwarded-for", "203.0.113.5")])
    assert forwarded_for(headers) == "198.51.100.1, 203.0.113.5"
    assert visitor_of("127.0.0.1", forwarded_for(headers), OURS) == "203.0.113.5"
    assert forwarded_for(CIMultiDict[str]()) is None


@given(st.text(), st.text())
def test_whatever_the_headers_say_somebody_is_told(peer: str, forwarded: str) -> None:
    assert visitor_of(peer, forwarded, OURS)
    assert visitor_of("127.0.0.1", forwarded, OURS)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "mc.example.org"}, "http://mc.example.org"),
        ({"Host": "[::1]:8080"}, "http://[::1]:8080"),
        ({"Host": "mc.example.org", "X-Forwarded-Proto": "https"}, "https://mc.example.org"),
        ({"Host": "mc.example.org", "X-Forwarded-Proto": "javascript"}, "https://mc.example.org"),
        ({"Host": "mc.example.org", "X-Forwarded-For": "203.0.113.5"}, "https://mc.example.org"),
        ({"Host": "$(reboot)"}, "here"),
        ({"Host": "a/b"}, "here"),
        ({"Host": "a\n"}, "here"),
        ({}, "here"),
    ],
)
def test_the_site_is_shown_where_it_was_reached(headers: dict[str, str], address: str) -> None:
    assert asked_at(CIMultiDict(headers), "here") == address
