"""What a player typed is what Discord shows."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import Break, Link, RichText, Text, parse_game, parse_markdown, to_markdown

CASES = [
    ("_names_", r"\_names\_"),
    ("__init__", r"\_\_init\_\_"),
    ("*", r"\*"),
    ("**bold** ~~gone~~", r"\*\*bold\*\* \~\~gone\~\~"),
    ("```code``` `x`", r"\`\`\`code\`\`\` \`x\`"),
    ("||secret||", r"\|\|secret\|\|"),
    ("[x](javascript:alert(1))", r"\[x](javascript:alert(1))"),
    ("[x](https://evil.example)", r"\[x](https://evil.example)"),
    ("<@1> <@!1> <@&1> <#1>", r"\<@1> \<@!1> \<@&1> \<#1>"),
    ("<t:0:R> <:x:1> </list:1>", r"\<t:0:R> \<:x:1> \</list:1>"),
    ("@everyone", "@everyone"),
    ("> quote", r"\> quote"),
    ("  > quote", r"  \> quote"),
    (">>> all", r"\>>> all"),
    ("# big", r"\# big"),
    ("#1 of many", "#1 of many"),
    ("-# small", r"\-# small"),
    ("- item", r"\- item"),
    ("-5 degrees", "-5 degrees"),
    ("1. first", r"1\. first"),
    ("1.5", "1.5"),
    ("¯\\_(ツ)_/¯", "¯\\\\\\_(ツ)\\_/¯"),
    ("a\\b", r"a\\b"),
    ("https://a.example/x_y_z?q=*1*", "https://a.example/x_y_z?q=*1*"),
    ("(https://a.example/b_c)", "(https://a.example/b_c)"),
    ("see https://a.example/b_c. Good_", r"see https://a.example/b_c. Good\_"),
    ("https://a.example<@1>", r"<https://a.example>\<@1>"),
    ("steam://run/a_b_", r"steam\://run/a\_b\_"),
    ("HTTP://A_B_", r"HTTP\://A\_B\_"),
    ('{"text":"x"} @e[type=!player]', '{"text":"x"} @e\\[type=!player]'),
    ("<https://a.example>", r"\<https://a.example>"),
]


@pytest.mark.parametrize(("typed", "markdown"), CASES)
def test_markdown_escapes_what_was_typed(typed: str, markdown: str) -> None:
    """Each trick is written so that Discord shows it as typed."""
    assert to_markdown(parse_game(typed)) == markdown
    assert parse_markdown(markdown).plain == typed


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_is_typed_shows_literally(data: st.DataObject, typed_texts: st.SearchStrategy[str]) -> None:
    """Read as Discord reads it, a line shows its visible characters; nothing but text and links."""
    rich = parse_game(data.draw(typed_texts))
    shown = parse_markdown(to_markdown(rich))
    assert shown.plain == rich.plain
    assert all(isinstance(span, Text | Link | Break) for span in shown.spans)
    assert all(not isinstance(span, Text) or span == Text(span.text) for span in shown.spans)
    assert {span.url for span in shown.spans if isinstance(span, Link)} <= {
        span.url for span in rich.spans if isinstance(span, Link)
    }


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_value_shows_its_own_characters_on_discord(
    data: st.DataObject, any_rich: st.SearchStrategy[RichText]
) -> None:
    """However a value came to be, its markdown pings nobody and has no look or address of its own making."""
    rich = data.draw(any_rich)
    shown = parse_markdown(to_markdown(rich))
    kinds = {type(span).__name__ for span in shown.spans}
    assert "Mentioned" not in kinds
    assert "Moment" not in kinds
    allowed = {
        "https://a.b/c_d",
        "http://x.y/?q=(1)",
        "http://x.y/?q=%281%29",
        "https://e.f/*|`",
        "https://e.f/*%7C%60",
    }
    typed_links = {
        span.url
        for part in rich.spans
        for span in parse_game(getattr(part, "text", "")).spans
        if isinstance(span, Link)
    }
    assert {span.url for span in shown.spans if isinstance(span, Link)} <= allowed | typed_links


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_parsing_discord_again_changes_nothing(
    data: st.DataObject, typed_texts: st.SearchStrategy[str]
) -> None:
    """Relaying a message from channel to channel and on keeps what it shows."""
    once = to_markdown(parse_markdown(data.draw(typed_texts)))
    assert parse_markdown(to_markdown(parse_markdown(once))).plain == parse_markdown(once).plain


HOSTILE = [
    "*",
    "**",
    "_",
    "__",
    "***a",
    "_a__",
    "~~",
    "||",
    "`",
    "``a",
    "[",
    "[]",
    "](",
    "<",
    "<@",
    "<t:1",
    "> ",
    ">>> ",
]
HOSTILE += [
    "\\",
    "\n",
    " ",
    "* ",
    "*a **",
    "```",
    "```\n",
    "`a``",
    "https://",
    "(https://a",
    "[x](https://(",
    "1. ",
    "- ",
]
HOSTILE += [
    "*_",
    "**__||~~",
    "_a___a",
    "**a*",
    "[a](",
    "\u200d",
    "\u202e\u200d",
    "1.",
    "::",
    "§",
    "{",
    "%a",
    "https://a)",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_is_cheap(unit: str) -> None:
    """4,000 characters of anything are read and written in well under a second, whatever nests."""
    text = (unit * 4000)[:4000]
    started = time.process_time()
    to_markdown(parse_markdown(text))
    to_markdown(parse_game(text))
    assert time.process_time() - started < 1.5  # processor time: far above what it takes, far below quadratic
