"""Who may frame our pages, and whose forms we take."""

from __future__ import annotations

import pytest

from bridge.website.security import content_policy, is_own_form, security_headers


def test_pages_load_nothing_from_elsewhere() -> None:
    policy = dict(part.split(" ", 1) for part in content_policy(()).split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_only_the_named_origins_may_frame_our_pages() -> None:
    origins = ("https://www.example.org", "'self'")
    assert content_policy(origins).endswith("frame-ancestors https://www.example.org 'self'")
    assert security_headers(())["X-Frame-Options"] == "DENY"
    assert "X-Frame-Options" not in security_headers(origins)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://mc.example.org"}, False),
        ({"Origin": "https://mc.example.org"}, True),
        ({"Origin": "http://127.0.0.1:8080"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://mc.example.org.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_forms_of_other_sites_are_told_apart(headers: dict[str, str], own: bool) -> None:
    assert is_own_form(headers, hosts=("127.0.0.1:8080", "mc.example.org")) is own
