"""How servers were, minute by minute, and what went wrong."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENTS: Final[tuple[str, ...]] = (
    # Minutes since 1970; a minute of which nothing is known has no row. Millions of rows: whole
    # numbers only, in hundredths where they count nothing.
    """
    CREATE TABLE samples (
        server INTEGER NOT NULL,
        minute INTEGER NOT NULL,
        state SMALLINT NOT NULL,
        online INTEGER,
        latency INTEGER,
        tps INTEGER,
        mspt INTEGER,
        PRIMARY KEY (server, minute)
    )
    """,
    # What the minutes of an hour (span 0) and of a day (span 1) come to; all but counts in hundredths.
    """
    CREATE TABLE sample_sums (
        span SMALLINT NOT NULL,
        server INTEGER NOT NULL,
        period INTEGER NOT NULL,
        up INTEGER NOT NULL,
        down INTEGER NOT NULL,
        planned INTEGER NOT NULL,
        online_sum BIGINT NOT NULL,
        online_min INTEGER,
        online_max INTEGER,
        latency_sum BIGINT NOT NULL,
        tps_min INTEGER,
        mspt_max INTEGER,
        PRIMARY KEY (span, server, period)
    )
    """,
    """
    CREATE TABLE incidents (
        number INTEGER NOT NULL PRIMARY KEY,
        server TEXT NOT NULL,
        cause TEXT NOT NULL,
        began_ms BIGINT NOT NULL,
        ended_ms BIGINT,
        estimated SMALLINT NOT NULL,
        planned SMALLINT NOT NULL,
        players TEXT NOT NULL,
        details TEXT NOT NULL,
        UNIQUE (server, began_ms)
    )
    """,
    "CREATE INDEX incidents_began ON incidents (began_ms)",
    "CREATE INDEX incidents_open ON incidents (server) WHERE ended_ms IS NULL",
    # How far the watch over each server has come.
    """
    CREATE TABLE watched (
        server TEXT NOT NULL PRIMARY KEY,
        phase TEXT NOT NULL,
        alive_ms BIGINT
    )
    """,
    # What was told and is not over yet.
    """
    CREATE TABLE alerts (
        rule TEXT NOT NULL,
        server TEXT NOT NULL,
        since_ms BIGINT,
        pinged_ms BIGINT,
        PRIMARY KEY (rule, server)
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
