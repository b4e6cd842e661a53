"""Plan's sessions become facts, in both of its layouts, whatever its rows hold."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import PlayerJoined, PlayerLeft, ServerId, ServerObserved
from bridge.minecraft.imports.plan import PlanDatabase, PlanReading, PlanRefused, Times
from tests.old_plan import MIRA, NOAH, PLAN, Layout, Stay, ms, write_plan

SURVIVAL = ServerId("survival")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
AT = datetime(2024, 3, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(path: Path, told: Sequence[tuple[datetime, datetime]] = ()) -> tuple[PlanReading, list[object]]:
    with PlanDatabase(path) as database:
        (plan,) = database.servers()
        reading = PlanReading(database, plan, SURVIVAL, Times(told), now=NOW)
        drafts = [draft for batch in reading.batches() for draft in batch]
    assert len({draft.id for draft in drafts}) == len(drafts)
    assert all(draft.late and draft.source == "import:survival" for draft in drafts)
    assert all(draft.id.startswith(f"plan:{PLAN}:") for draft in drafts)
    return reading, [draft.event for draft in drafts]


@pytest.mark.parametrize("layout", Layout)
def test_sessions_become_joins_and_leaves(tmp_path: Path, layout: Layout) -> None:
    stays = [
        Stay(MIRA, AT, AT + HOUR),
        Stay(NOAH, AT + HOUR, AT + 3 * HOUR),
        Stay(MIRA, AT + 2 * HOUR, AT + 4 * HOUR),
    ]
    write_plan(tmp_path / "database.db", stays, layout=layout)
    reading, events = read(tmp_path / "database.db")
    told = [
        (each.kind, each.player, each.uuid, each.at)
        for each in events
        if isinstance(each, PlayerJoined | PlayerLeft)
    ]
    assert told == [
        ("player.joined", "Mira", MIRA, AT),
        ("player.left", "Mira", MIRA, AT + HOUR),
        ("player.joined", "Noah", NOAH, AT + HOUR),
        ("player.joined", "Mira", MIRA, AT + 2 * HOUR),
        ("player.left", "Noah", NOAH, AT + 3 * HOUR),
        ("player.left", "Mira", MIRA, AT + 4 * HOUR),
    ]
    assert events[-1] == ServerObserved(at=AT + 4 * HOUR, server=SURVIVAL, since=AT)
    assert (reading.sessions, reading.known, reading.senseless) == (3, 0, 0)
    assert (reading.first, reading.last) == (AT, AT + 4 * HOUR)


def test_what_logs_have_told_is_left_out_and_counted(tmp_path: Path) -> None:
    stays = [Stay(MIRA, AT + number * HOUR, AT + (number + 1) * HOUR) for number in range(4)]
    write_plan(tmp_path / "database.db", stays)
    reading, events = read(tmp_path / "database.db", [(AT, AT + HOUR), (AT + HOUR, AT + 2.5 * HOUR)])
    joined = [each.at for each in events if isinstance(each, PlayerJoined)]
    assert joined == [AT + 2 * HOUR, AT + 3 * HOUR]  # one of them was told in part
    assert reading.known == 2


def test_a_month_without_a_session_was_not_observed(tmp_path: Path) -> None:
    later = AT + timedelta(days=30)
    write_plan(tmp_path / "database.db", [Stay(MIRA, AT, AT + HOUR), Stay(MIRA, later, later + HOUR)])
    _, events = read(tmp_path / "database.db")
    seen = [(each.since, each.at) for each in events if isinstance(each, ServerObserved)]
    assert seen == [(AT, AT + HOUR), (later, later + HOUR)]


def test_rows_that_make_no_sense_are_counted(tmp_path: Path) -> None:
    stays = [
        Stay(MIRA, AT + HOUR, AT),
        Stay(MIRA, AT, NOW + timedelta(days=9)),
        Stay("not-a-uuid", AT, AT + HOUR),
        Stay(MIRA, AT, AT + HOUR),
    ]
    write_plan(tmp_path / "database.db", stays)
    reading, events = read(tmp_path / "database.db")
    assert (reading.sessions, reading.senseless) == (4, 3)
    assert len([each for each in events if isinstance(each, PlayerJoined)]) == 1


@pytest.mark.parametrize("data", [None, b"", b"this is no database at all, however long it is" * 100])
def test_what_is_no_database_of_plan_is_refused(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "database.db"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(PlanRefused):
        PlanDatabase(path)


def test_times_are_put_together() -> None:
    times = Times([(AT + 5 * HOUR, AT + 6 * HOUR), (AT, AT + HOUR), (AT + HOUR, AT + 2 * HOUR)])
    assert times.hold(AT, AT + 2 * HOUR)
    assert not times.hold(AT, AT + 3 * HOUR)
    assert not times.hold(AT - HOUR, AT)
    assert times.hold(AT + 5 * HOUR, AT + 5.5 * HOUR)


values = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=50), st.binary(max_size=9), st.floats()
)


@given(st.lists(st.tuples(values, values, values, values), max_size=5))
def test_no_row_stops_the_reading(rows: list[tuple[object, object, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "database.db"
        write_plan(path, [Stay(MIRA, AT, AT + HOUR)])
        conn = sqlite3.connect(path)
        for number, (uuid, name, start, end) in enumerate(rows, 10):
            conn.execute("INSERT INTO plan_users VALUES (?, ?, ?, ?, 0)", (number, uuid, start, name))
            conn.execute(
                "INSERT INTO plan_sessions VALUES (?, ?, 1, ?, ?, 0, 0, 0, 1)", (number, number, start, end)
            )
        conn.commit()
        conn.close()
        reading, _ = read(path)
    assert reading.sessions == len(rows) + 1
    assert ms(AT) == 1709323200000
