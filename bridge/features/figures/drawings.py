"""The charts of the staff's figures, made of rows. Pure, but for the charts that it imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from bridge.charts import BarChart, HeatMap, LineChart, PunchCard, Series
from bridge.features.figures.cards import period_told
from bridge.features.figures.gathering import Figures
from bridge.features.figures.periods import Period
from bridge.locales import Catalogue
from bridge.statistics.calendar import HOUR_MS, Span, day_begins, day_of_number, period_after
from bridge.statistics.curve import Step
from bridge.statistics.days import LENGTHS_S
from bridge.statistics.retention import by_hour_of_week
from bridge.store.statistics.figures import DayRow, HourRow, Returned

_DAY_S = 86_400


def curve_of_hours(
    hours: Sequence[HourRow], words: Catalogue, *, title: str, zone: ZoneInfo, note: str
) -> LineChart:
    """Return how many players were there at a time, hour by hour: the most, and on average."""
    return LineChart(
        title=title,
        times=tuple(hour.begins_ms / 1000 for hour in hours),
        series=_curve(words, [hour.peak for hour in hours], [hour.seconds / 3600 for hour in hours]),
        label=words.plain("figures.players-at-a-time"),
        zone=zone,
        gap_s=1.5 * HOUR_MS / 1000,
        note=note,
        stepped=True,
    )


def series_of_steps(
    found: Sequence[Step], ends_ms: int, words: Catalogue
) -> tuple[tuple[float, ...], tuple[Series, ...]]:
    """Return it change by change; the last figure stands at the end once more."""
    held = [*found, Step(ends_ms, found[-1].players)]
    times = tuple(step.at_ms / 1000 for step in held)
    players = [step.players for step in held]
    return times, _curve(words, players, players)


def series_of_days(
    days: Sequence[DayRow], words: Catalogue, zone: ZoneInfo
) -> tuple[tuple[float, ...], tuple[Series, ...]]:
    """Return the same day by day."""
    times = tuple(day_begins(day.day, zone) / 1000 for day in days)
    return times, _curve(words, [day.peak for day in days], [day.seconds / _DAY_S for day in days])


def series_of_hours(
    hours: Sequence[HourRow], words: Catalogue
) -> tuple[tuple[float, ...], tuple[Series, ...]]:
    """Return it hour by hour, as columns."""
    times = tuple(hour.begins_ms / 1000 for hour in hours)
    return times, _curve(words, [hour.peak for hour in hours], [hour.seconds / 3600 for hour in hours])


def _curve(words: Catalogue, peaks: Sequence[float], means: Sequence[float]) -> tuple[Series, ...]:
    return (
        Series(name=words.plain("figures.most"), values=tuple(peaks)),
        Series(name=words.plain("figures.on-average"), values=tuple(means)),
    )


def overlaid(
    curves: Sequence[Sequence[HourRow]],
    names: Sequence[str],
    one: Period,
    two: Period,
    words: Catalogue,
) -> LineChart | None:
    """Return two curves in one chart, both by the clock of the first; None if there is nothing to show."""
    shift_ms = one.begins_ms - two.begins_ms
    seen = [{hour.begins_ms: hour.seconds / 3600 for hour in hours} for hours in curves]
    own, other = seen[0], {at_ms + shift_ms: mean for at_ms, mean in seen[1].items()}
    times = sorted(own.keys() | {at_ms for at_ms in other if at_ms < one.ends_ms})
    if not times:
        return None
    titles = names if names[0] != names[1] else (names[0], f"{names[1]} (2)")
    return LineChart(
        title=words.plain("figures.curve"),
        times=tuple(at_ms / 1000 for at_ms in times),
        series=tuple(
            Series(name=name, values=tuple(values.get(at_ms) for at_ms in times))
            for name, values in zip(titles, (own, other), strict=True)
        ),
        label=words.plain("figures.players-at-a-time"),
        zone=one.zone,
        gap_s=1.5 * HOUR_MS / 1000,
        stepped=True,
        note=words.plain("figures.compare.note") if shift_ms else "",
    )


def trend(found: Sequence[Figures], words: Catalogue) -> BarChart:
    """Return how many new and returning players there were, period by period."""
    return BarChart(
        title=words.plain("figures.trend.title"),
        labels=tuple(each.period.name for each in found),
        series=(
            Series(
                name=words.plain("figures.card.returning.label"),
                values=tuple(each.returning for each in found),
            ),
            Series(
                name=words.plain("figures.card.newcomers.label"),
                values=tuple(each.newcomers for each in found),
            ),
        ),
        label=words.plain("figures.card.players.label"),
        label_of_bars=words.plain("figures.period"),
        stacked=True,
        note=period_told(found[-1].period, words) if found else "",
    )


def punch_card(hours: Sequence[HourRow], words: Catalogue, zone: ZoneInfo, note: str) -> PunchCard:
    """Return at which hours of the week sessions begin."""
    return PunchCard(
        title=words.plain("figures.punch.title"),
        values=by_hour_of_week([(hour.begins_ms, hour.starts) for hour in hours], zone),
        label=words.plain("figures.card.starts.label"),
        zone=zone,
        note=note,
    )


def uncovered(hours: Sequence[HourRow], words: Catalogue, zone: ZoneInfo, note: str) -> PunchCard:
    """Return at which hours of the week somebody plays and no staff is there, in minutes."""
    alone = [(hour.begins_ms, (hour.played_s - hour.staffed_s) / 60) for hour in hours]
    return PunchCard(
        title=words.plain("figures.cover.title"),
        values=tuple(tuple(map(round, row)) for row in by_hour_of_week(alone, zone)),
        label=words.plain("figures.cover.label"),
        unit="min",
        zone=zone,
        note=note,
    )


def lengths(counts: Mapping[int, int], words: Catalogue) -> BarChart:
    """Return how long sessions are."""
    bounds = [words.duration(seconds) for seconds in LENGTHS_S]
    between = [
        words.plain("figures.lengths.between", least=least, most=most) for least, most in pairwise(bounds)
    ]
    labels = (
        words.plain("figures.lengths.under", most=bounds[0]),
        *between,
        words.plain("figures.lengths.over", least=bounds[-1]),
    )
    values = tuple(counts.get(place, 0) for place in range(len(labels)))
    return BarChart(
        title=words.plain("figures.lengths.title"),
        labels=labels,
        series=(Series(name=words.plain("figures.card.starts.label"), values=values),),
        label=words.plain("figures.card.starts.label"),
        label_of_bars=words.plain("figures.lengths.label"),
    )


def bands(counts: Mapping[str, int], words: Catalogue) -> BarChart:
    """Return how many players are in each band of the activity index."""
    return BarChart(
        title=words.plain("figures.bands.title"),
        labels=tuple(words.plain(f"figures.band.{band}") for band in counts),
        series=(Series(name=words.plain("figures.card.players.label"), values=tuple(counts.values())),),
        label=words.plain("figures.card.players.label"),
        label_of_bars=words.plain("figures.bands.label"),
    )


def cohorts(
    rows: Sequence[Returned],
    newcomers: Mapping[int, int],
    words: Catalogue,
    *,
    most_weeks: int,
    week_now: int,
) -> HeatMap | None:
    """Return what share of each month's newcomers came again in the weeks after it; None without any."""
    months = sorted(month for month, count in newcomers.items() if count)
    if not months:
        return None
    came = {(row.month, row.week): row.players for row in rows}
    values: list[tuple[float | None, ...]] = []
    for month in months:
        first = period_after(Span.MONTH, month)
        first += (-(first + 3)) % 7  # the first whole week after the month
        weeks = [first + 7 * number for number in range(most_weeks)]
        values.append(
            tuple(
                None if week >= week_now else round(100 * came.get((month, week), 0) / newcomers[month], 1)
                for week in weeks
            )
        )
    return HeatMap(
        title=words.plain("figures.cohorts.title"),
        rows=tuple(
            f"{day_of_number(month).year}-{day_of_number(month).month:02} ({newcomers[month]})"
            for month in months
        ),
        columns=tuple(str(number + 1) for number in range(most_weeks)),
        values=tuple(values),
        label=words.plain("figures.cohorts.label"),
        label_of_rows=words.plain("figures.cohorts.month"),
        label_of_columns=words.plain("figures.cohorts.week"),
        unit="%",
        top=100.0,
    )
