"""What could not be delivered to other programs, and which of their signatures were used."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS: Final = (
    """
    CREATE TABLE set_aside (
        id INTEGER NOT NULL PRIMARY KEY,
        hook TEXT NOT NULL,
        position BIGINT NOT NULL,
        kind TEXT NOT NULL,
        problem TEXT NOT NULL,
        tries INTEGER NOT NULL,
        begun_at_ms BIGINT NOT NULL,
        set_aside_at_ms BIGINT NOT NULL,
        again SMALLINT NOT NULL,
        UNIQUE (hook, position)
    )
    """,
    # The id beside a signature is not part of what is signed: a signature counts with the first one only.
    """
    CREATE TABLE hook_signatures (
        hook TEXT NOT NULL,
        signature TEXT NOT NULL,
        delivery TEXT NOT NULL,
        until_ms BIGINT NOT NULL,
        PRIMARY KEY (hook, signature)
    )
    """,
    "CREATE INDEX hook_signatures_until ON hook_signatures (until_ms)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
