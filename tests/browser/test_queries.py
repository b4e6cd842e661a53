"""Staff ask for players, with a keyboard's help and without scripts."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from bridge.features.queries.forms import KINDS

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERYTHING = list(KINDS)


@pytest.mark.parametrize("kinds", [EVERYTHING[:11], EVERYTHING[11:]], ids=["some", "others"])
async def test_everybody_can_fill_in_every_filter(look: Visit, kinds: list[str]) -> None:
    query = "&".join(f"{number}={kind}" for number, kind in enumerate(kinds, 1))
    page = await look(f"/staff/queries?{query}", "admin")
    await page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]] == []
    await page.set_viewport_size({"width": 390, "height": 844})
    wide, room = await page.evaluate(
        "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room, "it scrolls sideways"


async def test_a_query_is_built_kept_and_found_again_without_scripts(look: Visit) -> None:
    page = await look("/staff/queries", "admin", scripts=False)
    await page.get_by_role("combobox", name="Filter", exact=True).select_option("name")
    await page.get_by_role("button", name="Add").click()
    await page.get_by_label("Part of the name").fill("ali")
    await page.get_by_label("Part of the name").press("Enter")
    await expect(page.get_by_role("rowheader", name="Alix")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("Those of ali")
    await page.get_by_role("button", name="Keep", exact=True).click()
    await page.goto("/staff/queries")
    await page.get_by_role("link", name="Those of ali").click()
    await expect(page.get_by_label("Part of the name")).to_have_value("ali")
    await page.get_by_role("button", name="Remove filter 1: Name").click()
    await expect(page.get_by_label("Part of the name")).to_have_count(0)
    await page.get_by_role("button", name="Delete the query Those of ali").click()
    await expect(page.get_by_role("link", name="Those of ali")).to_have_count(0)
