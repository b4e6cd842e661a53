"""What documents say, well made, badly made and made to harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.features.feeds.reading import Entry, ReadFeed, read_feed
from bridge.features.feeds.screening import NotAFeed

ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example.org/">
  <title type="html">The &lt;i&gt;news&lt;/i&gt;</title>
  <link href="/"/>
  <link rel="self" href="/feed.atom"/>
  <updated>2026-11-24T12:00:00Z</updated>
  <entry>
    <id>tag:news.example.org,2026:2</id>
    <title>Second</title>
    <link href="two"/>
    <updated>2026-11-24T12:00:00Z</updated>
    <author><name>Mira</name></author>
    <summary type="html">
      &lt;p&gt;One &lt;b&gt;bold&lt;/b&gt;&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;
    </summary>
  </entry>
  <entry>
    <id>tag:news.example.org,2026:1</id>
    <title type="text">1 &lt; 2</title>
    <link href="https://other.example.org/one?a=1&amp;b=2"/>
    <published>2026-11-23T12:00:00+02:00</published>
    <updated>2026-11-24T13:00:00Z</updated>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Whole</p><p>text</p></div></content>
  </entry>
</feed>"""


def rss(items: str, channel: str = "", *, head: str = "<?xml version='1.0'?>") -> ReadFeed:
    document = f"{head}<rss version='2.0'><channel><title>Blog</title>{channel}{items}</channel></rss>"
    return read_feed(document.encode(), url="https://blog.example.org/rss/feed.xml")


def item(items: str) -> Entry:
    (entry,) = rss(f"<item>{items}</item>").entries
    return entry


def test_an_atom_feed_is_read_whole_and_oldest_first() -> None:
    assert read_feed(ATOM) == ReadFeed(
        title="The news",
        url="https://news.example.org/",
        ttl_s=0.0,
        entries=(
            Entry(
                id="tag:news.example.org,2026:1",
                title="1 < 2",
                url="https://other.example.org/one?a=1&b=2",
                summary="Whole text",
                published=datetime(2026, 11, 23, 10, tzinfo=UTC),
            ),
            Entry(
                id="tag:news.example.org,2026:2",
                title="Second",
                url="https://news.example.org/two",
                summary="One bold",
                author="Mira",
                published=datetime(2026, 11, 24, 12, tzinfo=UTC),
            ),
        ),
    )


def test_old_formats_are_read() -> None:
    document = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel><title>Old</title><link>https://o.example.org/</link></channel>
        <item><title>One</title><link>https://o.example.org/1</link></item></rdf:RDF>"""
    feed = read_feed(document)
    assert [entry.id for entry in feed.entries] == ["https://o.example.org/1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_every_charset_that_is_named_is_read(encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    document = (
        f"<?xml version='1.0' encoding='{named}'?><rss version='2.0'><channel><title>t</title>"
        "<item><guid>1</guid><title>Été</title></item></channel></rss>"
    )
    assert read_feed(document.encode(encoding)).entries[0].title == "Été"


def test_a_feed_without_entries_is_a_feed() -> None:
    assert rss("").entries == ()


def test_an_entry_is_known_by_its_guid_then_its_link_then_its_words() -> None:
    link, words = (
        "<link>https://e.example/1</link>",
        "<title>T</title><pubDate>Tue, 24 Nov 2026 12:00 GMT</pubDate>",
    )
    assert item(f"<guid>g</guid>{link}{words}").id == "g"
    assert item(link + words).id == "https://e.example/1"
    hashed = item(words).id
    assert hashed.startswith("sha256:")
    assert item("<title>Other</title>").id != hashed
    assert rss("<item></item>").entries == ()


def test_an_id_does_not_depend_on_where_the_feed_is() -> None:
    document = b"<rss version='2.0'><channel><item><guid>12345</guid></item></channel></rss>"
    assert {read_feed(document, url=url).entries[0].id for url in ("", "http://a/x", "https://b/y")} == {
        "12345"
    }


def test_odd_ids_are_replaced_by_their_digest() -> None:
    for odd in ("x" * 501, "a\nb", "a\u202eb"):
        assert item(f"<guid>{odd}</guid><title>T</title>").id.startswith("sha256:")


def test_the_same_id_twice_is_one_entry() -> None:
    feed = rss("<item><guid>1</guid><title>new</title></item><item><guid>1</guid><title>old</title></item>")
    assert [entry.title for entry in feed.entries] == ["new"]


def test_without_dates_the_feeds_own_order_counts() -> None:
    dated = "<item><guid>3</guid><pubDate>Tue, 24 Nov 2026 12:00 GMT</pubDate></item>"
    feed = rss(f"{dated}<item><guid>2</guid></item><item><guid>1</guid></item>")
    assert [entry.id for entry in feed.entries] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "date", ["", "soon", "Tue, 99 Foo 0000", "9999999999999", "0000-00-00", "Tue, 31 Feb 2026"]
)
def test_a_date_that_is_none_harms_nothing(date: str) -> None:
    entry = item(f"<guid>1</guid><pubDate>{date}</pubDate>")
    assert entry.published is None or entry.published.tzinfo is UTC


