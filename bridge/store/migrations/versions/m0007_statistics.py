"""Who was on when, and what follows from it day by day."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"

# Millions of rows hold numbers instead of names.
_STATEMENTS: Final[tuple[str, ...]] = (
    "CREATE TABLE server_numbers (number INTEGER NOT NULL PRIMARY KEY, server TEXT NOT NULL UNIQUE)",
    # uuid: none for those whom no log has told it of.
    """
    CREATE TABLE accounts (
        number INTEGER NOT NULL PRIMARY KEY,
        uuid TEXT UNIQUE,
        name TEXT NOT NULL,
        named_ms BIGINT NOT NULL
    )
    """,
    "CREATE INDEX accounts_name ON accounts (lower(name))",
    # Whose a name was from when on; two players can have had it one after the other.
    """
    CREATE TABLE account_names (
        name TEXT NOT NULL,
        since_ms BIGINT NOT NULL,
        account INTEGER NOT NULL,
        PRIMARY KEY (name, since_ms)
    )
    """,
    "CREATE INDEX account_names_account ON account_names (account)",
    # The facts that sessions are made of, in the order of time.
    """
    CREATE TABLE presences (
        server INTEGER NOT NULL,
        at_ms BIGINT NOT NULL,
        position BIGINT NOT NULL,
        part INTEGER NOT NULL,
        what SMALLINT NOT NULL,
        account INTEGER NOT NULL,
        value_ms BIGINT,
        PRIMARY KEY (server, at_ms, position, part)
    )
    """,
    "CREATE INDEX presences_starting ON presences (server, at_ms) WHERE what = 3",
    """
    CREATE TABLE play_sessions (
        server INTEGER NOT NULL,
        account INTEGER NOT NULL,
        began_ms BIGINT NOT NULL,
        ended_ms BIGINT,
        flags SMALLINT NOT NULL,
        relog SMALLINT NOT NULL,
        PRIMARY KEY (server, account, began_ms)
    )
    """,
    "CREATE INDEX play_sessions_began ON play_sessions (server, began_ms)",
    "CREATE INDEX play_sessions_ended ON play_sessions (server, ended_ms)",
    "CREATE INDEX play_sessions_account ON play_sessions (account, began_ms)",
    "CREATE INDEX play_sessions_open ON play_sessions (server) WHERE ended_ms IS NULL",
    # The few that can hold a whole day between them.
    """
    CREATE INDEX play_sessions_long ON play_sessions (server, began_ms)
        WHERE ended_ms - began_ms > 79200000
    """,
    # When a server was observed: holes are times that were said to be, and were not.
    """
    CREATE TABLE observations (
        server INTEGER NOT NULL,
        begins_ms BIGINT NOT NULL,
        ends_ms BIGINT NOT NULL,
        hole SMALLINT NOT NULL,
        PRIMARY KEY (server, begins_ms, ends_ms, hole)
    )
    """,
    "CREATE TABLE days_to_make (server INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (server, day))",
    """
    CREATE TABLE days (
        server INTEGER NOT NULL,
        day INTEGER NOT NULL,
        seconds BIGINT NOT NULL,
        starts INTEGER NOT NULL,
        peak INTEGER NOT NULL,
        peak_at_ms BIGINT,
        observed_s INTEGER NOT NULL,
        PRIMARY KEY (server, day)
    )
    """,
    """
    CREATE TABLE hours (
        server INTEGER NOT NULL,
        begins_ms BIGINT NOT NULL,
        day INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        peak INTEGER NOT NULL,
        players INTEGER NOT NULL,
        starts INTEGER NOT NULL,
        observed_s INTEGER NOT NULL,
        played_s INTEGER NOT NULL,
        staffed_s INTEGER NOT NULL,
        PRIMARY KEY (server, begins_ms)
    )
    """,
    "CREATE INDEX hours_day ON hours (server, day)",
    # How many sessions that began on a day were how long.
    """
    CREATE TABLE session_lengths (
        server INTEGER NOT NULL,
        day INTEGER NOT NULL,
        length SMALLINT NOT NULL,
        sessions INTEGER NOT NULL,
        PRIMARY KEY (server, day, length)
    )
    """,
    # How many of those who first came in a month were there in a week.
    """
    CREATE TABLE cohorts (
        server INTEGER NOT NULL,
        week INTEGER NOT NULL,
        month INTEGER NOT NULL,
        players INTEGER NOT NULL,
        PRIMARY KEY (server, week, month)
    )
    """,
    # What each player did in a day, a week, a month and ever; server 0: on all of them.
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
    )
    """,
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
    # How many did so, and how many of them for the first time.
    """
    CREATE TABLE periods (
        span SMALLINT NOT NULL,
        server INTEGER NOT NULL,
        start INTEGER NOT NULL,
        players INTEGER NOT NULL,
        newcomers INTEGER NOT NULL,
        PRIMARY KEY (span, server, start)
    )
    """,
    # The first and last time of a player on a server; server 0: on any.
    """
    CREATE TABLE acquaintances (
        server INTEGER NOT NULL,
        account INTEGER NOT NULL,
        first_ms BIGINT NOT NULL,
        last_ms BIGINT NOT NULL,
        PRIMARY KEY (server, account)
    )
    """,
    "CREATE INDEX acquaintances_first ON acquaintances (server, first_ms)",
    "CREATE INDEX acquaintances_last ON acquaintances (server, last_ms)",
    # The settings that went into all this.
    "CREATE TABLE made_with (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
