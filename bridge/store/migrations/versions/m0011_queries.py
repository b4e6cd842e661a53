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
    "CREATE INDEX play_sessions_crashed ON play_sessions (ended_ms, account) WHERE (flags & 8) <> 0",
    "DROP INDEX play_sessions_began",
    "CREATE INDEX play_sessions_began ON play_sessions (server, began_ms, account)",
)
# SQLite keeps rows in the order of their coming, and looks each up from the key: measured, a sum over a year
# of 100,000 players takes three times as long. PostgreSQL has no such tables.
_BY_KEY: Final[tuple[str, ...]] = (
    "ALTER TABLE player_periods RENAME TO player_periods_before",
    "DROP INDEX player_periods_ranking",
    "DROP INDEX player_periods_account",
    """
    CREATE TABLE player_periods (
        span SMALLINT NOT NULL,
        server INTEGER NOT NULL,
        start INTEGER NOT NULL,
        account INTEGER NOT NULL,
        seconds BIGINT NOT NULL,
        starts INTEGER NOT NULL,
        said INTEGER NOT NULL,
        deaths INTEGER NOT NULL,
        advancements INTEGER NOT NULL,
        PRIMARY KEY (span, server, start, account)
    ) WITHOUT ROWID
    """,
    """
    INSERT INTO player_periods (span, server, start, account, seconds, starts, said, deaths, advancements)
    SELECT span, server, start, account, seconds, starts, said, deaths, advancements
    FROM player_periods_before ORDER BY span, server, start, account
    """,
    "DROP TABLE player_periods_before",
    "CREATE INDEX player_periods_ranking ON player_periods (span, server, start, seconds)",
    "CREATE INDEX player_periods_account ON player_periods (account, span, start)",
    # Days and weeks have few enough rows to be sorted; months and all time have not.
    """
    CREATE INDEX player_periods_deaths ON player_periods (span, server, start, deaths, account)
    WHERE span >= 2 AND deaths > 0
    """,
    """
    CREATE INDEX player_periods_advancements ON player_periods (span, server, start, advancements, account)
    WHERE span >= 2 AND advancements > 0
    """,
    """
    CREATE INDEX player_periods_said ON player_periods (span, server, start, said, account)
    WHERE span >= 2 AND said > 0
    """,
    "ALTER TABLE acquaintances RENAME TO acquaintances_before",
    "DROP INDEX acquaintances_first",
    "DROP INDEX acquaintances_last",
    """
    CREATE TABLE acquaintances (
        server INTEGER NOT NULL,
        account INTEGER NOT NULL,
        first_ms BIGINT NOT NULL,
        last_ms BIGINT NOT NULL,
        PRIMARY KEY (server, account)
    ) WITHOUT ROWID
    """,
    """
    INSERT INTO acquaintances (server, account, first_ms, last_ms)
    SELECT server, account, first_ms, last_ms FROM acquaintances_before ORDER BY server, account
    """,
    "DROP TABLE acquaintances_before",
    "CREATE INDEX acquaintances_first ON acquaintances (server, first_ms)",
    "CREATE INDEX acquaintances_last ON acquaintances (server, last_ms)",
)


def upgrade() -> None:
    """Create the table and the indexes, and put what players did into the order of its key."""
    by_key = _BY_KEY if op.get_bind().dialect.name == "sqlite" else ()
    for statement in (*_STATEMENTS, *by_key):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
