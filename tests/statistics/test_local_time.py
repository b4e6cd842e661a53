"""Stretches of a zone's time, against the zone itself."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.statistics.local_time import stretches

FIRST_MS, LAST_MS = (round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000 for year in (2009, 2030))
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Paris",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
    )
]
moments = st.integers(FIRST_MS, LAST_MS)


@given(moments, moments, st.sampled_from(ZONES), st.data())
def test_every_moment_lies_in_one_stretch_with_its_offset(
    one: int, other: int, zone: ZoneInfo, data: st.DataObject
) -> None:
    begins, ends = sorted((one, other))
    found = list(stretches(begins, ends, zone))
    edges = [begins, *(each.ends_ms for each in found)]
    assert [each.begins_ms for each in found] == edges[:-1]
    assert edges[-1] == ends
    for each in found:
        inside = data.draw(st.integers(each.begins_ms, each.ends_ms - 1))
        for at_ms in (each.begins_ms, inside, each.ends_ms - 1):
            local = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone)
            offset = local.utcoffset()
            assert offset is not None
            assert offset.total_seconds() * 1000 == each.offset_ms


def test_a_summer_in_paris() -> None:
    begins, ends = (round(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1000) for month in (1, 12))
    found = list(stretches(begins, ends, ZoneInfo("Europe/Paris")))
    changes = [datetime.fromtimestamp(each.begins_ms / 1000, UTC) for each in found[1:]]
    assert changes == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    assert [each.offset_ms // 3_600_000 for each in found] == [1, 2, 1]
