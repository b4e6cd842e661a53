"""What staff have asked of players and kept, and what makes the answers quick."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0011"
down_revision = "0010"

_STATEMENTS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE saved_queries (
        number INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        made_by TEXT NOT NULL,
        made_at_ms BIGINT NOT NULL,
        body TEXT NOT NULL
    )
    """,
    # Every query walks along everybody; what it looks at most lies together there.
    "CREATE INDEX acquaintances_everybody ON acquaintances (account, first_ms, last_ms) WHERE server = 0",
    """
    CREATE INDEX player_periods_ever ON player_periods
        (server, start, account, seconds, starts, said, deaths, advancements) WHERE span = 3
    """,
    "CREATE INDEX play_sessions_crashed ON play_sessions (ended_ms, account) WHERE (flags & 8) <> 0",
)


def upgrade() -> None:
    """Create the table and the indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
