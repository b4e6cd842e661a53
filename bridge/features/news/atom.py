"""Atom feeds (RFC 4287) as bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TYPE: Final = "application/atom+xml; charset=utf-8"

_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One piece of news."""

    id: str
    title: str  # plain
    at: datetime
    html: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What is new, the newest first."""

    id: str
    title: str
    author: str
    language: str
    updated: datetime
    entries: Sequence[Entry]
    own_url: str | None = None  # of the feed itself
    page_url: str | None = None  # of the page that tells the same to people


def atom(feed: Feed) -> bytes:
    """Return the feed as XML."""
    from xml.etree.ElementTree import Element, tostring  # noqa: PLC0415 - half a MB, for sites with subscribers

    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated))
    _add(_add(root, "author"), "name", feed.author)
    _link(root, feed.own_url, rel="self", type_="application/atom+xml")
    _link(root, feed.page_url, rel="alternate", type_="text/html")
    for entry in feed.entries:
        node = _add(root, "entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        _add(node, "updated", _moment(entry.at))
        _add(node, "published", _moment(entry.at))
        _link(node, entry.url, rel="alternate")
        _add(node, "content", entry.html).set("type", "html")
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def tag(authority: str, what: str) -> str:
    """Return an id that stays the same for ever (RFC 4151).

    Args:
        authority: The name of the site's host.
        what: What is told apart: a path of ours.
    """
    return f"tag:{authority},2026:{what}"


def _add(parent: Element, name: str, text: str = "") -> Element:
    child = parent.makeelement(name, {})
    parent.append(child)
    child.text = _NOT_XML.sub("", text)
    return child


def _link(parent: Element, url: str | None, *, rel: str, type_: str | None = None) -> None:
    if url is not None:
        attributes = {"rel": rel, "href": url} | ({"type": type_} if type_ else {})
        parent.append(parent.makeelement("link", attributes))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