def test_an_entry_without_a_title_is_called_by_its_first_words() -> None:
    entry = item(f"<guid>1</guid><description>&lt;p&gt;{'word ' * 40}&lt;/p&gt;</description>")
    assert entry.title == ("word " * 40)[:79].strip() + "…"
    assert item("<guid>g</guid><link>https://e.example/1</link>").title == "https://e.example/1"
    assert item("<guid>g</guid>").title == "g"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("1 &lt; 2", "1 < 2"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("&lt;b&gt;Bold&lt;/b&gt;", "Bold"),
        ("<![CDATA[<img src=x onerror=alert(1)>Hi]]>", "Hi"),
        ("AT&amp;T", "AT&T"),
        ("one\n   two", "one two"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_title_is_plain_words_on_one_line(title: str, plain: str) -> None:
    assert item(f"<guid>1</guid><title>{title}</title>").title == plain


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://e.example/a", "https://e.example/a"),
        ("/a b", "https://blog.example.org/a%20b"),
        ("next", "https://blog.example.org/rss/next"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
        ("https://e.example/" + "a" * 1000, None),
    ],
)
def test_a_link_is_a_web_address_or_nothing(link: str, url: str | None) -> None:
    assert item(f"<guid>1</guid><link>{link}</link>").url == url


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [("60", 3600.0), (" 5 ", 300.0), ("-1", 0.0), ("x", 0.0), ("٣", 0.0), ("9" * 9, 604800.0)],
)
def test_how_long_a_feed_may_be_kept(ttl: str, seconds: float) -> None:
    assert rss("", f"<ttl>{ttl}</ttl>").ttl_s == seconds


# --- what was made to harm ---


def test_a_broken_document_gives_what_can_be_read_of_it() -> None:
    document = (
        b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>a & b</title></item><item>"
    )
    assert [entry.title for entry in read_feed(document).entries] == ["a & b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("between", ["", "\n"])
def test_entities_are_not_multiplied_and_files_are_not_read(
    encoding: str, between: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    many = between.join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    document = f"""<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY e0 'boom'>{many}
        <!ENTITY file SYSTEM 'file://{secret}'>]><rss version='2.0'><channel><title>t</title>
        <item><guid>1</guid><title>&e11; &file;</title></item></channel></rss>"""
    with pytest.raises(NotAFeed, match="entities of its own"):
        read_feed(document.encode(encoding))


def test_a_document_type_alone_harms_nothing() -> None:
    outside = "<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://127.0.0.1:9/rss.dtd'>"
    assert rss("<item><guid>1</guid></item>", head=outside).entries[0].id == "1"


@pytest.mark.parametrize("charset", ["utf-7", "cp037", "cp500", "unicode_escape", "zlib", "rot13", "idna"])
def test_charsets_that_can_hide_a_document_are_not_read(charset: str) -> None:
    with pytest.raises(NotAFeed, match="charset"):
        read_feed(ATOM, content_type=f"text/xml; charset={charset}")
    with pytest.raises(NotAFeed, match="charset"):
        read_feed(ATOM.replace(b"utf-8", charset.encode()))
    hidden = b"<?xml version='1.0'?>" + b" " * 100_000 + f"<?x encoding='{charset}'?>".encode()
    with pytest.raises(NotAFeed, match="charset"):
        read_feed(b"<?xml version='1.0'?><rss>" + hidden)


def test_a_document_in_ebcdic_is_not_read() -> None:
    with pytest.raises(NotAFeed):
        read_feed("<?xml version='1.0' encoding='cp037'?>".encode("cp037") + b"<rss>" + b"\x4c" * 1000)


@pytest.mark.parametrize("charset", ["", "nonsense", "windows-1252", "gb18030", "shift_jis", "iso-2022-jp"])
def test_other_charsets_are_read(charset: str) -> None:
    assert len(read_feed(ATOM, content_type=f"text/xml; charset={charset}").entries) == 2


def test_the_name_of_a_file_is_not_opened(tmp_path: Path) -> None:
    document = tmp_path / "<rss>"
    document.write_bytes(ATOM)
    assert read_feed(str(document).encode()).entries == ()


@pytest.mark.parametrize(
    "piece",
    [
        b"<a>",
        b"<a",
        b"<",
        b"<item>",
        b"<item><guid>a</guid></item>",
        b"<title>x</title>",
        b"<div>",
        b"&",
        b"<!",
    ],
)
def test_the_largest_document_of_one_thing_is_done_soon(piece: bytes) -> None:
    """Turned away for its tags, or read; in a thread beside the bridge it may take a few seconds."""
    began = time.process_time()
    for count in (2 * 1024 * 1024 // len(piece), 39_000):
        try:
            read_feed((b"<rss version='2.0'><channel><title>" + piece * count)[: 2 * 1024 * 1024])
        except NotAFeed:
            continue
    assert time.process_time() - began < 20


# fmt: off
_PIECES = st.sampled_from([
    "<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<item>", "</item>", "<entry>", "<guid>",
    "</guid>", "<link>", "<link href='http://['/>", "<title>", "</title>", "<![CDATA[", "]]>", "&lt;",
    "&#x1;", "&#9999999;", "<!DOCTYPE x [", "]>", "<?xml", "\0", "é", "<pubDate>", "</pubDate>",
    "2026-11-24", "<ttl>", "1", " ", "x", "<div xml:base='http://['>", "<content type='xhtml'>",
    "<content type='image/png'>", "<author>", "a@b",
])
# fmt: on


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=30))
def test_any_heap_of_pieces_is_a_feed_or_none(pieces: list[str]) -> None:
    try:
        feed = read_feed("".join(["<rss>", *pieces]).encode())
    except NotAFeed:
        return
    for entry in feed.entries:
        assert 0 < len(entry.id) <= 500
        words = "".join([entry.id, entry.title, entry.summary, entry.author or "", entry.url or ""])
        assert "\0" not in words
        words.encode()  # there are no halves of surrogate pairs, which no database takes
        assert entry.title
        assert "\n" not in entry.title
        assert entry.url is None or entry.url.startswith(("http://", "https://"))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_none(body: bytes) -> None:
    for document in (body, b"<rss>" + body):
        try:
            read_feed(document, content_type="text/xml; charset=nonsense", url="x")
        except NotAFeed:
            continue
