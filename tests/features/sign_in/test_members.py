"""Staff come in with their Discord account, and leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bridge.config.access import Bundle
from bridge.website.sessions import CHECK_EVERY, Unchecked

if TYPE_CHECKING:
    from tests.features.sign_in.conftest import Browser, House, OpenHouse


async def in_as_moderator(house: House) -> Browser:
    browser = await house.browser()
    member = house.sim.add_member("Mira", roles=[house.moderators])
    assert (await browser.sign_in(member)).path == "/staff"
    return browser


async def test_a_moderator_comes_in_and_goes_where_they_wanted(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    browser = await house.browser()
    assert (await browser.get("/staff")).status == 401
    page = await browser.sign_in(mira, "/staff?a=1&b=é")
    assert (page.status, page.path) == (200, "/staff")
    assert await house.audit() == [(f"member:{mira.id}", "sign-in", "moderator")]
    assert house.sim.oauth.tokens == 0


async def test_who_owns_the_guild_may_do_everything(house: House) -> None:
    browser = await house.browser()
    assert (await browser.sign_in(house.sim.world.owner, "/staff/settings")).status == 200


async def test_a_member_without_a_role_comes_in_as_a_player_and_is_told_what_that_means(house: House) -> None:
    browser = await house.browser()
    page = await browser.sign_in(house.sim.add_member("Odo"), "/staff")
    assert (page.status, page.path) == (200, "/sign-in")
    assert "Odo (player)" in page.text
    assert "None of your roles on Discord opens pages for staff" in page.text
    assert (await browser.get("/staff")).status == 403


async def test_somebody_from_elsewhere_is_not_let_in(house: House) -> None:
    stranger = house.sim.add_member("Stranger")
    house.sim.world.remove_member(stranger)
    browser = await house.browser()
    page = await browser.sign_in(stranger)
    assert (page.status, page.path) == (403, "/signed-in")
    assert "You are not in our Discord" in page.text
    assert await house.audit() == [("visitor", "sign-in.refused", "not-a-member")]
    assert "passerelle" not in browser.cookies()


async def test_who_refuses_on_discords_page_is_told_that_nothing_was_passed_on(house: House) -> None:
    browser = await house.browser()
    page = await browser.sign_in(None, "/staff")
    assert (page.status, "Nothing was passed on" in page.text) == (403, True)
    assert '"/sign-in?next=/staff"' in page.text


async def test_each_way_back_is_good_once(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    browser = await house.browser()
    url = await browser.to_discord()
    async with browser.client.post(url, data={"member": mira.id}, allow_redirects=False) as answer:
        back = answer.headers["Location"]
    first, second = [await browser.get(back, allow_redirects=False) for _ in range(2)]
    assert (first.status, second.status) == (303, 400)
    assert "Please begin again" in second.text


async def test_a_way_back_is_for_the_browser_that_began(house: House) -> None:
    """Nobody is signed in as somebody else by opening a link that the other has sent."""
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    attacker, victim = await house.browser(), await house.browser()
    url = await attacker.to_discord()
    async with attacker.client.post(url, data={"member": mira.id}, allow_redirects=False) as answer:
        back = answer.headers["Location"]
    await victim.to_discord()  # has a cookie of its own
    assert (await victim.get(back)).status == 400
    assert (await victim.get("/staff")).status == 401
    assert (await house.audit())[-1] == ("visitor", "sign-in.refused", "state")


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?code=y", "?error=access_denied"])
async def test_a_way_back_that_nobody_began(house: House, query: str) -> None:
    page = await (await house.browser()).get(f"/signed-in{query}")
    assert page.status == 400
    assert page.headers["Cache-Control"] == "no-store"


async def test_the_way_back_without_a_code(house: House) -> None:
    browser = await house.browser()
    url = await browser.to_discord()
    state = url.split("state=")[1].split("&")[0]
    page = await browser.get(f"/signed-in?state={state}&error=server_error")
    assert (page.status, "That did not work" in page.text) == (400, True)


@pytest.mark.parametrize("how", ["error", "hang", "limited"])
async def test_discord_is_down(house: House, how: str) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    match how:
        case "error":
            house.sim.faults.error(500, path="/oauth2/token$")
        case "hang":
            house.sim.faults.hang(path="/oauth2/token$")
            assert house.feature._members is not None
            assert house.feature._members._oauth is not None
            object.__setattr__(house.feature._members._oauth._timeout, "total", 0.2)
        case _:
            house.sim.faults.limited(3.0, path="/oauth2/token$")
    browser = await house.browser()
    with capture_logs() as logs:
        page = await browser.sign_in(mira)
    assert (page.status, "Discord does not answer" in page.text) == (503, True)
    assert page.headers["Retry-After"]
    assert "nobody can sign in now" in [entry["event"] for entry in logs]
    assert (await browser.sign_in(mira)).path == "/staff"


async def test_a_wrong_secret_is_for_the_owner_to_mend(house: House) -> None:
    house.sim.register_oauth("another secret", f"{house.site.url}/signed-in")
    with capture_logs() as logs:
        page = await (await house.browser()).sign_in(house.sim.add_member("Mira"))
    assert (page.status, "not your doing" in page.text) == (503, True)
    (told,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert "client-secret" in told["why"]


async def test_signing_out_ends_this_session_only(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    here, there = await house.browser(), await house.browser()
    shown = [await each.sign_in(mira) for each in (here, there)]
    gone = await here.post("/sign-out", shown[0])
    assert (gone.status, gone.headers["Location"]) == (303, "/")
    assert [(await each.get("/staff")).status for each in (here, there)] == [401, 200]
    assert (await house.audit())[-1] == (f"member:{mira.id}", "sign-out", None)


async def test_signing_out_everywhere_ends_all_of_mine_and_nobody_elses(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    here, there, elsewhere = [await house.browser() for _ in range(3)]
    shown = await here.sign_in(mira)
    await there.sign_in(mira)
    await elsewhere.sign_in(house.sim.world.owner)
    assert (await here.post("/sign-out/everywhere", shown)).status == 303
    found = [(await each.get("/staff")).status for each in (here, there, elsewhere)]
    assert found == [401, 401, 200]
    assert (await house.audit())[-1] == (f"member:{mira.id}", "sign-out.everywhere", None)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/sign-out/everywhere"])
async def test_forms_of_other_sites_do_nothing(house: House, path: str) -> None:
    browser = await in_as_moderator(house)
    for headers, csrf in (({"Sec-Fetch-Site": "cross-site"}, None), ({}, "guessed")):
        token = csrf or browser.csrf(await browser.get("/sign-in"))
        async with browser.client.post(
            path, data={"csrf": token}, headers=headers, allow_redirects=False
        ) as answer:
            assert answer.status == 403
    assert (await browser.get("/staff")).status == 200


async def test_who_loses_a_role_loses_its_pages_within_a_minute(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    browser = await house.browser()
    await browser.sign_in(mira)
    house.sim.world.change_member(mira, roles=())
    house.clock.go_on(CHECK_EVERY.total_seconds())
    assert (await browser.get("/staff")).status == 403


async def test_who_leaves_the_guild_is_signed_out(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    browser = await house.browser()
    await browser.sign_in(mira)
    house.sim.world.remove_member(mira)
    house.clock.go_on(CHECK_EVERY.total_seconds())
    assert (await browser.get("/staff")).status == 401


async def test_while_discord_is_down_nobody_is_thrown_out_at_once(house: House) -> None:
    mira = house.sim.add_member("Mira", roles=[house.moderators])
    browser = await house.browser()
    await browser.sign_in(mira)
    house.sim.faults.start_outage()
    house.clock.go_on(CHECK_EVERY.total_seconds())
    assert (await browser.get("/staff")).status == 200
    with pytest.raises(Unchecked):
        await house.feature.recheck(mira.id)


async def test_what_a_member_may_do_by_now(house: House) -> None:
    mira, odo = house.sim.add_member("Mira", roles=[house.moderators]), house.sim.add_member("Odo")
    ids = (mira.id, odo.id, house.sim.world.owner.id, "42")
    found = [await house.feature.recheck(id_) for id_ in ids]
    assert found == [Bundle.MODERATOR, Bundle.PLAYER, Bundle.ADMIN, None]


async def test_settings_that_change_count_for_who_comes_next(house: House) -> None:
    odo = house.sim.add_member("Odo", roles=[role := house.sim.add_role("Builder")])
    staff = house.parts.settings.staff.model_copy(update={"roles": {role.id: Bundle.HELPER}})
    settings = house.parts.settings.model_copy(update={"staff": staff})
    house.feature.reload(settings, house.parts.catalogue)
    assert (await (await house.browser()).sign_in(odo)).path == "/staff"
    assert await house.feature.recheck(odo.id) is Bundle.HELPER


async def test_eleven_attempts_in_ten_minutes_are_one_too_many(house: House) -> None:
    browser = await house.browser()
    shown = await browser.get("/sign-in")
    found = [await browser.post("/sign-in", shown) for _ in range(10)]
    assert {page.status for page in found} == {303}
    with capture_logs() as logs:
        page = await browser.post("/sign-in", shown)
    assert (page.status, "Too many attempts" in page.text) == (429, True)
    assert 0 < int(page.headers["Retry-After"]) <= 600
    assert [entry["address"] for entry in logs if entry["log_level"] == "warning"] == ["192.0.2.1"]
    assert (await browser.get("/signed-in?state=x&code=y")).status == 429
    elsewhere = await house.browser(headers={"X-Test-From": "192.0.2.2"})
    assert (await elsewhere.post("/sign-in")).status == 303


async def test_the_page_leads_to_discord_and_policy_and_cookies_let_it(house: House) -> None:
    browser = await house.browser()
    shown = await browser.get("/sign-in")
    assert f"form-action 'self' {house.sim.world.base_url};" in shown.headers["Content-Security-Policy"]
    sent = await browser.post("/sign-in", shown)
    cookie = sent.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/signed-in" in cookie
    assert "Secure" not in cookie


async def test_behind_tls_the_cookie_needs_tls_and_the_way_back_is_the_public_one(
    open_house: OpenHouse,
) -> None:
    async with open_house(public_url="https://mc.example.org/") as house:
        browser = await house.browser()
        sent = await browser.post("/sign-in")
    assert "redirect_uri=https%3A%2F%2Fmc.example.org%2Fsigned-in&" in sent.headers["Location"]
    assert "Secure" in sent.headers["Set-Cookie"]


@pytest.mark.parametrize("without", ["discord", "application"])
async def test_without_discord_the_page_tells_the_owners_way(open_house: OpenHouse, without: str) -> None:
    options = {"with_discord": False} if without == "discord" else {"sign_in": None}
    async with open_house(**options) as house:
        browser = await house.browser()
        shown = await browser.get("/sign-in")
        assert "passerelle login-link" in shown.text
        assert 'action="/sign-in"' not in shown.text
        assert (await browser.get("/signed-in?state=x")).status == 400
        if without == "discord":
            assert await house.feature.recheck("1") is None


async def test_the_pages_speak_french(house: House) -> None:
    browser = await house.browser(headers={"Accept-Language": "fr"})
    assert "Se connecter avec Discord" in (await browser.get("/sign-in")).text
    assert "Recommencer" in (await browser.get("/signed-in")).text
