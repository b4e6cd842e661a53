"""A feed is well-formed whatever it is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bridge.features.news.atom import Entry, Feed, atom, tag

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@given(st.text(), st.text())
def test_any_text_makes_a_feed_that_can_be_read(title: str, html: str) -> None:
    entry = Entry(id=tag("mc.example.org", "journal/1"), title=title, at=AT, html=html)
    feed = Feed(
        id=tag("mc.example.org", "feeds/news"),
        title=title,
        author=title,
        language="fr",
        updated=AT,
        entries=[entry, entry],
    )
    read = ET.fromstring(atom(feed))  # noqa: S314 - our own
    assert [child.tag for child in read.findall(f"{ATOM}entry/{ATOM}content")] == [f"{ATOM}content"] * 2
    assert {each.tag.startswith(ATOM) for each in read.iter()} == {True}
