"""Sign-ins under way, and where they may lead."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.features.sign_in import attempts
from bridge.features.sign_in.attempts import ATTEMPT_S, Attempts, local_path


class Steps:
    """A clock that goes on when it is told to."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_an_attempt_comes_back_once_to_its_browser_and_in_time() -> None:
    now = Steps()
    under_way = Attempts(now=now)
    first, second, third = [under_way.begin("/x") for _ in range(3)]
    assert under_way.take(first.state, first.browser) == first
    assert under_way.take(first.state, first.browser) is None
    assert under_way.take(second.state, first.browser) is None
    assert under_way.take(second.state, second.browser) is None, "whoever tried with another cookie ended it"
    now.at = ATTEMPT_S
    assert under_way.take(third.state, third.browser) is None


def test_no_two_attempts_share_a_secret_and_the_challenge_is_the_verifiers() -> None:
    under_way = Attempts()
    made = [under_way.begin("") for _ in range(50)]
    assert len({part for one in made for part in (one.state, one.browser, one.verifier)}) == 150
    digest = hashlib.sha256(made[0].verifier.encode()).digest()
    assert base64.urlsafe_b64decode(made[0].challenge + "=") == digest
    assert 43 <= len(made[0].verifier) <= 128, "what PKCE allows"


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_MOST", 2)
    under_way = Attempts()
    made = [under_way.begin("") for _ in range(3)]
    assert [under_way.take(one.state, one.browser) for one in made] == [None, *made[1:]]


@given(state=st.text(), browser=st.text())
def test_whatever_comes_back_is_no_attempt(state: str, browser: str) -> None:
    under_way = Attempts()
    under_way.begin("")
    assert under_way.take(state, browser) is None


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        ("/staff", "/staff"),
        ("/staff/audit?who=é&before=3", "/staff/audit?who=%C3%A9&before=3"),
        ("/a%20b?c=%26", "/a%20b?c=%26"),
        ("", ""),
        ("staff", ""),
        ("https://evil.example", ""),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("/\t/evil.example", ""),
        ("/a\r\nSet-Cookie: x=y", ""),
        ("\\\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("/" + "a" * 500, ""),
    ],
)
def test_only_pages_of_ours_are_gone_to(asked: str, then: str) -> None:
    assert local_path(asked) == then


@given(st.text(alphabet=st.sampled_from("/\\:.@?#%a\t\r\n é\u2028")) | st.text())
def test_no_path_leads_to_another_site(asked: str) -> None:
    then = local_path(asked)
    assert then == "" or (then.startswith("/") and then.isascii() and then.isprintable())
    # As browsers do: a backslash is a slash, tabs and line ends are nothing.
    seen = then.replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "")
    assert urlsplit(urljoin("https://mc.example.org/sign-in", seen)).netloc == "mc.example.org"
