"""How a feature lets the bridge tell something: as a fact for the journal, which the relay delivers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, ChannelId, ServerId
from bridge.journal import Draft, RecordId, SourceName
from bridge.text import BREAK, Link, RichText, clean, mask_addresses, mask_text, parse_markdown, to_html
from bridge.text.address import safe_url

ALERTS: Final = "alerts"
"""The origin of what is told when a server is not well."""


def announcement(
    origin: str,
    key: str,
    *,
    at: datetime,
    markup: str,
    channels: Iterable[ChannelId],
    servers: Iterable[ServerId],
    url: str | None = None,
    line: str | None = None,
    role: str | None = None,
) -> Draft:
    """Return the fact that something is to be told; appending it again tells it no second time.

    Args:
        origin: What asks for it: ``hook:shop``, ``feed:blog``, ``nameless``.
        key: What caused it, in the origin's own terms: the same for the same thing after a restart.
        at: When it was made.
        markup: The words, in Discord's markdown; Discord shows them as they are, without pinging anybody.
        channels: The Discord channels that are told.
        servers: The servers that are told, in one line.
        url: Where there is more: the game and the website add it where the words do not link to it.
        line: What the servers are told instead, in markdown, too.
        role: The id of a Discord role to ping; only alerts may, see :func:`role_pinged`.
    """
    source = SourceName(f"announce:{origin}")
    event = AnnouncementMade(
        at=at,
        origin=origin,
        markup=markup,
        channels=tuple(channels),
        servers=tuple(servers),
        url=url,
        line=line if line != markup else None,
        role=role,
    )
    return Draft(id=RecordId(f"{source}:{key}"), source=source, place=key, event=event)


def channels_announced_to(settings: BridgeSettings) -> frozenset[ChannelId]:
    """Return the Discord channels that hooks, feeds, NamelessMC and alerts may announce to."""
    if settings.discord is None:
        return frozenset()
    rules = [rule for hook in settings.hooks.incoming.values() for rule in hook.then]
    named = {rule.post.channel for rule in rules if rule.post is not None}
    named |= {feed.channel for feed in settings.feeds.values() if feed.channel is not None}
    if settings.nameless is not None and settings.nameless.announcements is not None:
        named.add(settings.nameless.announcements)
    named |= {alert.channel for alert in settings.alerts}
    return frozenset(ChannelId(id_) for name, id_ in settings.discord.channels.items() if name in named)


def role_pinged(event: AnnouncementMade, settings: BridgeSettings) -> str | None:
    """Return the role that an announcement pings: of an alert, and only one that the settings name."""
    if event.origin != ALERTS or event.role not in {alert.role for alert in settings.alerts}:
        return None
    return event.role


def servers_announced_to(settings: BridgeSettings) -> frozenset[ServerId]:
    """Return the servers that hooks, feeds and NamelessMC may announce to."""
    rules = [rule for hook in settings.hooks.incoming.values() for rule in hook.then]
    says = [rule.say for rule in rules if rule.say is not None]
    named = {name for say in says for name in say.servers or settings.servers}
    named |= {name for feed in settings.feeds.values() for name in feed.servers}
    if settings.nameless is not None:
        named |= set(settings.nameless.announce_on)
    return frozenset(ServerId(name) for name in settings.servers if name in named)


def markup_of(event: AnnouncementMade, *, for_servers: bool) -> str:
    """Return the words of an announcement: its line where only servers are told, if it has one."""
    return event.line if for_servers and event.line is not None else event.markup


def announced_markup(event: AnnouncementMade, *, mask: bool) -> str:
    """Return an announcement for Discord, IP addresses masked if asked for; empty where nothing is left."""
    words = clean(event.markup).strip()
    return mask_text(words) if mask else words


def announced_text(
    event: AnnouncementMade,
    *,
    mask: bool,
    between: RichText,
    most: int | None = None,
    for_servers: bool = False,
) -> RichText:
    """Return an announcement for the game and the website; empty where nothing is to be seen.

    Args:
        event: The announcement.
        mask: Whether IP addresses are hidden.
        between: What stands between its lines.
        most: How many characters of it; the address of more is added whole, if it is one of the web.
        for_servers: Whether only servers are told: what their channels are told may not be for them.
    """
    markup = markup_of(event, for_servers=for_servers)
    hidden = mask_addresses if mask else RichText.of
    text = between.join([line for line in parse_markdown(markup).lines() if line.plain.strip()])
    text = hidden(text) if most is None else hidden(text).truncate(most)
    linked = {span.url for span in text.spans if isinstance(span, Link)}
    more = safe_url(clean(event.url or ""))
    if not text or more is None or linked & {more, event.url}:
        return text
    return between.join([text, hidden(RichText.of(Link(more, more)))])


@lru_cache(maxsize=256)
def announced_html(
    event: AnnouncementMade, *, mask: bool, most: int | None = None, for_servers: bool = False
) -> Markup:
    """Return an announcement for a page, each of its lines on one; see :func:`announced_text`.

    Kept, as a page may show a hundred and a long one takes a while.
    """
    text = announced_text(event, mask=mask, between=RichText.of(BREAK), most=most, for_servers=for_servers)
    return Markup(to_html(text))  # noqa: S704 - to_html escapes what it was made from
