"""Drawings: well-formed, described, without anything our pages forbid."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import bridge.website
from bridge.charts import DARK, NARROW, AnyChart, to_svg
from bridge.locales import Catalogue

SVG = "{http://www.w3.org/2000/svg}"


def test_a_drawing_says_what_it_shows(chart: AnyChart, catalogue: Catalogue) -> None:
    drawn = ET.fromstring(to_svg(chart, catalogue))  # noqa: S314 - our own
    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == chart.title
    assert drawn.findtext(f"{SVG}desc")


def test_a_drawing_for_a_page_has_no_styles_of_its_own(chart: AnyChart, catalogue: Catalogue) -> None:
    for size in (None, NARROW):
        drawn = to_svg(chart, catalogue, size=size)
        assert not re.search(r"style|#[0-9a-f]{3}|<script|\son\w+=", drawn)


def test_every_class_has_its_colour_on_pages_and_in_pictures(chart: AnyChart, catalogue: Catalogue) -> None:
    sheet = (Path(bridge.website.__file__).parent / "static" / "chart.css").read_text(encoding="utf-8")
    for used in set(re.findall(r'class="(ch-\w+)"', to_svg(chart, catalogue, DARK))):
        assert f".{used} {{" in sheet
        assert f".{used}{{" in DARK.rules
