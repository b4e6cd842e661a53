"""Tells alerts: as announcements, which the relay delivers in order and once, also after a restart."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.config.watching import AlertSettings
from bridge.events import ChannelId, ServerId
from bridge.features.announcing import ALERTS, announcement
from bridge.features.contract import Parts
from bridge.features.uptime.alerts import Alert, Seen, Standing, judge, key_of
from bridge.journal import Draft
from bridge.locales import Catalogue
from bridge.store.statistics.alerts import Told, alerts_told, keep_alert
from bridge.store.times import from_ms_or_none, to_ms_or_none
from bridge.text import to_markdown

log = structlog.get_logger(__name__)


class Alarm:
    """The alerts of the settings, and how far each is for each server."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._catalogue = parts, parts.catalogue
        self._rules = parts.settings.alerts
        self._standings: dict[tuple[str, ServerId], Standing] = {}

    def reload(self, catalogue: Catalogue) -> None:
        """Word what is told as the settings now say."""
        self._catalogue = catalogue

    async def load(self, conn: AsyncConnection) -> None:
        """Remember what was told and is not over."""
        for key, told in (await alerts_told(conn)).items():
            since = from_ms_or_none(told.since_ms)
            pinged = from_ms_or_none(told.pinged_ms)
            self._standings[key] = Standing(since=since, told=since, pinged=pinged)

    async def look(self, seen: Mapping[ServerId, Seen]) -> None:
        """Tell what has begun and what is over.

        Raises:
            JournalError: It could not be told; it is tried again with the next look.
            StoreError: It was told, and may be looked at once more: the same fact is kept once.
        """
        for rule in self._rules:
            for server, how in seen.items():
                if not rule.servers or server in rule.servers:
                    await self._judge(rule, server, how)

    async def _judge(self, rule: AlertSettings, server: ServerId, seen: Seen) -> None:
        key = (key_of(rule), server)
        before = self._standings.get(key, Standing())
        after, alert = judge(rule, server, seen, before)
        if alert is not None:
            log.info("an alert", what=rule.what, server=server, over=alert.over)
            await self._parts.journal.append(self._draft(alert))
        if after.told != before.told or after.pinged != before.pinged:
            told = Told(to_ms_or_none(after.told), to_ms_or_none(after.pinged))
            async with self._parts.store.transaction() as tx:
                await keep_alert(tx, *key, told)
        self._standings[key] = after

    def _draft(self, alert: Alert) -> Draft:
        discord = self._parts.settings.discord
        channels = () if discord is None else (ChannelId(discord.channels[alert.rule.channel]),)
        return announcement(
            ALERTS,
            alert.key,
            at=alert.at,
            markup=self._words(alert),
            channels=channels,
            servers=(),
            role=alert.rule.role if alert.ping else None,
        )

    def _words(self, alert: Alert) -> str:
        catalogue, rule = self._catalogue, alert.rule
        settings = self._parts.settings.servers[alert.server]
        ending = "over" if alert.over else "told"
        values = {
            "server": settings.title or alert.server,
            "lasted": catalogue.duration((alert.at - alert.since).total_seconds()),
            "value": _number(alert.value),
            "limit": _number(rule.value),
            "cause": "" if alert.cause is None else catalogue.plain(f"uptime.cause.{alert.cause}"),
        }
        return to_markdown(catalogue.text(f"uptime.alert.{rule.what}.{ending}", **values))


def _number(value: float | None) -> str:
    """Return a number as it is read: ``19.5``, ``20``."""
    return "" if value is None else f"{value:.1f}".removesuffix(".0")
