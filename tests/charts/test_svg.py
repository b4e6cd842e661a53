"""Drawings: well-formed, described, without anything our pages forbid."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import bridge.website
from bridge.charts import DARK, NARROW, AnyChart, LineChart, Series, to_svg
from bridge.locales import Catalogue
from tests.charts.conftest import CHARTS, PARIS

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


def test_a_stepped_figure_holds_as_long_as_others_do() -> None:
    """Also the last before a gap and the last of all; the axis has room for it."""
    chart = LineChart(
        title="Peaks",
        times=(0, 3600, 10_800, 14_400),
        series=(Series(name="Peaks", values=(1, 2, 2, 1)),),
        label="Players",
        zone=PARIS,
        gap_s=5400,
        stepped=True,
    )
    assert chart.span == (0, 18_000)
    first, second = re.findall(r'ch-line0[^>]* d="([^"]*)"', to_svg(chart, Catalogue.load("en")))
    assert [first.count("H"), second.count("H")] == [2, 2]


def test_what_is_too_long_is_written_smaller() -> None:
    """A long name of a zone on a phone, a long title in a picture."""
    lines = CHARTS["lines"]
    assert isinstance(lines, LineChart)
    far = replace(lines, zone=ZoneInfo("America/Argentina/Buenos_Aires"), title="On both " * 20)
    drawn = to_svg(far, Catalogue.load("en"), DARK, size=NARROW)
    sizes = dict(re.findall(r'font-size="([0-9.]+)">([^<]+)<', drawn))
    assert len(sizes) == 2
    assert any("Buenos Aires" in text for text in sizes.values())
