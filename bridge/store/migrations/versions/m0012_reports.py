"""Which reports went where."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0012"
down_revision = "0011"

_STATEMENTS: Final[tuple[str, ...]] = (
    # report: the name of its week or month; destination: discord, or mail: with an address behind it.
    # sent_at_ms: none while it is under way; mark: by what a message is known again.
    """
    CREATE TABLE reports_sent (
        report TEXT NOT NULL,
        destination TEXT NOT NULL,
        mark TEXT NOT NULL,
        nonce TEXT NOT NULL,
        first_at_ms BIGINT NOT NULL,
        begun_at_ms BIGINT NOT NULL,
        sent_at_ms BIGINT,
        PRIMARY KEY (report, destination)
    )
    """,
)


def upgrade() -> None:
    """Create the table."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
