"""Signatures: what is right is taken, whatever else is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bridge.website.signing import (
    ID,
    SIGNATURE,
    TIMESTAMP,
    is_secret,
    is_signed,
    is_signed_by_github,
    is_signed_by_wordpress,
    signed,
    signed_at,
)

NEW, OLD, OTHER = (SecretStr(f"{word} secret of some length") for word in ("new", "old", "other"))
AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
BODY = b'{"player":"Mira"}'


def test_a_message_is_signed_as_the_page_about_hooks_says() -> None:
    headers = signed(NEW, id_="abc", at=AT, body=BODY)
    timestamp = str(int(AT.timestamp()))
    mac = hmac.new(NEW.get_secret_value().encode(), f"v1:{timestamp}.".encode() + BODY, hashlib.sha256)
    assert headers == {ID: "abc", TIMESTAMP: timestamp, SIGNATURE: f"v1={mac.hexdigest()}"}
    assert signed_at(headers) == int(AT.timestamp())


def test_both_secrets_are_right_while_one_takes_the_place_of_the_other() -> None:
    for secret in (NEW, OLD):
        assert is_signed(signed(secret, id_="a", at=AT, body=BODY), BODY, [NEW, OLD])
    assert not is_signed(signed(OTHER, id_="a", at=AT, body=BODY), BODY, [NEW, OLD])
    assert not is_signed(signed(OLD, id_="a", at=AT, body=BODY), BODY, [NEW])
    assert not is_signed(signed(NEW, id_="a", at=AT, body=BODY), BODY, [])


def test_time_and_body_are_part_of_what_is_signed() -> None:
    headers = signed(NEW, id_="a", at=AT, body=BODY)
    assert not is_signed(headers, BODY + b" ", [NEW])
    assert not is_signed(headers | {TIMESTAMP: str(int(AT.timestamp()) + 1)}, BODY, [NEW])


@pytest.mark.parametrize("timestamp", ["", "now", "-5", "1.5", "١٢٣", "9" * 13, " 1"])
def test_a_time_that_is_no_time_is_not_signed(timestamp: str) -> None:
    headers = signed(NEW, id_="a", at=AT, body=BODY)
    assert not is_signed(headers | {TIMESTAMP: timestamp}, BODY, [NEW])
    assert signed_at({TIMESTAMP: timestamp}) is None


def test_github_signs_the_body() -> None:
    """The values of GitHub's own page about validating deliveries."""
    told = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    secret = SecretStr("It's a Secret to Everybody")
    assert is_signed_by_github({"X-Hub-Signature-256": told}, b"Hello, World!", [secret])
    assert not is_signed_by_github({"X-Hub-Signature-256": told}, b"Hello, World?", [secret])
    assert not is_signed_by_github({"X-Hub-Signature-256": told[7:]}, b"Hello, World!", [secret])


@pytest.mark.parametrize("header", ["X-WC-Webhook-Signature", "X-WP-Webhook-Signature"])
def test_wordpress_signs_the_body(header: str) -> None:
    mac = hmac.new(NEW.get_secret_value().encode(), BODY, hashlib.sha256).digest()
    told = {header: base64.b64encode(mac).decode()}
    assert is_signed_by_wordpress(told, BODY, [OLD, NEW])
    assert not is_signed_by_wordpress(told, BODY, [OLD])
    assert not is_signed_by_wordpress({}, BODY, [OLD])


def test_a_secret_in_an_address_is_compared_whole() -> None:
    assert is_secret(OLD.get_secret_value(), [NEW, OLD])
    assert not is_secret(OLD.get_secret_value()[:-1], [NEW, OLD])
    assert not is_secret("", [NEW, OLD])


@given(st.text(), st.text(), st.binary())
def test_no_header_at_all_brings_it_down(timestamp: str, signature: str, body: bytes) -> None:
    headers = {TIMESTAMP: timestamp, SIGNATURE: signature, "X-Hub-Signature-256": signature}
    for check in (is_signed, is_signed_by_github, is_signed_by_wordpress):
        assert not check(headers | {"X-WC-Webhook-Signature": signature}, body, [NEW, OLD])
    assert not is_secret(signature, [NEW])


@given(st.binary(), st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is beside them
def test_whatever_is_signed_is_known_again(body: bytes, at: datetime) -> None:
    assert is_signed(signed(NEW, id_="a", at=at, body=body), body, [OLD, NEW])
