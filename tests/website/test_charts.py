"""Charts in pages: what the macros make of a figure."""

from __future__ import annotations

import json
import re
from html import unescape
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from bridge.charts import AnyChart, HeatMap, LineChart, Series, Sparkline
from bridge.locales import Catalogue
from bridge.website import Site
from bridge.website.charts import figure
from tests.website.conftest import MakeSite

ENGLISH, FRENCH = Catalogue.load("en"), Catalogue.load("fr")
LINES = LineChart(
    title='Who is on "<here>"',
    times=tuple(range(0, 60_000, 60)) + tuple(range(120_000, 180_000, 60)),
    series=(Series(name="<b>Survival</b>", values=tuple(range(1_000)) * 2),),
    label="Players",
    zone=ZoneInfo("Europe/Paris"),
    gap_s=180,
)


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A site that has read its templates."""
    made = make_site()
    made._load()
    return made


def part(site: Site, chart: AnyChart, language: str = "en", url: str = "") -> str:
    catalogue = site.catalogue(language)
    macros = site._frame._pages[language].get_template("chart.html").make_module()
    return str(macros.chart(figure(chart, catalogue, url=url)))  # type: ignore[attr-defined]  # a macro


def test_texts_are_escaped_and_the_markup_is_whole(site: Site) -> None:
    html = part(site, LINES)
    assert "<here>" not in html
    assert "<b>Survival" not in html
    ET.fromstring(html)  # noqa: S314 - our own


def test_the_script_finds_the_figures_with_their_gap_and_where_to_get_finer_ones(site: Site) -> None:
    html = part(site, LINES, "fr", url="/curve.json?server=a&b=1")
    told = json.loads(unescape(re.findall(r'data-chart="([^"]*)"', html)[0]))
    assert (told["from"], told["to"], told["zone"]) == (0, 179_940, "Europe/Paris")
    assert len(told["t"]) == len(told["v"][0]) <= 1_000
    assert told["v"][0].count(None) == 1
    words = json.loads(unescape(re.findall(r'data-words="([^"]*)"', html)[0]))
    assert len(words["months"].split()) == 12
    assert words["date"] == "{day} {month} {year}"
    assert 'data-url="/curve.json?server=a&amp;b=1"' in html


def test_other_charts_need_no_script(site: Site) -> None:
    cohorts = HeatMap(
        title="Who came back",
        rows=("W46",),
        columns=("0", "1"),
        values=((100, None),),
        label="Came back",
        label_of_rows="First week",
        label_of_columns="Weeks after",
    )
    html = part(site, cohorts)
    assert "data-chart" not in html
    assert html.count("<svg") == 2


def test_a_line_within_a_sentence_is_drawn_once() -> None:
    made = figure(Sparkline(title="Peaks", values=(1, 2)), FRENCH)
    assert (made.wide.count("<svg"), made.narrow) == (1, "")
