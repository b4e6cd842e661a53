"""Links that only the bridge's own key makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.features.sign_in.links import LINK_S, make_link, read_link

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))


def test_a_link_is_read_back_until_it_is_over() -> None:
    token = make_link(KEY, NOW)
    link = read_link(KEY, token, NOW)
    assert link is not None
    assert link.until == NOW + timedelta(seconds=LINK_S)
    assert read_link(KEY, token, link.until - timedelta(seconds=1)) == link
    assert read_link(KEY, token, link.until) is None
    assert read_link(bytes(32), token, NOW) is None


def test_no_two_links_are_the_same_and_all_fit_into_an_address() -> None:
    tokens = {make_link(KEY, NOW) for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 64 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


@given(token=st.text(max_size=100))
def test_whatever_stands_in_an_address_is_no_link(token: str) -> None:
    assert read_link(KEY, token, NOW) is None


@given(at=st.integers(0, 63), other=st.characters(codec="ascii"))
def test_a_changed_link_is_none(at: int, other: str) -> None:
    token = make_link(KEY, NOW)
    changed = token[:at] + other + token[at + 1 :]
    assume(changed != token)
    assert read_link(KEY, changed, NOW) is None
