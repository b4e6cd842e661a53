"""What the game itself counts of its players."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0010"
down_revision = "0009"

_STATEMENTS: Final[tuple[str, ...]] = (
    # Whose files were seen; the name as the server's cache has it.
    """
    CREATE TABLE vanilla_players (
        number INTEGER NOT NULL PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        name TEXT
    )
    """,
    "CREATE INDEX vanilla_players_name ON vanilla_players (lower(name))",
    "CREATE TABLE vanilla_keys (number INTEGER NOT NULL PRIMARY KEY, key TEXT NOT NULL UNIQUE)",
    # Since which day the files of a server are read.
    "CREATE TABLE vanilla_servers (server INTEGER NOT NULL PRIMARY KEY, since_day INTEGER NOT NULL)",
    # The state of each file that was read last.
    """
    CREATE TABLE vanilla_files (
        server INTEGER NOT NULL,
        player INTEGER NOT NULL,
        kind SMALLINT NOT NULL,
        modified_ms BIGINT NOT NULL,
        size BIGINT NOT NULL,
        PRIMARY KEY (server, player, kind)
    )
    """,
    # All figures of a player as JSON, and the moment they stand for.
    """
    CREATE TABLE vanilla_figures (
        player INTEGER NOT NULL,
        server INTEGER NOT NULL,
        at_ms BIGINT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (player, server)
    )
    """,
    # Those by which players are compared; server 0: on all of them together.
    """
    CREATE TABLE vanilla_rankings (
        player INTEGER NOT NULL,
        server INTEGER NOT NULL,
        key INTEGER NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (player, server, key)
    )
    """,
    "CREATE INDEX vanilla_rankings_top ON vanilla_rankings (server, key, value, player)",
    # The main figures as they stood at the end of each day on which they changed.
    """
    CREATE TABLE vanilla_days (
        player INTEGER NOT NULL,
        server INTEGER NOT NULL,
        day INTEGER NOT NULL,
        play_ticks BIGINT NOT NULL,
        deaths BIGINT NOT NULL,
        mob_kills BIGINT NOT NULL,
        player_kills BIGINT NOT NULL,
        mined BIGINT NOT NULL,
        crafted BIGINT NOT NULL,
        jumps BIGINT NOT NULL,
        walked_cm BIGINT NOT NULL,
        swum_cm BIGINT NOT NULL,
        flown_cm BIGINT NOT NULL,
        ridden_cm BIGINT NOT NULL,
        damage_dealt BIGINT NOT NULL,
        damage_taken BIGINT NOT NULL,
        PRIMARY KEY (player, server, day)
    )
    """,
    "CREATE INDEX vanilla_days_day ON vanilla_days (server, day)",
    """
    CREATE TABLE vanilla_advancements (
        player INTEGER NOT NULL,
        server INTEGER NOT NULL,
        key INTEGER NOT NULL,
        done_ms BIGINT,
        PRIMARY KEY (player, server, key)
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
