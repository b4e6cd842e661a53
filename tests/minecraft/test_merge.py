"""Several chat lines in one command."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.minecraft.commands import EVERYONE, MOST_BYTES, Component, Target, Tellraw, encode
from bridge.minecraft.merge import merge_lines
from bridge.text import Keys, parse_markdown, to_component

LINK: Component = {
    "text": "",
    "extra": [
        {"text": "<Mira> ", "color": "gold"},
        {
            "text": "see this",
            "click_event": {"action": "open_url", "url": "https://example.org/" + "a" * 1500},
        },
    ],
}


def plain(component: object) -> str:
    """Return what the game shows of a component."""
    if isinstance(component, str):
        return component
    if isinstance(component, Mapping):
        return str(component.get("text", "")) + plain(component.get("extra", ()))
    assert isinstance(component, Sequence)
    return "".join(map(plain, component))


def shown(command: Tellraw) -> str:
    return plain(json.loads(encode(command).decode().split(" ", 2)[2]))


def test_lines_share_a_command_one_line_break_apart() -> None:
    merged = merge_lines([{"text": "a", "color": "red"}, "b", ["", "c"]])
    assert [(shown(command), lines) for command, lines in merged] == [("a\nb\nc", 3)]


def test_no_line_inherits_the_colour_of_the_first() -> None:
    ((command, _lines),) = merge_lines([{"text": "a", "color": "red"}, "b"])
    assert command.component == ["", {"text": "a", "color": "red"}, "\n", "b"]


def test_a_single_line_stays_as_it_is() -> None:
    assert merge_lines([{"text": "a"}]) == [(Tellraw(EVERYONE, {"text": "a"}), 1)]


def test_no_lines_make_no_command() -> None:
    assert merge_lines([]) == []


def test_what_does_not_fit_goes_into_the_next_command_in_order() -> None:
    lines = [f"{number}:" + "x" * 400 for number in range(7)]
    merged = merge_lines(lines, target=Target("Mira"))
    assert [count for _command, count in merged] == [3, 3, 1]
    assert "\n".join(shown(command) for command, _count in merged) == "\n".join(lines)


def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    ((command, _count),) = merge_lines([{"text": "é" * 2000, "color": "red"}])
    assert MOST_BYTES - 2 <= len(encode(command)) <= MOST_BYTES
    assert shown(command).endswith("é…")


def test_the_cut_is_measured_after_escaping() -> None:
    ((command, _count),) = merge_lines(['"' * 2000])
    assert MOST_BYTES - 2 <= len(encode(command)) <= MOST_BYTES


def test_the_cut_parts_no_letter_from_its_accent_and_no_emoji_from_itself() -> None:
    for sign in ("e\u0301", "👩\u200d🚀", "👍\U0001f3fd", "❤\ufe0f"):
        for before in range(12):
            ((command, _count),) = merge_lines(["x" * before + sign * 700])
            text = shown(command).removesuffix("…")[before:]
            assert text == sign * (len(text) // len(sign))


def test_a_line_too_long_by_its_links_loses_them_before_its_words() -> None:
    ((command, _count),) = merge_lines([LINK])
    assert shown(command) == "<Mira> see this"
    assert b"example.org" not in encode(command)


def test_colours_survive_the_cut() -> None:
    line: Component = [{"text": "", "color": "red"}, "x" * 3000]
    ((command, _count),) = merge_lines([line])
    assert b'[{"text":"","color":"red"},"xxx' in encode(command)


texts = st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=900)
components = st.recursive(
    texts
    | st.builds(
        lambda text, colour: {"text": text, "color": colour}, texts, st.sampled_from(["red", "#00ff00"])
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.builds(lambda text, extra: {"text": text, "extra": extra}, texts, st.lists(inner, max_size=3))
    ),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(components, max_size=6))
def test_every_line_is_there_once_in_order_and_every_command_fits(lines: list[Component]) -> None:
    merged = merge_lines(lines)
    assert sum(count for _command, count in merged) == len(lines)
    left = iter(lines)
    for command, count in merged:
        assert len(encode(command)) <= MOST_BYTES
        whole = [plain(next(left)) for _ in range(count)]
        if count > 1:
            assert shown(command).replace("\n", "") == "".join(whole) or shown(command).count("…") >= 1
        elif (seen := shown(command)) != whole[0]:
            assert seen.endswith("…")
            assert whole[0].startswith(seen[:-1])


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300)
    | st.text(alphabet="§\u202e\0\n\r\u2028<>*_~`|[]()@#: https/.é😀\ud800", max_size=300),
    st.sampled_from(["both", "old", "new"]),
)
def test_whatever_people_type_can_be_shown(text: str, keys: Keys) -> None:
    """No line from Discord is refused by the encoder, so none holds up those behind it."""
    merged = merge_lines([to_component(parse_markdown(text), keys=keys), "next"])
    assert sum(count for _command, count in merged) == 2
