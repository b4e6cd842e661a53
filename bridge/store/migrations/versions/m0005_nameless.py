"""Which announcements of the NamelessMC site are known."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS: Final = (
    """
    CREATE TABLE nameless_announcements (
        id TEXT NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL,
        seen_at_ms BIGINT NOT NULL
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
