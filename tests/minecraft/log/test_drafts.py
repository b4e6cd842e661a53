"""Lines become facts with the right time; a wrong time zone is told, and makes no live line late."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bridge.events import ServerId
from bridge.journal import Draft, SourceName
from bridge.minecraft.log.drafts import Drafter
from bridge.minecraft.log.follow import Lines
from bridge.minecraft.log.lines import Piece
from bridge.minecraft.log.parser import LogParser

DAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 12, 0, 0, 400_000, tzinfo=UTC)


def drafts(at: str, *, zone: str, live: bool) -> list[Draft]:
    drafter = Drafter(
        SourceName("log:survival"),
        LogParser(ServerId("survival")),
        zone=ZoneInfo(zone),
        encoding="cp1252",
        late_after_s=120.0,
    )
    data = f"[{at}] [Server thread/INFO]: <Mira> hello\n".encode()
    return drafter.drafts(Lines(piece=Piece(0, data, b""), day=DAY), b"", now=NOW, live=live)


@pytest.mark.parametrize(
    ("at", "zone", "live", "late"),
    [
        ("12:00:00", "UTC", True, False),
        ("11:59:00", "UTC", False, False),
        ("11:50:00", "UTC", False, True),
        ("11:50:00", "UTC", True, True),  # live, and really old: the server held it back
        ("12:00:00", "Etc/GMT-2", True, False),  # a clock that is read two hours too early
        ("12:00:00", "Etc/GMT-2", False, True),  # after a stop nobody can tell
        ("12:00:00", "Asia/Kolkata", True, False),  # five and a half hours
        ("12:00:00", "Etc/GMT+3", True, False),
    ],
)
def test_what_is_late(at: str, zone: str, live: bool, late: bool) -> None:
    (draft,) = drafts(at, zone=zone, live=live)
    assert draft.late is late


@pytest.mark.parametrize(
    ("zone", "behind"), [("Etc/GMT-2", timedelta(hours=2)), ("Etc/GMT+3", timedelta(hours=-3))]
)
def test_a_wrong_time_zone_is_told_once(zone: str, behind: timedelta) -> None:
    with capture_logs() as lines:
        drafts("12:00:00", zone=zone, live=True)
    (told,) = [line for line in lines if "clock does not fit" in line["event"]]
    assert told["time_zone"] == zone
    assert abs(told["behind_s"] - behind.total_seconds()) < 2


def test_a_right_time_zone_is_not_worth_a_word() -> None:
    with capture_logs() as lines:
        drafts("12:00:00", zone="UTC", live=True)
        drafts("11:58:00", zone="UTC", live=True)
    assert lines == []


def test_how_old_is_late_can_change_while_reading() -> None:
    drafter = Drafter(
        SourceName("log:survival"),
        LogParser(ServerId("survival")),
        zone=ZoneInfo("UTC"),
        encoding="cp1252",
        late_after_s=120.0,
    )
    lines = Lines(piece=Piece(0, b"[11:59:00] [Server thread/INFO]: <Mira> hello\n", b""), day=DAY)
    assert [draft.late for draft in drafter.drafts(lines, b"", now=NOW)] == [False]
    drafter.late_after_s = 30.0
    assert [draft.late for draft in drafter.drafts(lines, b"", now=NOW)] == [True]
