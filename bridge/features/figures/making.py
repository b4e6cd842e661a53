"""Makes a report that is to be sent: words, and the picture of its curve. Read when one is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from bridge.charts import DARK, NoPictures, Theme, spark_text, to_png
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.figures.periods import Period
from bridge.features.figures.report_words import Told, curve_of, told
from bridge.features.figures.reports import report_of
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.store.times import to_ms

log = structlog.get_logger(__name__)

PICTURE = "players.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report to be sent."""

    told: Told
    words: Catalogue
    picture: bytes | None  # PNG of the players at a time; None where none can be made
    spark: str  # the same in letters
    link: str | None  # its page; None where the website has no public address


async def made(
    parts: Parts,
    teller: Teller,
    period: Period,
    *,
    words: Catalogue | None = None,
    server: ServerId | None = None,
    theme: Theme = DARK,
) -> Made:
    """Return the report of a period, in the community's words unless others are asked for.

    Raises:
        StoreError: The database cannot be read.
    """
    settings, spoken = teller.settings, words or teller.catalogue
    async with parts.store.reading() as conn:
        found = await report_of(conn, settings, period, server, now_ms=to_ms(parts.now()))
    curve = curve_of(found, spoken)
    picture: bytes | None = None
    try:
        if found.hours:
            picture = await asyncio.to_thread(to_png, curve, spoken, theme)
    except NoPictures as exc:
        log.info("reports have a line of blocks instead of a picture", reason=str(exc))
    return Made(
        told=told(found, spoken, community=settings.community.name, title_of=teller.server_title),
        words=spoken,
        picture=picture,
        spark=spark_text([hour.peak for hour in found.hours]),
        link=link_of(parts, period),
    )


def link_of(parts: Parts, period: Period) -> str | None:
    """Return where the page of a report is."""
    address = parts.settings.website.public_url
    return f"{address.rstrip('/')}/staff/reports/{period.name}" if address and parts.site else None
