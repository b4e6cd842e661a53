"""A badge's drawing: as wide as its words, and never anything but a drawing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bridge.features.servers import State
from bridge.features.status.badge import badge

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {f"{SVG}{name}" for name in ("svg", "title", "rect", "path", "g", "text")}


def drawn(label: str, message: str, *, rounded: bool = True) -> ET.Element:
    return ET.fromstring(badge(label, message, State.UP, rounded=rounded))  # noqa: S314 - our own


def test_longer_words_make_a_wider_badge() -> None:
    widths = [
        int(drawn(label, "online").attrib["width"]) for label in ("", "i", "M", "Survival", "生存服务器")
    ]
    assert widths == sorted(widths)
    assert len(set(widths)) == len(widths)


def test_without_a_label_there_is_one_box() -> None:
    picture = drawn("", "3/20 online")
    assert [child.tag.removeprefix(SVG) for child in picture] == ["title", "rect", "g"]
    assert picture.attrib["aria-label"] == "3/20 online"


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_whatever_the_words_are_the_badge_is_a_drawing_of_them(label: str, message: str) -> None:
    for rounded in (True, False):
        picture = drawn(label, message, rounded=rounded)
        assert {each.tag for each in picture.iter()} <= ALLOWED
        assert picture.attrib["role"] == "img"
        words = picture.findall(f"{SVG}g/{SVG}text")
        assert sum(int(word.attrib["textLength"]) for word in words) < int(picture.attrib["width"])
