"""What was announced where."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENTS: Final = (
    # A row for each end that is told: a room's newest are one walk along the key for each of its ends.
    """
    CREATE TABLE announcements (
        end_id TEXT NOT NULL,
        position BIGINT NOT NULL,
        body TEXT NOT NULL,
        removed_at_ms BIGINT,
        PRIMARY KEY (end_id, position)
    )
    """,
    "CREATE INDEX announcements_position ON announcements (position)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
