"""What staff see at their desk, and what they do not. An unknown sentence would be an error page."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from bridge.config.access import Bundle
from bridge.events import PlayerJoined, ServerId, ServerStarted
from bridge.features.board import Condition, Report
from bridge.features.staff import reports
from bridge.journal import ReaderName, Start
from bridge.store.audit import AuditEntry, add_audit_entry

if TYPE_CHECKING:
    from tests.features.conftest import Desk

PAGES = {
    "/staff": Bundle.HELPER,
    "/staff/health": Bundle.MANAGER,
    "/staff/deliveries": Bundle.MANAGER,
    "/staff/audit": Bundle.MANAGER,
    "/staff/settings": Bundle.ADMIN,
}


async def entry(desk: Desk, action: str, *, who: str = "member:1", became: str | None = None) -> None:
    async with desk.parts.store.transaction() as tx:
        await add_audit_entry(
            tx,
            AuditEntry(
                at=datetime(2026, 7, 1, 12, tzinfo=UTC),
                who=who,
                who_name="<b>Mira</b>",
                action=action,
                target="token 1",
                address="127.0.0.1",
                became=became,
            ),
        )


@pytest.mark.parametrize("bundle", Bundle)
async def test_each_page_opens_from_its_rung_on(desk: Desk, bundle: Bundle) -> None:
    rungs = list(Bundle)
    await desk.sign_in(bundle)
    for path, lowest in PAGES.items():
        wanted = HTTPStatus.OK if rungs.index(bundle) >= rungs.index(lowest) else HTTPStatus.FORBIDDEN
        assert await desk.status(path) == wanted, path


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_page_is_worded_in_the_visitors_language(desk: Desk, language: str) -> None:
    await desk.sign_in(Bundle.ADMIN)
    await entry(desk, "tokens.created")
    for path in PAGES:
        html = await desk.page(path, language=language)
        assert f'<html lang="{language}">' in html
        assert ("Sign out" if language == "en" else "Se déconnecter") in html


async def test_the_overview_tells_what_is_in_trouble(desk: Desk) -> None:
    async def reports() -> list[Report]:
        return [
            Report(name="feed:blog", title="Blog", condition=Condition.WELL),
            Report(name="hook:shop", title="Shop", condition=Condition.TROUBLE, problem="<i>no</i> answer"),
        ]

    desk.parts.board.add_reports(reports)
    await desk.sign_in(Bundle.HELPER)
    html = await desk.page("/staff")
    assert "2 things need a look." in html, "RCON is not connected either"
    assert "&lt;i&gt;no&lt;/i&gt; answer" in html
    assert html.index("Shop") < html.index("Blog"), "trouble comes first"


async def test_a_report_that_breaks_hides_nothing(desk: Desk) -> None:
    async def broken() -> list[Report]:
        raise RuntimeError("broken")

    desk.parts.board.add_reports(broken)
    await desk.sign_in(Bundle.MANAGER)
    assert "Survival · RCON" in await desk.page("/staff/health")


async def test_health_says_what_to_do(desk: Desk) -> None:
    await desk.sign_in(Bundle.MANAGER)
    html = await desk.page("/staff/health")
    assert "not connected yet" in html
    assert "enable-rcon=true" in html


async def test_only_what_a_reader_reads_waits_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.sign_in(Bundle.MANAGER)
    await desk.parts.journal.reader(ReaderName("starts"), (ServerStarted,), start=Start.BEGINNING)
    row = '<th scope="row"><code>starts</code></th><td class="number">{}</td>'
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    await desk.happen(*(PlayerJoined(at=at, server=ServerId("survival"), player="Mira") for _ in range(3)))
    assert row.format(0) in await desk.page("/staff/deliveries")
    await desk.happen(*(ServerStarted(at=at, server=ServerId("survival")) for _ in range(2)))
    assert row.format(2) in await desk.page("/staff/deliveries")
    monkeypatch.setattr(reports, "MOST_COUNTED", 2)
    assert row.format("2 or more") in await desk.page("/staff/deliveries")


async def test_the_audit_log_is_paged_and_narrowed_down_and_escaped(desk: Desk) -> None:
    for number in range(150):
        await entry(desk, "tokens.created", became=f"number {number}")
    await entry(desk, "sessions.ended", who="member:2")
    await desk.sign_in(Bundle.MANAGER)
    first = await desk.page("/staff/audit")
    assert "number 149" in first
    assert "number 40" not in first
    assert "&lt;b&gt;Mira" in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = await desk.page(older)
    assert "number 40" in second
    assert "number 149" not in second
    only = await desk.page("/staff/audit?who=member:2")
    assert "sessions.ended" in only
    assert "tokens.created" not in only
    assert await desk.status("/staff/audit?before=x") == HTTPStatus.BAD_REQUEST


async def test_no_secret_is_shown_with_the_settings(desk: Desk) -> None:
    await desk.sign_in(Bundle.ADMIN)
    html = await desk.page("/staff/settings")
    assert "servers.survival.rcon.password" in html
    assert "set, not shown" in html
    assert "servers.survival.rcon.port" in html
    assert SECRET_TEXT not in html


async def test_what_staff_see_is_not_kept_by_browsers_and_proxies(desk: Desk) -> None:
    await desk.sign_in(Bundle.ADMIN)
    async with desk.client.get("/staff") as answer:
        assert answer.headers["Cache-Control"] == "private, no-store"


SECRET_TEXT = "a secret of the settings"
