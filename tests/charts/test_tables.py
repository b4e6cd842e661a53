"""The table behind each chart, and the chart in words."""

from __future__ import annotations

import pytest

from bridge.charts import AnyChart, LineChart, Series, Table, spark_text, to_svg, to_table
from bridge.locales import Catalogue
from tests.charts.conftest import CHARTS, MIDNIGHT, PARIS

EN = Catalogue.load("en")


def test_every_row_has_a_cell_for_each_column(chart: AnyChart, catalogue: Catalogue) -> None:
    table = to_table(chart, catalogue)
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_bars() -> None:
    assert to_table(CHARTS["bars"], EN) == Table(
        columns=("Week", "New", "Returning"),
        rows=(("W46", "12", "40"), ("W47", "0", "38"), ("W48", "\u2013", "41")),
    )


def test_a_long_line_is_told_in_stretches() -> None:
    minutes = range(24 * 60)
    chart = LineChart(
        title="Players",
        times=tuple(MIDNIGHT + 60 * minute for minute in minutes),
        series=(Series(name="Players", values=tuple(None if m < 120 else m % 60 for m in minutes)),),
        label="Players",
        zone=PARIS,
    )
    table = to_table(chart, EN)
    assert table.rows[0] == ("24 Nov 2026, 00:00", "\u2013")
    assert table.rows[4] == ("24 Nov 2026, 02:00", "0 to 29")
    assert len(table.rows) == 48
    assert table.note


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((), ""),
        ((0, 0), "▁▁"),
        ((0, None, 7), "▁·█"),
        (tuple(range(8)), "▁▂▃▄▅▆▇█"),
    ],
)
def test_a_line_in_letters(values: tuple[float | None, ...], text: str) -> None:
    assert spark_text(values) == text


def test_a_long_line_in_letters_keeps_its_peak() -> None:
    assert spark_text((1.0,) * 50 + (8.0,) + (1.0,) * 49, most=20).count("█") == 1


def test_a_chart_without_figures_says_so() -> None:
    empty = LineChart(
        title="Players", times=(), series=(Series(name="Players", values=()),), label="Players", zone=PARIS
    )
    assert "No figures for this time yet." in to_svg(empty, EN)
    assert "Players: nothing known." in to_svg(empty, EN)


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="series 'a' has 1 figures instead of 2"):
        LineChart(title="x", times=(1, 2), series=(Series(name="a", values=(1,)),), label="x", zone=PARIS)
    with pytest.raises(ValueError, match="the times must ascend"):
        LineChart(title="x", times=(2, 1), series=(Series(name="a", values=(1, 1)),), label="x", zone=PARIS)
