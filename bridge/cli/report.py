"""``passerelle report``: the report of a week or a month, read from the database beside the bridge."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.charts import to_svg
from bridge.charts.themes import LIGHT
from bridge.cli.check import loaded_or_told
from bridge.cli.out import ExitCode, Mark, complain, marked, tell, words
from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.figures.periods import Period
from bridge.features.figures.report_formats import to_html, to_json, to_report_markdown
from bridge.features.figures.report_words import curve_of, told
from bridge.features.figures.reports import Report, data_of, last_week, report_of, reported
from bridge.features.naming import Names
from bridge.locales import Catalogue
from bridge.statistics.calendar import Span
from bridge.store import StoreError
from bridge.store.read_only import ReadOnlyStore
from bridge.store.times import to_ms


def report(*, week: str | None, month: str | None, form: str, server: str | None, config: Path) -> ExitCode:
    """Print a report, in the community's language; without week and month that of the last whole week."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return ExitCode.SETTINGS
    settings = loaded.settings
    if server is not None and server not in settings.servers:
        known = ", ".join(settings.servers)
        return _told("reports.cli.no-server", ExitCode.FAILED, server=server, known=known)
    now_ms = to_ms(datetime.now(UTC))
    period = _period(week, month, ZoneInfo(settings.community.time_zone), now_ms)
    if period is None:
        key = "reports.cli.wrong-week" if week is not None else "reports.cli.wrong-month"
        return _told(key, ExitCode.FAILED, name=week or month or "")
    try:
        found = asyncio.run(_read(settings, period, None if server is None else ServerId(server), now_ms))
    except StoreError as exc:
        complain(marked(Mark.BAD, str(exc)))
        return ExitCode.UNAVAILABLE
    tell(_written(found, settings, form).rstrip("\n"))
    return ExitCode.OK


def _told(key: str, code: ExitCode, **values: str) -> ExitCode:
    complain(marked(Mark.BAD, words().plain(key, **values)))
    return code


def _period(week: str | None, month: str | None, zone: ZoneInfo, now_ms: int) -> Period | None:
    """Return what is asked for; None where that is no week or month that has begun."""
    if week is None and month is None:
        return last_week(zone, now_ms=now_ms)
    try:
        found = reported(week or month or "", zone, now_ms=now_ms)
    except ValueError:
        return None
    return found if found.span is (Span.WEEK if week is not None else Span.MONTH) else None


async def _read(settings: BridgeSettings, period: Period, server: ServerId | None, now_ms: int) -> Report:
    async with await ReadOnlyStore.open(settings.data) as store, store.reading() as conn:
        return await report_of(conn, settings, period, server, now_ms=now_ms)


def _written(found: Report, settings: BridgeSettings, form: str) -> str:
    if form == "json":
        return to_json(data_of(found))
    spoken = Catalogue.load(settings.community.language, settings.messages)
    community = settings.community.name
    read = told(found, spoken, community=community, title_of=Names(settings).server)
    if form == "md":
        return to_report_markdown(read, spoken)
    return to_html(read, spoken, picture=to_svg(curve_of(found, spoken), spoken, LIGHT))
