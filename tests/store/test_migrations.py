from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from bridge.store import Store, StoreError, migrate_in_child
from bridge.store.counters import counters
from bridge.store.migrate import MIGRATIONS, upgrade
from bridge.store.schema import NEWEST, bring_up_to_date, stored_version
from tests.warm import WarmPython

EXPECTED = {
    "alerts": "rule server since_ms pinged_ms",
    "announcements": "end_id position body removed_at_ms",
    "api_tokens": "id name digest scopes made_by made_at_ms used_at_ms revoked_at_ms",
    "audit": "position at_ms who who_name action target address was became",
    "copies": "end_id message position part",
    "counters": "name total",
    "deliveries": "reader through nonce digest details begun_at_ms",
    "feed_entries": "feed entry seen_at_ms",
    "feeds": "name url moved etag modified looked_at_ms read_at_ms next_at_ms failures problem trouble",
    "hook_signatures": "hook signature delivery until_ms",
    "happenings": "server kind at_ms position body",
    "incidents": "number server cause began_ms ended_ms estimated planned players details",
    "lines": "position id kind room end_id message speaker_kind speaker_name speaker_id body said_at_ms"
    " edited_at_ms removed_at_ms",
    "login_links": "digest until_ms",
    "nameless_announcements": "site id digest seen_at_ms",
    "nameless_sites": "site first_looked_at_ms",
    "players": "server name uuid first_seen_ms last_seen_ms last_position",
    "readers": "name position",
    "reports_sent": "report destination mark nonce first_at_ms begun_at_ms sent_at_ms",
    "records": "position id source place kind at_ms recorded_at_ms late perishable body",
    "sample_sums": "span server period up down planned online_sum online_min online_max latency_sum tps_min"
    " mspt_max",
    "samples": "server minute state online latency tps mspt",
    "sessions": "digest kind member name avatar_url bundle csrf begun_at_ms seen_at_ms checked_at_ms",
    "set_aside": "id hook position kind problem tries begun_at_ms set_aside_at_ms again",
    "status_boards": "board channel message shown picture mark nonce begun_at_ms",
    "status_signs": "channel name topic changed_at_ms",
    "server_numbers": "number server",
    "accounts": "number uuid name named_ms",
    "account_names": "name since_ms account",
    "presences": "server at_ms position part what account value_ms",
    "play_sessions": "server account began_ms ended_ms flags relog",
    "observations": "server begins_ms ends_ms hole",
    "days_to_make": "server day",
    "days": "server day seconds starts peak peak_at_ms observed_s",
    "cohorts": "server week month players",
    "session_lengths": "server day length sessions",
    "hours": "server begins_ms day seconds peak players starts observed_s played_s staffed_s",
    "player_periods": "span server start account seconds starts said deaths advancements",
    "periods": "span server start players newcomers",
    "acquaintances": "server account first_ms last_ms",
    "made_with": "name value",
    "saved_queries": "number name made_by made_at_ms body",
    "vanilla_advancements": "player server key done_ms",
    "vanilla_days": "player server day play_ticks deaths mob_kills player_kills mined crafted jumps walked_cm"
    " swum_cm flown_cm ridden_cm damage_dealt damage_taken",
    "vanilla_figures": "player server at_ms body",
    "vanilla_files": "server player kind modified_ms size",
    "vanilla_keys": "number key",
    "vanilla_players": "number uuid name",
    "vanilla_rankings": "player server key value",
    "vanilla_servers": "server since_day",
    "watched": "server phase alive_ms",
}

STOPPED_HALFWAY = """
import os
from alembic import op
revision = "{number}"
down_revision = "{after}"
def upgrade() -> None:
    op.execute("CREATE TABLE half (a TEXT)")
    op.execute("DELETE FROM counters")
    {how}
"""


async def visits(folder: Path) -> int:
    async with await Store.open(folder) as store, store.reading() as conn:
        return (await counters(conn))["visits"]


def tables(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as raw:
        names = [
            name
            for (name,) in raw.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        return {
            name: " ".join(row[1] for row in raw.execute(f"PRAGMA table_info({name})"))
            for name in names
            if name != "alembic_version"
        }


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_the_migrations_build_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    upgrade(tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == EXPECTED
    assert stored_version(tmp_path / "new.db") == NEWEST


def test_positions_are_the_rows_own_numbers(tmp_path: Path) -> None:
    """Only ``INTEGER PRIMARY KEY`` makes SQLite keep records in the order of their positions."""
    upgrade(tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "new.db")) as raw:
        raw.execute("INSERT INTO records VALUES (7, 'id', 's', 'p', 'k', 0, 0, 0, 0, '{}')")
        assert raw.execute("SELECT rowid FROM records").fetchone() == (7,)


def test_a_database_of_the_newest_version_needs_no_migration(tmp_path: Path) -> None:
    upgrade(tmp_path / "new.db")

    def fail(_path: Path) -> None:
        pytest.fail("ran the migrations again")

    bring_up_to_date(tmp_path / "new.db", fail)


def test_the_bridge_migrates_in_a_process_of_its_own_and_never_loads_alembic(tmp_path: Path) -> None:
    code = """
import asyncio, pathlib, sys
from bridge.store import Store
async def main():
    async with await Store.open(pathlib.Path(sys.argv[1])):
        print([name for name in ("alembic", "mako", "bridge.store.migrate") if name in sys.modules])
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "[]\n"
    assert stored_version(tmp_path / "passerelle.db") == NEWEST


def test_a_failed_child_says_why(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        migrate_in_child(tmp_path / "missing" / "new.db")


@pytest.mark.parametrize(
    ("how", "code"), [("raise RuntimeError('stop')", 1), ("os._exit(9)", 9)], ids=["error", "killed"]
)
def test_an_interrupted_migration_leaves_a_usable_database(
    warm: WarmPython, tmp_path: Path, how: str, code: int
) -> None:
    """A migration that ends halfway, by an error or with its process, has changed nothing."""
    path = tmp_path / "passerelle.db"
    versions = tmp_path / "versions"
    versions.mkdir()
    for ours in (MIGRATIONS / "versions").glob("m*.py"):
        (versions / ours.name).write_text(ours.read_text())
    (versions / "m9999_half.py").write_text(STOPPED_HALFWAY.format(number="9999", after=NEWEST, how=how))
    upgrade(path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("INSERT INTO counters VALUES ('visits', 5)")
    script = tmp_path / "migrate.py"
    script.write_text(
        "import pathlib, sys; from bridge.store.migrate import upgrade;"
        "upgrade(pathlib.Path(sys.argv[1]), versions=pathlib.Path(sys.argv[2]))"
    )
    done = warm.run(str(script), str(path), str(versions))
    assert done.returncode == code, done.stderr
    assert stored_version(path) == NEWEST
    assert tables(path) == EXPECTED
    assert asyncio.run(visits(tmp_path)) == 5


def test_a_first_migration_that_fails_leaves_an_empty_database_that_a_second_try_fills(
    tmp_path: Path,
) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    broken = (MIGRATIONS / "versions" / "m0001_first.py").read_text()
    (versions / "m0001_first.py").write_text(broken.replace("CREATE TABLE lines", "CREATE TABEL lines"))
    with pytest.raises(StoreError, match="TABEL"):
        upgrade(tmp_path / "new.db", versions=versions)
    assert tables(tmp_path / "new.db") == {}
    upgrade(tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == EXPECTED
