"""The picture of how many were on, or a line of small blocks where no picture can be made."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog

from bridge.discord.boards import Picture
from bridge.events import ServerId
from bridge.features.status_channel.scenes import Scene
from bridge.locales import Catalogue
from bridge.store import Store, StoreError
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.samples import Bucket, Point, fitting, series
from bridge.store.times import to_ms

if TYPE_CHECKING:
    from types import ModuleType

    from bridge.charts import LineChart

log = structlog.get_logger(__name__)

NAME: Final = "players.png"
EVERY_S: Final = 600  # a picture is made anew: the line moves by a pixel
_MOST_LINES: Final = 6  # more lines than this nobody tells apart
_MOST_POINTS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What stands for the last hours: a picture or a line of blocks, and the key that tells two apart."""

    key: str = ""
    picture: Picture | None = None
    spark: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """How many were on one server."""

    name: str
    points: Sequence[Point]


class Painter:
    """Makes the pictures; keeps the newest, since it goes along with every change of the text."""

    def __init__(self, store: Store, span_s: float) -> None:
        self._store, self._span = store, timedelta(seconds=span_s)
        self._newest = Drawn()

    async def drawn(
        self, scenes: Sequence[Scene], catalogue: Catalogue, *, zone: ZoneInfo, now: datetime
    ) -> Drawn:
        """Return the picture of these servers' last hours; an empty one where nothing is known."""
        if not self._span:
            return Drawn()
        slot = int(now.timestamp()) // EVERY_S
        key = _key(slot, [scene.title for scene in scenes], catalogue.language, zone.key)
        if self._newest.key != key:
            ends = datetime.fromtimestamp(slot * EVERY_S, now.tzinfo)
            lines = await self._lines(scenes[:_MOST_LINES], ends, zone)
            self._newest = Drawn(key=key)
            if any(line.points for line in lines):
                self._newest = await self._draw(key, lines, catalogue, zone, ends)
        return self._newest

    async def _lines(self, scenes: Sequence[Scene], ends: datetime, zone: ZoneInfo) -> list[_Line]:
        begins_ms, ends_ms = to_ms(ends - self._span), to_ms(ends)
        bucket = fitting(begins_ms, ends_ms, most=_MOST_POINTS)
        found: list[_Line] = []
        try:
            async with self._store.reading() as conn:
                numbers = await numbers_of_servers(conn)
                for scene in scenes:
                    number = numbers.get(ServerId(scene.id))
                    points = (
                        []
                        if number is None
                        else await series(
                            conn, number, bucket, begins_ms=begins_ms, ends_ms=ends_ms, zone=zone
                        )
                    )
                    found.append(_Line(scene.title, points))
        except StoreError as exc:
            log.warning("a board is shown without its picture", problem=str(exc))
            return []
        return found

    async def _draw(
        self, key: str, lines: Sequence[_Line], catalogue: Catalogue, zone: ZoneInfo, ends: datetime
    ) -> Drawn:
        charts = await asyncio.to_thread(importlib.import_module, "bridge.charts")
        chart = _chart(charts, lines, catalogue, zone, (ends - self._span, ends))
        try:
            content: bytes = await asyncio.to_thread(charts.to_png, chart, catalogue)
        except charts.NoPictures as exc:
            log.info("boards show a line of blocks instead of a picture", reason=str(exc))
            return Drawn(key=key, spark=charts.spark_text(_sums(chart)))
        return Drawn(key=key, picture=Picture(name=NAME, content=content))


def _chart(
    charts: ModuleType,
    lines: Sequence[_Line],
    catalogue: Catalogue,
    zone: ZoneInfo,
    span: tuple[datetime, datetime],
) -> LineChart:
    """Return who was on as a chart: of one server its highest in each stretch, of several a line each."""
    begins, ends = span
    times = sorted({point.begins_ms for line in lines for point in line.points})
    bucket = fitting(to_ms(begins), to_ms(ends), most=_MOST_POINTS)
    rows = []
    for line in lines:
        known = {point.begins_ms: point.online_max for point in line.points}
        rows.append(charts.Series(name=line.name, values=tuple(known.get(time) for time in times)))
    made: LineChart = charts.LineChart(
        title=catalogue.plain("status-channel.chart.title"),
        label=catalogue.plain("status-channel.chart.label"),
        times=tuple(time / 1000 for time in times),
        series=tuple(rows),
        zone=zone,
        gap_s=2.5 * 60 * max(bucket, Bucket.MINUTE),
        begins=begins.timestamp(),
        ends=ends.timestamp(),
        filled=len(rows) == 1,
    )
    return made


def _sums(chart: LineChart) -> list[float | None]:
    """Return how many were on all servers together."""
    columns = zip(*(series.values for series in chart.series), strict=True)
    sums: list[float | None] = []
    for column in columns:
        known = [value for value in column if value is not None]
        sums.append(sum(known) if known else None)
    return sums


def _key(slot: int, titles: Sequence[str], language: str, zone: str) -> str:
    told = "\0".join([str(slot), language, zone, *titles])
    return blake2b(told.encode(), digest_size=12).hexdigest()
