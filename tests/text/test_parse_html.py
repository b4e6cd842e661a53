"""HTML of other programs, as people on Discord and in the game read it: words, looks and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text import parse_markdown, to_markdown
from bridge.text.parse_html import parse_html, plain_of_html

READ = [
    ("Hello", "Hello"),
    ("<p>One</p><p>Two</p>", "One\n\nTwo"),
    ("<p>One<br>Two</p>\n<p>Three</p>", "One\nTwo\n\nThree"),
    ("One<br /><br /><br />Two", "One\n\nTwo"),
    ("  <p>\n  many   spaces\n here </p> ", "many spaces here"),
    ("Tea &amp; coffee &lt;3 &eacute;&nbsp;x", r"Tea & coffee \<3 é x"),
    ("<h2>Title</h2>text", "**Title**\n\ntext"),
    ("<p><b>bold</b> <em>slanted</em> <u>under</u> <s>gone</s></p>", "**bold** *slanted* __under__ ~~gone~~"),
    ("<strong>a <em>b</em></strong> c", "**a** ***b*** c"),
    ("<b>never closed", "**never closed**"),
    ("</b></p></div>after", "after"),
    ("<b>crossed <i>tags</b> out</i>", "**crossed** ***tags*** out"),
    ("<ul><li>one</li><li>two</li></ul>", "• one\n• two"),
    ("<ol><li>one<li>two</ol>end", "1\\. one\n2\\. two\nend"),
    ("<ul><li><p>wrapped</p></li></ul>", "• wrapped"),
    ("before<script>alert(1)</script>after", "beforeafter"),
    ("<style>p { color: red }</style>shown", "shown"),
    ("<iframe src='https://x.example'>x</iframe>shown", "shown"),
    ("<!-- not shown -->shown", "shown"),
    ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "**a** b\nc"),
    ("<pre>two\n  lines</pre>", "two\n  lines"),
    ('<img src="x.png" alt="a picture">', "a picture"),
    ('<img src="x.png">', ""),
    # what people type cannot become markup
    ("*stars* and _lines_ and `ticks`", r"\*stars\* and \_lines\_ and \`ticks\`"),
    ("<p># no heading</p>", r"\# no heading"),
    ("@everyone <@123456789012345678>", r"@everyone \<@123456789012345678>"),
    ("&lt;@123456789012345678&gt;", r"\<@123456789012345678>"),
    ("[here](https://evil.example)", r"\[here](https://evil.example)"),
    # links
    ("typed: https://a.example/b, as it is", "typed: https://a.example/b, as it is"),
    ('<a href="https://a.example/b">https://a.example/b</a>', "https://a.example/b"),
    ('<a href="https://a.example/b">the rules</a>.', "the rules (https://a.example/b)."),
    ('<a href="/forum">forum</a>', "forum (https://site.example/forum)"),
    ('<a href="forum">forum</a>', "forum (https://site.example/forum)"),
    ('<a href="https://a.example"> </a>', "https://a.example"),
    ('see<a href="https://a.example"> it </a>now', "see it (https://a.example) now"),
    ('<a href="javascript:alert(1)">click</a>', "click"),
    ('<a href="mailto:a@b.example">mail</a>', "mail"),
    ('<a href="https://[bad">odd</a>', "odd"),
    ('<a href="https://a.example">https://b.example</a>', r"https\://b.example (https://a.example)"),
    ('<a href="https://a.example">never closed', "never closed (https://a.example)"),
    ("<![weird[ thing]]>shown", "shown"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), READ, ids=[html[:40] for html, _ in READ])
def test_html_becomes_markdown(html: str, expected: str) -> None:
    assert to_markdown(parse_html(html, base="https://site.example")).strip() == expected


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("plain", "plain"),
        ("<p>One <b>bold</b> word</p><p>and another</p>", "One bold word\nand another"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a &amp; b &lt;i&gt; &#x1F30B; &nbsp; c", "a & b <i> 🌋 c"),
        ("before<script>alert('x')</script>after", "beforeafter"),
        ("<style>p { color: red }</style>words", "words"),
        ("<script>never ended", ""),
        ("line\n  of\tsource", "line of source"),
        ('<a href="javascript:alert(1)" onclick="x">link</a>', "link"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("<!-- hidden --><![CDATA[x]]>", ""),
        ("", ""),
    ],
)
def test_what_a_reader_sees_is_kept(html: str, plain: str) -> None:
    assert plain_of_html(html) == plain


@given(st.text(alphabet=st.sampled_from('<>/!-&;#"=abps \n\0\u202e') | st.characters(), max_size=300))
def test_any_text_is_taken(html: str) -> None:
    plain = plain_of_html(html)
    assert all(line.strip() == line and line for line in plain.split("\n") if plain)


@given(
    st.text(alphabet=st.characters(exclude_characters="<>&\r\n", exclude_categories=["C", "Z"]), max_size=50)
)
def test_words_without_markup_stay_as_they_are(words: str) -> None:
    assert plain_of_html(f"<p>{words}</p>") == plain_of_html(words)


def test_what_follows_the_last_tag_is_read() -> None:
    assert plain_of_html("<p>one</p>two &amp; three") == "one\ntwo & three"
    assert plain_of_html("<b>so</b> 1 < 2") == "so 1 < 2"


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<b>", "</b>", "<i>", "<ul>", "<li>", "</ul>", "<ol>", "<br>", "<pre>", "</pre>"),
        *('<a href="https://a.example/x">', '<a href="//x">', "</a>", "<script>", "</script>", "<!--", "-->"),
        *(
            "<![",
            "]>",
            "<!",
            "<?",
            "&amp;",
            "&#0;",
            "&#x110000;",
            "&",
            "<",
            ">",
            " ",
            "\n",
            "word",
            "*",
            "\\",
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_any_html_is_read_and_shows_on_discord_what_it_says(html: str) -> None:
    rich = parse_html(html, base="https://site.example")
    assert "<script" not in rich.plain or "script" in html
    shown = parse_markdown(to_markdown(rich)).plain
    assert "".join(shown.split()).startswith("".join(rich.plain.split())[:1])


@pytest.mark.parametrize(
    "html",
    ["<a " * 30_000, "<p>hello <![x[ more", "<p>hello <!-- " * 8000, "https://a " * 10_000,
     "<b>" * 30_000, "<b>" * 15_000 + "</i>" * 15_000, "<![" * 30_000, "<!--" * 25_000, "<a href='" * 11_000,
     "<ul>" * 25_000 + "<li>x", "&" * 100_000, "<pre>" * 20_000 + "x", "<" * 100_000],
    ids=lambda html: html[:8],
)  # fmt: skip
def test_hostile_html_is_read_quickly(html: str) -> None:
    began = time.process_time()
    parse_html(html)
    plain_of_html(html)
    assert time.process_time() - began < 2.0
