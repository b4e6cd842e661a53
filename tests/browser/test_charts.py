"""Charts on a page: read with the mouse, a finger or keys, looked at closer, whole without scripts."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

import bridge.website
from bridge.charts import AnyChart, BarChart, HeatMap, LineChart, PunchCard, Series, Sparkline, to_columns
from bridge.charts.clock import ticks
from bridge.charts.lines import tick_label
from bridge.charts.words import Words
from bridge.config.settings import WebsiteSettings
from bridge.locales import Catalogue
from bridge.website import Request, Site, StreamResponse
from bridge.website.charts import figure

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARIS, UTC = ZoneInfo("Europe/Paris"), ZoneInfo("UTC")  # read before anything runs, as the settings do
ZONES: Final = tuple(
    map(ZoneInfo, ("Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"))
)
BEGINS: Final = 1_792_792_800  # 24 October 2026, 0:00 in Paris, two days before the clocks change
HOUR: Final = 3_600
DAY: Final = 24 * HOUR
PAGE: Final = """{% extends "base.html" %}
{% from "chart.html" import chart, chart_files, spark %}
{% block title %}Charts{% endblock %}
{% block head %}{{ chart_files() }}{% endblock %}
{% block content %}<h1>Charts {{ spark(figures.spark) }}</h1>
{% for each in figures.values() if each.narrow %}
<section class="panel">{{ chart(each) }}</section>
{% endfor %}
{% endblock %}"""


def players(at: int) -> float | None:
    """How many were on: more in the evening; nothing is known of one night."""
    if BEGINS + DAY + HOUR <= at < BEGINS + DAY + 9 * HOUR:
        return None
    return round(6 + 5 * math.cos((at - BEGINS - 20 * HOUR) / DAY * math.tau))


@dataclass
class Gallery:
    """A site with one page that shows a chart of each kind, and what was asked of it."""

    url: str
    asked: list[tuple[int, int]] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gallery]:
    """The site, while it runs."""
    folder: Path = tmp_path_factory.mktemp("gallery")
    (folder / "gallery.html").write_text(PAGE, encoding="utf-8")
    site = Site(WebsiteSettings(port=0), Catalogue.load("en"), community="Stonebridge")
    site.add_templates(folder)
    made = Gallery("")

    async def page(request: Request) -> StreamResponse:
        catalogue = site.catalogue(site.language(request))
        figures = {
            name: figure(chart, catalogue, url="/finer" if name == "lines" else "")
            for name, chart in CHARTS.items()
        }
        return site.render("gallery.html", request=request, figures=figures)

    async def finer(request: Request) -> StreamResponse:
        begins, ends = int(request.query["from"]), int(request.query["to"])
        made.asked.append((begins, ends))
        times = range(begins - begins % 60, ends + 1, 60)
        both = (
            Series(name="Survival", values=tuple(map(players, times))),
            Series(name="Creative", values=tuple(1.0 for _ in times)),
        )
        return site.json(to_columns(times, both))

    site.add_get("/charts", page)
    site.add_get("/finer", finer)
    running = asyncio.create_task(site.run())
    async with asyncio.timeout(10):
        await site.listening.wait()
    made.url = site.url
    yield made
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


TIMES: Final = tuple(range(BEGINS, BEGINS + 7 * DAY + 1, HOUR))
CHARTS: Final[Mapping[str, AnyChart]] = {
    "spark": Sparkline(title="Peak per day", values=(3, 5, None, 9, 8, 7, 12)),
    "lines": LineChart(
        title="Players on both servers",
        times=TIMES,
        series=(
            Series(name="Survival", values=tuple(map(players, TIMES))),
            Series(name="Creative", values=tuple(1.0 for _ in TIMES)),
        ),
        label="Players",
        zone=PARIS,
        filled=True,
        note="95 % of the week observed",
    ),
    "bars": BarChart(
        title="New and returning players",
        labels=tuple(f"W{week}" for week in range(36, 48)),
        series=(
            Series(name="New", values=tuple(range(10, 22))),
            Series(name="Returning", values=tuple(range(50, 26, -2))),
        ),
        label="Players",
        label_of_bars="Week of 2026",
        stacked=True,
    ),
    "punches": PunchCard(
        title="When people play",
        values=tuple(
            tuple(round(5 + (1 + day) * math.sin(hour / 4), 1) for hour in range(24)) for day in range(7)
        ),
        label="Players at a time, mean",
        zone=PARIS,
    ),
    "heat": HeatMap(
        title="Who came back",
        rows=tuple(f"W{36 + week}" for week in range(8)),
        columns=tuple(map(str, range(8))),
        values=tuple(
            tuple(round(100 / (1 + column)) if column < 8 - row else None for column in range(8))
            for row in range(8)
        ),
        label="Came back",
        unit="%",
        label_of_rows="First week",
        label_of_columns="Weeks after the first",
        top=100,
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, gallery: Gallery) -> AsyncIterator[Page]:
    """The page in a window of its own; in the end the browser may not have complained."""
    gallery.asked.clear()
    window = await browser.new_context(
        base_url=gallery.url, locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    opened = await window.new_page()
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    await opened.goto("/charts")
    yield opened
    await window.close()
    assert not troubles, "\n".join(troubles)


async def test_everybody_can_use_a_chart_by_day_by_night_and_on_a_phone(page: Page) -> None:
    await page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        await page.set_viewport_size({"width": width, "height": 844})
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
        wide, room = await page.evaluate(
            "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= room, "it scrolls sideways"


async def test_the_place_under_the_mouse_is_read(page: Page) -> None:
    live = page.get_by_role("application")
    box = await live.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] - 7, box["y"] + 100)
    readout = page.locator(".chart-readout")
    await expect(readout).to_contain_text("30 Oct 2026, 23:00")  # an hour was given twice on the 25th
    await expect(readout).to_contain_text("Creative 1")


async def test_the_keys_read_and_go_closer(page: Page, gallery: Gallery) -> None:
    live = page.get_by_role("application")
    await live.focus()
    await page.keyboard.press("ArrowRight")
    readout = page.locator(".chart-readout")
    await expect(readout).to_contain_text("24 Oct 2026, 00:00")
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await expect(readout).to_contain_text("30 Oct 2026, 22:00")
    async with page.expect_response("**/finer?*"):
        await page.keyboard.press("+")
    (asked,) = gallery.asked
    assert asked[1] - asked[0] <= 7 * DAY + 2
    await page.keyboard.press("0")
    await expect(live).to_contain_text("24 Oct 2026 \u2013 30 Oct 2026, time zone Europe/Paris")


async def test_choosing_a_stretch_goes_there_and_loads_finer_figures(page: Page, gallery: Gallery) -> None:
    live = page.get_by_role("application")
    box = await live.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * 0.60, y)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.62, y, steps=3)
    async with page.expect_response("**/finer?*"):
        await page.mouse.up()
    await page.mouse.move(box["x"] + box["width"] * 0.5, y)
    minutes = re.compile(r"^28 Oct 2026, 0\d:(?!00)\d\d$")
    await expect(page.locator(".chart-readout .quiet")).to_have_text(minutes)
    begins, ends = gallery.asked[-1]
    assert BEGINS <= begins < ends
    assert ends - begins < 12 * HOUR
    await page.mouse.dblclick(box["x"] + box["width"] * 0.5, y)
    await expect(page.get_by_role("button", name="Everything")).to_be_disabled()


async def test_a_length_of_time_shows_the_end_of_what_is_seen(page: Page, gallery: Gallery) -> None:
    day = page.get_by_role("button", name="1 day", exact=True)
    async with page.expect_response("**/finer?*"):
        await day.click()
    await expect(day).to_have_attribute("aria-pressed", "true")
    assert gallery.asked[-1] == (BEGINS + 5 * DAY + DAY // 2, BEGINS + 7 * DAY)
    await expect(page.get_by_role("button", name="30 days")).to_have_count(0)


async def test_a_finger_reads_and_two_go_closer(browser: Browser, gallery: Gallery) -> None:
    window = await browser.new_context(
        base_url=gallery.url, locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = await window.new_page()
    await page.goto("/charts")
    live = page.get_by_role("application")
    box = await live.bounding_box()
    assert box is not None
    await page.touchscreen.tap(box["x"] + box["width"] * 0.7, box["y"] + 80)
    await expect(page.locator(".chart-readout .quiet")).to_contain_text("Oct 2026")
    hands, middle, y = await window.new_cdp_session(page), box["x"] + box["width"] / 2, box["y"] + 80

    async def fingers(what: str, *apart: float) -> None:
        points = [{"x": middle + side * each, "y": y, "id": side} for each in apart for side in (0, 1)]
        await hands.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    async with page.expect_response("**/finer?*"):
        await fingers("touchStart", 30)
        for apart in (50, 80, 120):
            await fingers("touchMove", apart)
        await fingers("touchEnd")
    begins, ends = gallery.asked[-1]
    assert 3 * DAY <= ends - begins <= 4 * DAY, "a quarter of the week, and half as much on each side"
    await window.close()


async def test_one_may_go_down_to_a_minute(page: Page) -> None:
    closer = page.get_by_role("button", name="Closer")
    for _ in range(16):
        if await closer.is_disabled():
            break
        await closer.click()
    await expect(closer).to_be_disabled()
    await expect(page.get_by_role("application")).to_contain_text("27 Oct 2026, time zone")


async def test_the_script_has_the_same_ticks_as_the_server(page: Page) -> None:
    """Days, months and hours are the community's in both, also when its clocks change."""
    source = (Path(bridge.website.__file__).parent / "static" / "chart.js").read_text(encoding="utf-8")
    opened = source.replace("  const dress =", "  window.Clock = Clock;\n  const dress =", 1)
    await page.evaluate(opened)
    english = Catalogue.load("en")
    words = {"months": english.plain("charts.months").split(), "day": "{day} {month}"}
    cases = [
        (zone.key, float(begins), float(begins + length), most)
        for zone in ZONES
        for begins in (BEGINS, BEGINS + DAY + 5_000, 1_774_700_000, 1_767_220_000)
        for length in (90, 5 * HOUR, DAY, 3 * DAY, 16 * DAY, 200 * DAY, 3_000 * DAY)
        for most in (4, 9)
    ]
    ours = [
        [
            [tick.at, tick_label(tick, Words(english))]
            for tick in ticks(begins, ends, ZoneInfo(zone), most=most)
        ]
        for zone, begins, ends, most in cases
    ]
    script = """([cases, words]) => cases.map(([zone, from, to, most]) =>
        new Clock(zone, words).ticks(from, to, most).map(({ at, label }) => [at, label]))"""
    assert await page.evaluate(script, [cases, words]) == ours


async def test_what_cannot_be_loaded_is_said_and_the_chart_stays(browser: Browser, gallery: Gallery) -> None:
    window = await browser.new_context(base_url=gallery.url, locale="en-GB")
    page = await window.new_page()
    await page.goto("/charts")
    await page.route("**/finer?*", lambda route: route.abort())
    await page.get_by_role("button", name="Closer").click()
    await expect(page.locator(".chart-readout")).to_have_text("The figures could not be loaded.")
    assert await page.locator(".chart-live path.ch-line0").count() > 0
    await window.close()


async def test_without_scripts_there_is_the_same_chart_and_its_table(
    browser: Browser, gallery: Gallery
) -> None:
    window = await browser.new_context(base_url=gallery.url, java_script_enabled=False, locale="fr-FR")
    page = await window.new_page()
    await page.goto("/charts")
    drawn = page.locator("figure svg:visible")
    assert await drawn.count() == 4
    await expect(drawn.first).to_contain_text("24 oct. 2026 \u2013 30 oct. 2026, fuseau horaire Europe/Paris")
    await page.locator("summary").first.click()
    await expect(page.get_by_role("table").first).to_be_visible()
    await window.close()
