"""HTML of other programs becomes words and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text.parse_html import plain_of_html


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


@pytest.mark.parametrize(
    "html", ["<a " * 16_000, "<p>hello <![x[ more", "<p>hello <!-- " * 3000, "<" * 50_000]
)
def test_html_that_is_made_to_hold_us_up_does_not(html: str) -> None:
    begun = time.process_time()
    plain_of_html(html)
    assert time.process_time() - begun < 1.0


def test_what_follows_the_last_tag_is_read() -> None:
    assert plain_of_html("<p>one</p>two &amp; three") == "one\ntwo & three"
    assert plain_of_html("<b>so</b> 1 < 2") == "so 1 < 2"
