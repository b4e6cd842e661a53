"""Where each feed stands, and which entries are known."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS: Final = (
    """
    CREATE TABLE feeds (
        name TEXT NOT NULL PRIMARY KEY,
        url TEXT NOT NULL,
        moved TEXT,
        etag TEXT,
        modified TEXT,
        looked_at_ms BIGINT,
        read_at_ms BIGINT,
        next_at_ms BIGINT,
        failures INTEGER NOT NULL,
        problem TEXT,
        trouble TEXT
    )
    """,
    """
    CREATE TABLE feed_entries (
        feed TEXT NOT NULL,
        entry TEXT NOT NULL,
        seen_at_ms BIGINT NOT NULL,
        PRIMARY KEY (feed, entry)
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
