"""The owner comes in with a link that is good once."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bridge.features.sign_in.links import LINK_S, make_link
from bridge.website.secrets import site_key

if TYPE_CHECKING:
    from tests.features.sign_in.conftest import House


async def link_of(house: House) -> str:
    key = await asyncio.to_thread(site_key, house.parts.store.path.parent)
    return f"/sign-in/owner/{make_link(key, house.clock())}"


async def test_a_link_opens_everything_once(house: House) -> None:
    link, owner, other = await link_of(house), await house.browser(), await house.browser()
    used = await owner.post(link, await owner.get(link))
    assert (used.status, used.headers["Location"]) == (303, "/staff")
    assert (await owner.get("/staff/settings")).status == 200
    assert "Owner" in (await owner.get("/sign-in")).text
    again = await other.post(link, await other.get(link))
    assert (again.status, "This link is over" in again.text) == (410, True)
    assert await house.audit() == [
        ("owner:owner", "sign-in.owner", "admin"),
        ("visitor", "sign-in.refused", "link"),
    ]


async def test_looking_at_a_link_does_not_use_it_up(house: House) -> None:
    """Mail and chat programs open every link that they carry."""
    link, scanner, owner = await link_of(house), await house.browser(), await house.browser()
    for _ in range(20):
        page = await scanner.get(link)
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert (await owner.post(link, await owner.get(link))).status == 303
    assert (await scanner.get("/staff")).status == 401


async def test_a_link_is_over_after_five_minutes(house: House) -> None:
    link, owner = await link_of(house), await house.browser()
    shown = await owner.get(link)
    house.clock.go_on(LINK_S)
    assert (await owner.post(link, shown)).status == 410
    assert (await owner.get(link)).status == 410


async def test_a_link_of_another_key_is_none(house: House) -> None:
    owner = await house.browser()
    link = f"/sign-in/owner/{make_link(os.urandom(32), house.clock())}"
    assert (await owner.get(link)).status == 410
    assert (await owner.post(link)).status == 410
    assert (await owner.get("/staff")).status == 401


@pytest.mark.parametrize("token", ["x", "é", "a" * 64, "%00", "a" * 5000])
async def test_what_is_no_link_is_told_as_one_that_is_over(house: House, token: str) -> None:
    assert (await (await house.browser()).get(f"/sign-in/owner/{token}")).status == 410


async def test_a_form_of_another_site_uses_nothing_up(house: House) -> None:
    link, owner = await link_of(house), await house.browser()
    shown = await owner.get(link)
    data = {"csrf": owner.csrf(shown)}
    async with owner.client.post(link, data=data, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403
    assert (await owner.post(link, shown)).status == 303


async def test_six_attempts_in_ten_minutes_are_one_too_many(house: House) -> None:
    browser, good = await house.browser(), await link_of(house)
    shown = await browser.get("/sign-in")
    with capture_logs() as logs:
        found = [(await browser.post("/sign-in/owner/x", shown)).status for _ in range(6)]
    assert found == [410] * 5 + [429]
    assert "an address tries to sign in too often" in [entry["event"] for entry in logs]
    assert (await browser.post(good, shown)).status == 429
    assert len(await house.audit()) == 5
    elsewhere = await house.browser(headers={"X-Test-From": "192.0.2.2"})
    assert (await elsewhere.post(good, await elsewhere.get(good))).status == 303


async def test_used_links_are_remembered_by_the_store_as_long_as_they_would_be_good(house: House) -> None:
    first, owner = await link_of(house), await house.browser()
    await owner.post(first, await owner.get(first))
    house.clock.at += timedelta(seconds=LINK_S + 1)
    second = await link_of(house)
    await owner.post(second, await owner.get(second))
    async with house.parts.store.reading() as conn:
        rows = await conn.exec_driver_sql("SELECT COUNT(*) FROM login_links")
        assert rows.scalar_one() == 1


async def test_an_owner_signs_out_everywhere(house: House) -> None:
    browsers = [await house.browser(), await house.browser()]
    for browser in browsers:
        link = await link_of(house)
        await browser.post(link, await browser.get(link))
    await browsers[0].post("/sign-out/everywhere", await browsers[0].get("/sign-in"))
    assert [(await browser.get("/staff")).status for browser in browsers] == [401, 401]
