"""Which announcements of a NamelessMC site are known, and which sites were looked at."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS: Final = (
    """
    CREATE TABLE nameless_sites (
        site TEXT NOT NULL PRIMARY KEY,
        first_looked_at_ms BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE nameless_announcements (
        site TEXT NOT NULL,
        id TEXT NOT NULL,
        digest TEXT NOT NULL,
        seen_at_ms BIGINT NOT NULL,
        PRIMARY KEY (site, id)
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
