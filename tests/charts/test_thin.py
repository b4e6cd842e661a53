"""Fewer points: none invented, no extreme lost, every gap that one sees still a gap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.charts import Series, to_columns
from bridge.charts.thin import Points, thinned, with_gaps

VALUES = st.one_of(st.none(), st.integers(-50, 50).map(float))


@given(
    steps=st.lists(st.integers(1, 500), min_size=2, max_size=300),
    data=st.data(),
    most=st.integers(20, 120),
)
def test_nothing_is_invented_and_no_extreme_is_lost(steps: list[int], data: st.DataObject, most: int) -> None:
    times = tuple(float(sum(steps[: index + 1])) for index in range(len(steps)))
    columns = tuple(
        tuple(data.draw(st.lists(VALUES, min_size=len(times), max_size=len(times)))) for _ in range(2)
    )
    fewer = thinned(Points(times, columns), most=most)
    rows = set(zip(times, *columns, strict=True))
    assert len(fewer.times) <= max(most, 2)
    assert all(row in rows for row in zip(fewer.times, *fewer.columns, strict=True))
    assert (fewer.times[0], fewer.times[-1]) == (times[0], times[-1])
    for column, kept in zip(columns, fewer.columns, strict=True):
        known = [value for value in column if value is not None]
        left = [value for value in kept if value is not None]
        assert bool(known) == bool(left)
        if known:
            assert (min(left), max(left)) == (min(known), max(known))


@given(begins=st.integers(1, 900), length=st.integers(40, 99))
def test_a_gap_that_one_sees_stays_a_gap(begins: int, length: int) -> None:
    column = tuple(None if begins <= index < begins + length else 1.0 for index in range(1_000))
    fewer = thinned(Points(tuple(map(float, range(1_000))), (column,)), most=100)
    assert None in fewer.columns[0]
    inside = [at for at, value in zip(fewer.times, fewer.columns[0], strict=True) if value is None]
    assert all(begins <= at < begins + length for at in inside)


def test_neighbours_far_apart_are_not_joined() -> None:
    points = with_gaps(Points((0, 60, 600, 660), ((1, 2, 3, 4),)), 90)
    assert points == Points((0, 60, 330, 600, 660), ((1, 2, None, 3, 4),))
    assert with_gaps(Points((), ((),)), 90) == Points((), ((),))


def test_columns_are_as_the_script_takes_them() -> None:
    series = (Series(name="a", values=(1.0, None, 0.12345)), Series(name="b", values=(3, 4, 5)))
    assert to_columns((10, 20, 31.5), series) == {"t": [10, 20, 31.5], "v": [[1, None, 0.123], [3, 4, 5]]}
