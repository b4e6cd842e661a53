"""Tokens: shown once, kept as digests, never stronger than their makers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.store import Store
from bridge.store.schema import Migrate
from bridge.website.api.tokens import TokenRefused, Tokens
from bridge.website.errors import RequestRefused
from bridge.website.identity import VISITOR, Identity, IdentityKind
from bridge.website.sessions import Unchecked

START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
MAKER = Identity(
    kind=IdentityKind.MEMBER,
    id="1" * 18,
    name="Ines",
    bundle=Bundle.MODERATOR,
    permissions=permissions_of(Bundle.MODERATOR),
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Roles:
    """What Discord tells of a member."""

    def __init__(self, bundle: Bundle | None) -> None:
        self.bundle, self.silent, self.asked = bundle, False, 0

    async def __call__(self, _member: str) -> Bundle | None:
        self.asked += 1
        if self.silent:
            raise Unchecked("Discord does not answer")
        return self.bundle


@pytest.fixture
async def store(tmp_path: Path, migrate: Migrate) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "data", migrate=migrate) as opened:
        yield opened


async def test_a_token_says_who_it_is_and_what_it_may_do(store: Store) -> None:
    tokens = Tokens(store)
    made = await tokens.create("  The   shop ", [Permission.ROOMS_POST], maker=MAKER)
    assert made.secret.startswith("psl_")
    assert len(made.secret) == 47
    found = await tokens.identity_of_token(f"Bearer {made.secret}")
    assert found == Identity(
        kind=IdentityKind.TOKEN,
        id=made.token.id,
        name="The shop",
        permissions=frozenset({Permission.ROOMS_POST}),
    )
    assert await tokens.identity_of_token(f"bearer  {made.secret} ") == found


async def test_the_secret_is_nowhere_but_in_the_answer(store: Store, tmp_path: Path) -> None:
    tokens = Tokens(store)
    made = await tokens.create("Shop", [Permission.ROOMS_POST], maker=MAKER)
    assert made.secret not in repr(made)
    async with store.transaction() as tx:
        await tx.execute(text("SELECT 1"))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert made.token.digest.encode() in kept
    assert made.secret.encode() not in kept


@pytest.mark.parametrize(
    ("name", "scopes", "maker", "reason"),
    [
        ("", [Permission.ROOMS_POST], MAKER, "name"),
        ("x" * 61, [Permission.ROOMS_POST], MAKER, "name"),
        ("a\x1bb", [Permission.ROOMS_POST], MAKER, "name"),
        ("Shop", [], MAKER, "scopes"),
        ("Shop", [Permission.AUDIT_READ], MAKER, "beyond"),
        ("Shop", [Permission.ROOMS_POST, Permission.TOKENS_MANAGE], MAKER, "beyond"),
        ("Shop", [Permission.ROOMS_POST], VISITOR, "beyond"),
    ],
)
async def test_what_may_not_be_is_not_made(
    store: Store, name: str, scopes: list[Permission], maker: Identity, reason: str
) -> None:
    tokens = Tokens(store)
    with pytest.raises(TokenRefused) as refused:
        await tokens.create(name, scopes, maker=maker)
    assert refused.value.reason == reason
    assert await tokens.listed() == []


async def test_a_token_makes_no_tokens(store: Store) -> None:
    tokens = Tokens(store)
    made = await tokens.create("Shop", [Permission.ROOMS_POST], maker=MAKER)
    program = await tokens.identity_of_token(f"Bearer {made.secret}")
    assert program is not None
    with pytest.raises(TokenRefused):
        await tokens.create("Child", [Permission.ROOMS_POST], maker=program)


async def test_a_revoked_token_is_nobody(store: Store) -> None:
    tokens = Tokens(store)
    made = await tokens.create("Shop", [Permission.ROOMS_POST], maker=MAKER)
    revoked = await tokens.revoke(made.token.id)
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert await tokens.identity_of_token(f"Bearer {made.secret}") is None
    assert await tokens.revoke(made.token.id) is None
    assert await tokens.revoke("nothing") is None
    assert [token.revoked_at for token in await tokens.listed()] == [revoked.revoked_at]


async def test_the_last_use_is_kept_once_a_minute(store: Store) -> None:
    clock = Clock()
    tokens = Tokens(store, now=clock)
    made = await tokens.create("Shop", [Permission.ROOMS_POST], maker=MAKER)
    seen = []
    for seconds in (0, 30, 59, 60, 100, 121):
        clock.now = START + timedelta(seconds=seconds)
        await tokens.identity_of_token(f"Bearer {made.secret}")
        (token,) = await tokens.listed()
        assert token.used_at is not None
        seen.append((token.used_at - START).total_seconds())
    assert seen == [0, 0, 0, 60, 60, 121]


async def test_a_token_loses_what_its_maker_loses(store: Store) -> None:
    clock, roles = Clock(), Roles(Bundle.MODERATOR)
    tokens = Tokens(store, recheck=lambda: roles, now=clock)
    scopes = [Permission.ROOMS_POST, Permission.RECORDS_READ]
    header = f"Bearer {(await tokens.create('Shop', scopes, maker=MAKER)).secret}"

    async def held() -> frozenset[Permission] | None:
        identity = await tokens.identity_of_token(header)
        return None if identity is None else identity.permissions

    assert await held() == frozenset(scopes)
    roles.bundle = Bundle.HELPER
    assert await held() == frozenset(scopes)
    assert roles.asked == 1
    clock.now += timedelta(seconds=31)
    assert await held() == frozenset({Permission.ROOMS_POST})
    roles.bundle = None  # they have left the guild
    clock.now += timedelta(seconds=31)
    assert await held() is None
    roles.bundle = Bundle.ADMIN
    clock.now += timedelta(seconds=31)
    assert await held() == frozenset(scopes)


async def test_while_discord_is_silent_what_was_known_holds_for_some_minutes(store: Store) -> None:
    clock, roles = Clock(), Roles(Bundle.MODERATOR)
    tokens = Tokens(store, recheck=lambda: roles, now=clock)
    header = f"Bearer {(await tokens.create('Shop', [Permission.ROOMS_POST], maker=MAKER)).secret}"
    assert await tokens.identity_of_token(header) is not None
    roles.silent = True
    clock.now += timedelta(minutes=4)
    assert await tokens.identity_of_token(header) is not None
    clock.now += timedelta(minutes=2)
    with pytest.raises(RequestRefused) as refused:
        await tokens.identity_of_token(header)
    assert refused.value.status == 503


async def test_the_owner_s_tokens_ask_nobody(store: Store) -> None:
    owner = Identity(kind=IdentityKind.OWNER, name="Owner", permissions=frozenset(Permission))
    roles = Roles(None)
    tokens = Tokens(store, recheck=lambda: roles)
    made = await tokens.create("Backup", [Permission.RECORDS_READ], maker=owner)
    assert made.token.made_by == "owner"
    assert await tokens.identity_of_token(f"Bearer {made.secret}") is not None
    assert roles.asked == 0


async def test_foreign_headers_are_nobody(store: Store) -> None:
    tokens = Tokens(store)
    await tokens.create("Shop", [Permission.ROOMS_POST], maker=MAKER)
    for header in (
        "",
        "Bearer",
        "Bearer ",
        "Basic psl_x",
        "psl_x",
        "Bearer psl_",
        "Bearer psl_\udc80",
        "Bearer psl_" + "x" * 9999,
    ):
        assert await tokens.identity_of_token(header) is None
