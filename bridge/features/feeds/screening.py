"""What is turned away before the parser sees it: what is no feed, and what was made to keep it busy. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

# A sign of one of the formats near the beginning. Other documents, most of them error pages in HTML, would
# make the parser try hard to see a feed in them.
_FEED: Final = re.compile(rb"<(?:[A-Za-z][\w.-]{0,30}:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_BEGINNING_BYTES: Final = 65_536
# Measured, two megabytes of nothing but tags take the parser twenty seconds and 700 MB; this many, about one
# second. A feed with the whole text of many posts has some thousands.
_MOST_TAGS: Final = 40_000
_MOST_ENTITIES: Final = 200_000

# The parser leaves in place what a feed declares on one line with something else, and entities made of
# entities multiply: measured, 2 s for half a kilobyte, and only as the system's XML library stops them.
_DECLARATION: Final = re.compile(rb"<!ENTITY", re.IGNORECASE)
_NAMED_CHARSET: Final = re.compile(r"(?:encoding|charset)\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_EBCDIC: Final = b"\x4c\x6f\xa7\x94"  # "<?xm" there
# Charsets in which a sign can be written in other ways than as itself.
_ESCAPING: Final = frozenset({"utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna"})


class NotAFeed(Exception):
    """The document is no RSS or Atom feed, or none that is read; the words say why."""


def screen(body: bytes, content_type: str) -> None:
    """Let a document pass that may be a feed and keeps the parser busy for a second at most.

    Raises:
        NotAFeed: It is something else, or far too large, or written in a way that hides what it is.
    """
    letters = body.replace(b"\0", b"")  # UTF-16 and UTF-32 have them beside each letter
    head = letters[:_BEGINNING_BYTES]
    if _FEED.search(head) is None:
        raise NotAFeed(f"the answer is not RSS or Atom but {_likeness(head)}")
    if _EBCDIC in letters[:16] or any(map(_hides_signs, _charsets(letters, content_type))):
        raise NotAFeed("the feed is written in a charset that is not read")
    if _DECLARATION.search(letters) is not None:
        raise NotAFeed("the feed declares entities of its own, which are not read")
    for sign, most, what in ((b"<", _MOST_TAGS, "tags"), (b"&", _MOST_ENTITIES, "entities")):
        if letters.count(sign) > most:
            raise NotAFeed(f"the feed has more than {most} {what}")


def _likeness(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:500].lower()
    if not start:
        return "empty"
    if b"<html" in start or start.startswith(b"<!doctype html"):
        return "a web page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    return "something else"


def _charsets(letters: bytes, content_type: str) -> Iterator[str]:
    yield from _NAMED_CHARSET.findall(content_type)
    # The parser takes the last one that is named anywhere in the first line.
    first_line = letters.partition(b"\n")[0]
    if b"<?" in first_line[:16]:
        yield from _NAMED_CHARSET.findall(first_line.decode("latin-1"))


def _hides_signs(charset: str) -> bool:
    """Tell whether what counts tags and looks for declarations could be deceived."""
    try:
        name = codecs.lookup(charset).name.replace("_", "-")
    except (LookupError, ValueError):
        return False  # the parser does not know it either and tries others
    if name.startswith(("utf-16", "utf-32")):
        return False
    try:
        return name in _ESCAPING or b"<&!".decode(name) != "<&!"
    except (LookupError, UnicodeError):  # no charset but something like zip
        return True
