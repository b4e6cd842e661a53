"""What could not be delivered to other programs."""

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
        UNIQUE (hook, position)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
