"""The charts of one server's last week; read when somebody first looks at them, as charts take memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bridge.charts import LineChart, Series
from bridge.locales import Catalogue
from bridge.store.statistics.samples import Point
from bridge.website.charts import Figure, figure


def drawn(points: Sequence[Point], catalogue: Catalogue, *, zone: ZoneInfo, gap_s: float) -> Iterator[Figure]:
    """Yield what is known of some points: players, ticks a second, and how long ticks and answers take."""
    for name, columns in _columns(points).items():
        if any(value is not None for values in columns.values() for value in values):
            chart = LineChart(
                title=catalogue.plain(f"uptime.chart.{name}.title"),
                times=tuple(point.begins_ms / 1000 for point in points),
                series=tuple(
                    Series(name=catalogue.plain(f"uptime.chart.series.{key}"), values=tuple(values))
                    for key, values in columns.items()
                ),
                label=catalogue.plain(f"uptime.chart.{name}.label"),
                zone=zone,
                gap_s=gap_s,
            )
            yield figure(chart, catalogue)


def _columns(points: Sequence[Point]) -> dict[str, dict[str, list[float | None]]]:
    return {
        "players": {
            "most": [point.online_max for point in points],
            "mean": [point.online_mean for point in points],
        },
        "tps": {"least": [point.tps_min for point in points]},
        "times": {
            "mspt": [point.mspt_max for point in points],
            "latency": [point.latency_ms for point in points],
        },
    }
