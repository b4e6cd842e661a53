"""Who is signed in, tokens of other programs, and what staff did."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS: Final = (
    # digest: of the secret in the cookie, which is nowhere else.
    """
    CREATE TABLE sessions (
        digest TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        member TEXT NOT NULL,
        name TEXT NOT NULL,
        avatar_url TEXT,
        bundle TEXT NOT NULL,
        csrf TEXT NOT NULL,
        begun_at_ms BIGINT NOT NULL,
        seen_at_ms BIGINT NOT NULL,
        checked_at_ms BIGINT NOT NULL
    )
    """,
    "CREATE INDEX sessions_member ON sessions (member)",
    "CREATE TABLE login_links (digest TEXT NOT NULL PRIMARY KEY, until_ms BIGINT NOT NULL)",
    """
    CREATE TABLE api_tokens (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        made_by TEXT NOT NULL,
        made_at_ms BIGINT NOT NULL,
        used_at_ms BIGINT,
        revoked_at_ms BIGINT
    )
    """,
    """
    CREATE TABLE audit (
        position INTEGER NOT NULL PRIMARY KEY,
        at_ms BIGINT NOT NULL,
        who TEXT NOT NULL,
        who_name TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        address TEXT NOT NULL,
        was TEXT,
        became TEXT
    )
    """,
    "CREATE INDEX audit_who ON audit (who)",
    "CREATE INDEX audit_action ON audit (action)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
