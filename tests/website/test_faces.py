"""Faces for names."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bridge.website.faces import face

NAMES = ("Steve", "Alex", "Nora", "Milo", "Zoe_99", "jeb_", "Hugo", "Aicha")


def test_the_same_name_always_has_the_same_face() -> None:
    assert face("Steve") == face("STEVE")
    assert len({face(name) for name in NAMES}) == len(NAMES)


@given(st.text())
def test_a_face_is_a_drawing_without_a_letter_of_the_name(name: str) -> None:
    drawing = str(face(name))
    ET.fromstring(drawing)  # noqa: S314 - our own
    shape = r'<path fill="#[0-9a-f]{6}" d="[Mhvz0-9 -]+"/>'
    assert re.fullmatch(rf"<svg class=\"face\"[a-zA-Z0-9 =\"-]*>(?:{shape})+</svg>", drawing)
