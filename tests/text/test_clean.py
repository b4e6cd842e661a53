"""What is masked and what only looks like an address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import clean, mask_addresses, mask_text, parse_game, parse_markdown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("join 192.168.1.20:25565 now", "join [address]:25565 now"),
        ("1.21.11 and 1.2.3.4.5 and 300.1.1.1", "1.21.11 and 1.2.3.4.5 and 300.1.1.1"),
        ("ip 10.0.0.1.", "ip [address]."),
        ("2001:db8::1, ::1 and fe80::1%eth0", "[address], [address] and [address]"),
        ("[2001:db8:0:0:0:0:0:1]:25565", "[address]:25565"),
        ("::ffff:1.2.3.4", "[address]"),
        ("12:34:56 std::vector a::b ::", "12:34:56 std::vector a::b ::"),
        ("/1.2.3.4:55555", "/[address]:55555"),
    ],
)
def test_addresses_are_masked(typed: str, shown: str) -> None:
    """IPv4 and IPv6 go; versions, times and names stay."""
    assert mask_text(typed) == shown
    assert mask_addresses(parse_game(typed)).plain == shown


def test_links_to_an_address_are_no_links() -> None:
    """The address must not be in what a click opens."""
    masked = mask_addresses(parse_markdown("http://1.2.3.4:8123/map and [map](http://1.2.3.4/) `1.2.3.4`"))
    assert masked.plain == "http://[address]:8123/map and map [address]"
    assert "1.2.3.4" not in repr(masked)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.text("\u200d\u200c\u202e \na\U000e0041\U0001f3f4", max_size=20))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is clean."""
    assert clean(clean(text)) == clean(text)


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789abcdef:.[]% ", max_size=60))
def test_masking_never_fails(text: str) -> None:
    """Whatever looks like an address is judged without an error."""
    assert mask_text(mask_text(text)) == mask_text(text)
