"""The journal, the readers, and what the relay, the archive and the news keep."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS: Final = (
    # perishable: the body holds words that retention has not blanked yet.
    # id: the conflict is settled in the table, where it costs a quarter less than as an upsert's clause.
    """
    CREATE TABLE records (
        position INTEGER NOT NULL PRIMARY KEY,
        id TEXT NOT NULL UNIQUE ON CONFLICT IGNORE,
        source TEXT NOT NULL,
        place TEXT NOT NULL,
        kind TEXT NOT NULL,
        at_ms BIGINT NOT NULL,
        recorded_at_ms BIGINT NOT NULL,
        late SMALLINT NOT NULL,
        perishable SMALLINT NOT NULL,
        body TEXT NOT NULL
    )
    """,
    # Their rows are in order of position, as each ends with the key of the table.
    "CREATE INDEX records_kind ON records (kind)",
    "CREATE INDEX records_source ON records (source)",
    "CREATE INDEX records_perishable ON records (at_ms) WHERE perishable = 1",
    "CREATE TABLE readers (name TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)",
    """
    CREATE TABLE deliveries (
        reader TEXT NOT NULL PRIMARY KEY,
        through BIGINT NOT NULL,
        nonce TEXT NOT NULL,
        digest TEXT NOT NULL,
        details TEXT NOT NULL,
        begun_at_ms BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE copies (
        end_id TEXT NOT NULL,
        message TEXT NOT NULL,
        position BIGINT NOT NULL,
        part INTEGER NOT NULL,
        PRIMARY KEY (end_id, message, position)
    )
    """,
    "CREATE INDEX copies_record ON copies (position, end_id)",
    "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, total BIGINT NOT NULL)",
    """
    CREATE TABLE lines (
        position BIGINT NOT NULL PRIMARY KEY,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        room TEXT,
        end_id TEXT NOT NULL,
        message TEXT,
        speaker_kind TEXT NOT NULL,
        speaker_name TEXT NOT NULL,
        speaker_id TEXT,
        body TEXT NOT NULL,
        said_at_ms BIGINT NOT NULL,
        edited_at_ms BIGINT,
        removed_at_ms BIGINT
    )
    """,
    "CREATE INDEX lines_end ON lines (end_id, position)",
    "CREATE INDEX lines_message ON lines (end_id, message) WHERE message IS NOT NULL",
    "CREATE INDEX lines_said_at ON lines (said_at_ms)",
    """
    CREATE TABLE players (
        server TEXT NOT NULL,
        name TEXT NOT NULL,
        uuid TEXT,
        first_seen_ms BIGINT NOT NULL,
        last_seen_ms BIGINT NOT NULL,
        last_position BIGINT NOT NULL,
        PRIMARY KEY (server, name)
    )
    """,
    # Names are found in capitals or not.
    "CREATE INDEX players_name ON players (lower(name))",
    "CREATE INDEX players_server ON players (server, lower(name))",
    """
    CREATE TABLE happenings (
        server TEXT NOT NULL,
        kind TEXT NOT NULL,
        at_ms BIGINT NOT NULL,
        position BIGINT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (server, kind, at_ms, position)
    )
    """,
)


def upgrade() -> None:
    """Create the first tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the way back is a backup."""
    raise NotImplementedError
