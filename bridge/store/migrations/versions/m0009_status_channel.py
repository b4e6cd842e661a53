"""The status messages on Discord."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"

_STATEMENTS: Final[tuple[str, ...]] = (
    # message: none while the first one is under way; mark: by what that one is known again.
    """
    CREATE TABLE status_boards (
        board TEXT NOT NULL PRIMARY KEY,
        channel TEXT NOT NULL,
        message TEXT,
        shown TEXT NOT NULL,
        picture TEXT NOT NULL,
        mark TEXT NOT NULL,
        nonce TEXT NOT NULL,
        begun_at_ms BIGINT NOT NULL
    )
    """,
    # What was asked for last: Discord writes names in its own way.
    """
    CREATE TABLE status_signs (
        channel TEXT NOT NULL PRIMARY KEY,
        name TEXT,
        topic TEXT,
        changed_at_ms BIGINT NOT NULL
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
