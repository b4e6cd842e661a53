"""HTML for our pages."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import RichText, parse_game, parse_markdown, to_html, to_plain

ALLOWED = {
    "a": {"href", "rel", "title"},
    "span": {"class"},
    "time": {"datetime", "data-form"},
    **{tag: set[str]() for tag in ("br", "strong", "em", "u", "s", "code", "pre", "blockquote")},
}


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ALLOWED[tag]
        for name, value in attrs:
            if name == "href":
                assert (value or "").startswith(("http://", "https://"))
            if name == "class":
                assert value in {"spoiler", "mention", "emoji"}
        if tag == "a":
            assert ("rel", "nofollow noopener noreferrer") in attrs
        if tag == "br":
            self.text += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("**a** *b*", "<strong>a</strong> <em>b</em>"),
        ("||a||", '<span class="spoiler">a</span>'),
        ("<@1>", '<span class="mention">@unknown</span>'),
        ("<:ok:1>", '<span class="emoji">:ok:</span>'),
        ("<t:0:f>", '<time datetime="1970-01-01T00:00:00Z" data-form="f">1970-01-01 00:00</time>'),
        ("> a\n> b", "<blockquote>a<br>b</blockquote>"),
        ("```<x>```", "<pre><code>&lt;x&gt;</code></pre>"),
        (
            'https://a.b/"onclick="x',
            (
                '<a href="https://a.b/%22onclick=%22x" rel="nofollow noopener noreferrer">'
                "https://a.b/&quot;onclick=&quot;x</a>"
            ),
        ),
    ],
)
def test_each_kind_of_span(markup: str, html: str) -> None:
    """The page gets a handful of tags and nothing else."""
    assert to_html(parse_markdown(markup)) == html


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_value_is_safe_html(data: st.DataObject, any_rich: st.SearchStrategy[RichText]) -> None:
    """Only our tags, balanced, with our attributes, whatever was typed."""
    page = Page(to_html(data.draw(any_rich)))
    assert page.open == []


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_page_shows_what_was_typed(data: st.DataObject, typed_texts: st.SearchStrategy[str]) -> None:
    """A game line reads the same on the page and in plain text."""
    rich = parse_game(data.draw(typed_texts))
    assert Page(to_html(rich)).text == rich.plain == to_plain(rich)


def test_plain_text_tells_hidden_addresses() -> None:
    """Plain text keeps what a click would open, and marks quotes."""
    rich = parse_markdown("> q\n[x](https://a.b) ```c```end")
    assert to_plain(rich) == "> q\nx (https://a.b) \nc\nend"
