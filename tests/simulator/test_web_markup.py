"""Discord's markdown as the demo page draws it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.simulator.web.markup import Names, Node, parse_markup


def flat(text: str, names: Names | None = None) -> list[tuple[str, str]]:
    """Every leaf with the kinds around it, ``bold/italic``, without the paragraph."""

    def walk(nodes: tuple[Node, ...], path: str) -> list[tuple[str, str]]:
        leaves: list[tuple[str, str]] = []
        for node in nodes:
            here = f"{path}/{node.kind}".removeprefix("/line").lstrip("/")
            leaves += walk(node.nodes, here) if node.nodes else [(here, node.text)]
        return leaves

    return walk(parse_markup(text, names), "")


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("plain", [("text", "plain")]),
        ("**b**", [("bold/text", "b")]),
        ("*i* _i_", [("italic/text", "i"), ("text", " "), ("italic/text", "i")]),
        ("__u__~~s~~", [("underline/text", "u"), ("strike/text", "s")]),
        ("||x||", [("spoiler/text", "x")]),
        ("***both***", [("bold/italic/text", "both")]),
        ("my_snake_name stays", [("text", "my_snake_name stays")]),
        ("_Oskar_ is italic", [("italic/text", "Oskar"), ("text", " is italic")]),
        (r"\_Oskar\_ is not", [("text", "_"), ("text", "Oskar"), ("text", "_"), ("text", " is not")]),
        ("`**raw**`", [("code", "**raw**")]),
        ("```py\n**raw**\n```", [("block", "**raw**\n")]),
        ("# head\nline", [("h1/text", "head"), ("text", "line")]),
        ("-# small", [("small/text", "small")]),
        ("> q", [("quote/text", "q")]),
        ("https://example.org/a_b?c=1.", [("link", "https://example.org/a_b?c=1"), ("text", ".")]),
        ("<https://example.org>", [("link", "https://example.org")]),
        ("[here](https://example.org)", [("link/text", "here")]),
        ("[here](javascript:alert(1))", [("text", "[here](javascript:alert(1))")]),
        ("<:blob:123>", [("emoji", ":blob:")]),
        ("<t:1700000000:R>", [("ago", "1700000000")]),
        ("<script>", [("text", "<script>")]),
    ],
)
def test_markdown_becomes_a_tree(text: str, leaves: list[tuple[str, str]]) -> None:
    assert flat(text) == leaves


def test_mentions_get_their_names() -> None:
    names = Names(users={"1": "Nora"}, roles={"2": "Builder"}, channels={"3": "general"})
    assert flat("<@1><@&2><#3><@9>", names) == [
        ("user", "@Nora"),
        ("role", "@Builder"),
        ("channel", "#general"),
        ("user", "@unknown"),
    ]


@given(st.text(alphabet=st.sampled_from("ab*_~|`<>@#:/\\[]()ht ps\n-1"), max_size=80))
@settings(max_examples=300)
def test_any_text_gives_a_tree_with_safe_addresses(text: str) -> None:
    def check(nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            assert not node.href or node.href.startswith(("http://", "https://"))
            check(node.nodes)

    check(parse_markup(text))


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), max_size=200))
@settings(max_examples=100)
def test_text_without_signs_stays_as_it_is(text: str) -> None:
    assert "".join(leaf for _, leaf in flat(text)) == text


def test_hostile_nesting_is_quick_and_bounded() -> None:
    for text in ("*" * 2000, "**_" * 600, "||" * 1000 + "x", "[" * 2000, "`" * 2000, "_a" * 1000):
        parse_markup(text)
