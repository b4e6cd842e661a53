"""What a document says: its entries as plain words, or why it is no feed. Knows no network and no clock.

The parser is feedparser, which is loaded at the first feed: a bridge without feeds does not carry it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin

from bridge.features.feeds.screening import NotAFeed, screen
from bridge.text import clean
from bridge.text.address import safe_url
from bridge.text.parse_html import plain_of_html

# A plain one: feedparser's own answers with another field where one is missing.
_Block: TypeAlias = dict[str, Any]

_LONGEST_ID: Final = 500
_MARKUP_A_CHARACTER: Final = 20  # for each character that is shown, at most
_LONGEST_TITLE: Final = 200
_LONGEST_SOURCE: Final = 80
_LONGEST_NAME: Final = 100
_LONGEST_SUMMARY: Final = 500
_LONGEST_URL: Final = 1000  # the message on Discord holds it whole
_LONGEST_TTL_MIN: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry; everything but the id is plain text on one line, or nothing."""

    id: str
    title: str
    url: str | None = None
    summary: str = ""
    author: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """What a feed says: who it is, how long it may be kept, and its entries, oldest first."""

    title: str
    url: str | None  # the site's page, not the feed
    ttl_s: float
    entries: tuple[Entry, ...]


def read_feed(body: bytes, *, content_type: str = "", url: str = "") -> ReadFeed:
    """Return what a document says; takes up to a second or two, so call it in a thread.

    Args:
        body: The document.
        content_type: What the server calls it; its charset counts where the document names none.
        url: Where it is, for the addresses in it that are relative.

    Raises:
        NotAFeed: It is no feed, or far too large for one.
    """
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415 - see the module's docstring

    screen(body, content_type)
    headers = {"content-type": content_type} if content_type else {}
    try:
        # As a stream: bytes that happen to be a file's name would be read from the disk. Without the feed's
        # address: it would become part of ids that look relative, and they would change when the feed moves.
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as exc:  # meant to take anything, but what is made to break it may do so in any way
        raise NotAFeed(f"the feed cannot be read: {type(exc).__name__}") from exc
    if not parsed["entries"] and not parsed.get("version"):
        raise NotAFeed("the answer is not RSS or Atom")
    is_atom = str(parsed.get("version")).startswith("atom")
    return _Document(base=url, says_what_is_plain=is_atom).read(
        dict(parsed["feed"]), map(dict, parsed["entries"])
    )


@dataclass(frozen=True, slots=True)
class _Document:
    """What has to be known of a document to read its parts."""

    base: str  # addresses are relative to it
    says_what_is_plain: bool  # Atom does; what RSS has in a title may be markup or not

    def read(self, feed: _Block, entries: Iterable[_Block]) -> ReadFeed:
        """Return what the parts say; of entries with one id the first counts."""
        read = [entry for each in entries if (entry := self._entry(each)) is not None]
        oldest_first = list({entry.id: entry for entry in reversed(read)}.values())
        dated = {entry.id: entry.published for entry in read if entry.published is not None}
        if len(dated) == len(oldest_first):  # sorting keeps the order of those published together
            oldest_first.sort(key=lambda entry: dated[entry.id])
        return ReadFeed(
            title=self._words(feed, "title", _LONGEST_SOURCE),
            url=self._url(feed),
            ttl_s=_ttl_s(_field(feed, "ttl")),
            entries=tuple(oldest_first),
        )

    def _entry(self, entry: _Block) -> Entry | None:
        """Return an entry; None if nothing in it could tell it from others."""
        id_ = _id(entry)
        if id_ is None:
            return None
        url, summary = self._url(entry), self._summary(entry)
        title = self._words(entry, "title", _LONGEST_TITLE) or _cut(summary, _LONGEST_SOURCE)
        return Entry(
            id=id_,
            title=title or url or id_,
            url=url,
            summary=summary,
            author=self._words(entry, "author", _LONGEST_NAME) or None,
            published=_published(entry),
        )

    def _words(self, block: _Block, key: str, most: int) -> str:
        """Return a field as plain text on one line."""
        # The first words of a whole post are enough.
        value, detail = _field(block, key)[: most * _MARKUP_A_CHARACTER], block.get(f"{key}_detail")
        kind = detail.get("type") if isinstance(detail, dict) else None
        if self.says_what_is_plain and kind == "text/plain":
            return _cut(clean(value), most)
        return _cut(plain_of_html(value), most)

    def _summary(self, entry: _Block) -> str:
        summary, content = self._words(entry, "summary", _LONGEST_SUMMARY), entry.get("content")
        if summary or not isinstance(content, list) or not content:
            return summary
        whole = {"value": content[0].get("value"), "value_detail": content[0]}
        return self._words(whole, "value", _LONGEST_SUMMARY)

    def _url(self, block: _Block) -> str | None:
        """Return the page's address, if it is one that may be clicked."""
        link = clean(_field(block, "link")).strip()
        made_of_id = "://" not in link and link == _field(block, "id")  # which is no address
        if not link or made_of_id:
            return None
        try:
            found = safe_url(urljoin(self.base, link))
        except ValueError:  # such as http://[
            return None
        return found if found is not None and len(found) <= _LONGEST_URL else None


def _id(entry: _Block) -> str | None:
    """Return what stays the same while the entry's words may change."""
    for key in ("id", "link"):
        value = _field(entry, key).strip()
        if value:
            usual = len(value) <= _LONGEST_ID and value.isprintable()
            return value if usual else f"sha256:{_digest(value)}"
    words = [_field(entry, key) for key in ("title", "published", "updated")]
    return f"sha256:{_digest(chr(10).join(words))}" if any(words) else None


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def _field(block: _Block, key: str) -> str:
    value = block.get(key)
    return value if isinstance(value, str) else ""


def _cut(words: str, most: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _published(entry: _Block) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        value = entry.get(key)
        try:
            if value is not None:
                year, month, day, hour, minute, second = tuple(value)[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except (TypeError, ValueError, OverflowError):
            continue  # a 31st of February; the other date may be better
    return None


def _ttl_s(minutes: str) -> float:
    value = minutes.strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        return 0.0
    return min(int(value), _LONGEST_TTL_MIN) * 60.0
