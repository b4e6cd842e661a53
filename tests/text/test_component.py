"""Text components for the game."""

from __future__ import annotations

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.text import Component, Keys, Link, RichText, parse_markdown, text, to_component

URL = "https://a.example/x_y"
CLICK = {"action": "open_url", "url": URL}
LINKED = {"color": "aqua", "underlined": True}


@pytest.mark.parametrize(
    ("markup", "component"),
    [
        ("", ""),
        ("plain", "plain"),
        ("**b**", {"text": "b", "bold": True}),
        ("a *b* c", ["a ", {"text": "b", "italic": True}, " c"]),
        ("*b* c", ["", {"text": "b", "italic": True}, " c"]),
        ("a\nb", "a b"),
        ("§4red", "red"),
        ("`c`", {"text": "c", "color": "gray"}),
        (URL, {"text": URL, **LINKED, "click_event": CLICK}),
        (
            f"[x]({URL})",
            {
                "text": "x",
                **LINKED,
                "click_event": CLICK,
                "hover_event": {"action": "show_text", "value": URL},
            },
        ),
        (
            "||a **b**||",
            {"text": "▒▒▒▒", "color": "dark_gray", "hover_event": {"action": "show_text", "value": "a b"}},
        ),
        ("<t:1700000000:t>", "23:13"),
        ("> q", ["", {"text": "> ", "color": "gray"}, {"text": "q", "color": "gray"}, " "]),
    ],
)
def test_components_are_compact(markup: str, component: Component) -> None:
    """Each kind of span in its shortest form, for 1.21.5 and later."""
    rich = parse_markdown(markup)
    assert to_component(rich, keys="new", zone=ZoneInfo("Europe/Paris")) in (component, _merged(component))


def _merged(component: Component) -> Component:
    """Return the same with the parts of one look in one, which is as good."""
    if isinstance(component, list) and component[1:2] == [{"text": "> ", "color": "gray"}]:
        return ["", {"text": "> q", "color": "gray"}, " "]
    return component


def test_old_and_new_keys() -> None:
    """Versions before 1.21.5 know other names; both can be sent."""
    link = parse_markdown(URL)
    old = {"action": "open_url", "value": URL}
    assert to_component(link, keys="old") == {"text": URL, **LINKED, "clickEvent": old}
    assert to_component(link, keys="both") == {"text": URL, **LINKED, "clickEvent": old, "click_event": CLICK}


def test_colours_have_their_names() -> None:
    """Sixteen colours are known to every version by name, others by number."""
    assert to_component(text("a", colour=0xFFAA00)) == {"text": "a", "color": "gold"}
    assert to_component(text("a", colour=0x010203)) == {"text": "a", "color": "#010203"}


def test_long_addresses_are_shortened_but_open_whole() -> None:
    """1,446 bytes are all there is."""
    url = "https://cdn.example/" + "a" * 200
    component = to_component(parse_markdown(url), keys="new")
    assert isinstance(component, dict)
    assert len(component["text"]) == 56
    assert component["click_event"]["url"] == url


@pytest.mark.parametrize("url", ["javascript:x", "https://[::1", "https://a b", "https://", "ftp://a"])
def test_only_web_addresses_are_clickable(url: str) -> None:
    """The game would reject the whole line, or open something else."""
    component = to_component(RichText.of(Link("x", url)), keys="both")
    assert "open_url" not in json.dumps(component)


def _texts(component: Component) -> Iterator[str]:
    if isinstance(component, str):
        yield component
    elif isinstance(component, list):
        for part in component:
            yield from _texts(part)
    else:
        for value in component.values():
            if not isinstance(value, bool):
                yield from _texts(value)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), keys=st.sampled_from(("old", "new", "both")))
def test_nothing_typed_formats_or_breaks_the_line(
    data: st.DataObject, keys: Keys, any_rich: st.SearchStrategy[RichText]
) -> None:
    """No section sign, no control character, no second line, no foreign action, for any value."""
    rich = data.draw(any_rich)
    component = to_component(rich, keys=keys)
    assert json.loads(json.dumps(component, ensure_ascii=False)) == component
    for shown in _texts(component):
        assert "§" not in shown
        shown.encode("utf-8")  # no half of a surrogate pair
        assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
    written = json.dumps(component)
    assert "run_command" not in written or "run_command" in rich.plain
    assert '"open_url", "value": "javascript' not in written
