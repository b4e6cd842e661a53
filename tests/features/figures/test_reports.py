"""Reports say what a small log, worked through by hand, has in it: in words, as pages, for programs."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bridge.config.access import Bundle
from bridge.config.settings import BridgeSettings
from bridge.features.figures import Figures
from bridge.features.figures.periods import Period
from bridge.features.figures.report_formats import to_html, to_json, to_report_markdown, to_text
from bridge.features.figures.report_words import Told, told
from bridge.features.figures.reports import Report, data_of, report_of, reported
from bridge.features.naming import Names
from bridge.features.staff import Staff
from bridge.locales import Catalogue
from bridge.statistics.calendar import Span
from bridge.store.statistics.incidents import Incident, keep_incident
from bridge.store.statistics.samples import MINUTE_MS, MinuteState, Sample, add_samples
from bridge.store.times import to_ms
from tests.features.small_log import OVER, PARIS, SERVER, at, derive

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

LATER = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
WEEK = Period.named("2026-W27", PARIS)  # 29 June to 5 July


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A manager's desk ten days after the small log."""
    zone = {"time-zone": "Europe/Paris", "name": "Stonebridge"}
    async with open_desk(Staff, Figures, now=lambda: LATER, community=zone) as opened:
        await opened.sign_in(Bundle.MANAGER)
        await derive(opened.parts.store, opened.parts.journal, OVER)
        yield opened


async def known_minutes(desk: Desk) -> None:
    """Of Friday 19:00 to 21:00 it is known how the server was: of 120 minutes it was down for six."""
    first = to_ms(at("3 19:00:00")) // MINUTE_MS
    samples = [
        Sample(first + n, MinuteState.DOWN if 60 <= n < 66 else MinuteState.UP, online=0) for n in range(120)
    ]
    outage = Incident(server=SERVER, cause="crash", began=at("3 20:00:00"), ended=at("3 20:06:00"))
    async with desk.parts.store.transaction() as tx:
        await add_samples(tx, 1, samples, zone=PARIS)
        await keep_incident(tx, outage)


async def report(
    desk: Desk, period: Period = WEEK, *, now: datetime = LATER, hidden: str = "", unranked: str = ""
) -> Report:
    """The report of a week as the settings let it be."""
    settings = desk.parts.settings.model_dump(exclude_unset=True) | {
        "privacy": {
            "hidden-players": [hidden] if hidden else [],
            "unranked-players": [unranked] if unranked else [],
        }
    }
    async with desk.parts.store.reading() as conn:
        return await report_of(conn, BridgeSettings.model_validate(settings), period, now_ms=to_ms(now))


def worded(found: Report, language: str, desk: Desk) -> tuple[Told, Catalogue]:
    words = Catalogue.load(language)
    title_of = Names(desk.parts.settings).server
    return told(found, words, community="Stonebridge", title_of=title_of), words


async def test_a_week_in_english(desk: Desk) -> None:
    """See test_pages.py for the sums; the first sign of anybody is that week, so nothing is compared."""
    await known_minutes(desk)
    text = to_report_markdown(*worded(await report(desk), "en", desk)).replace("\u00a0", " ")
    assert text == (
        "# Stonebridge: the week in figures\n\n"
        "Week 27: 29 Jun 2026 to 5 Jul 2026, by the clock of Europe/Paris\n\n"
        "## Survival\n\n"
        "*32 % of the week observed*\n\n"
        "- Players: **3**\n"
        "- New players: **3**\n"
        "- Returning players: **0**\n"
        "- Play time: **5 h 10 min**\n"
        "- Sessions: **5**\n"
        "- Most at a time: **2**; 3 Jul 2026, 20:30\n"
        "- Players on average: **0.1**\n"  # 5.17 hours in 53
        "- Deaths: **1**\n"
        "- Advancements: **1**\n"
        "- Lines said: **1**\n\n"
        "**Who played most**\n"
        "1. Mira, 2 h\n"
        "2. Noah, 1 h 55 min\n"
        "3. Lena, 1 h 15 min\n\n"
        "- Nothing of the week before was observed, so it is not compared with it.\n"
        # 114 of 120 minutes; 120 of the 10,080 minutes of a week.
        "- Survival was up 95 % of the time, 1 % of which is known. 1 outage, 6 min.\n"
    )


async def test_the_week_after_in_french(desk: Desk) -> None:
    """Nobody came; compared with a week of which a third was observed, the mean is that week's alone."""
    found = await report(desk, WEEK.after)
    text = to_text(*worded(found, "fr", desk))
    for sign, plain in (("\u00a0", " "), ("\u202f", " "), ("\u2019", "'")):
        text = text.replace(sign, plain)
    title, about, *rest = text.splitlines()
    assert title == "Stonebridge : la semaine en chiffres"
    assert about == "Semaine 28 : du 6 juil. 2026 au 12 juil. 2026, à l'heure de Europe/Paris"
    assert "Joueurs : 0; \u2212100 % (avant : 3); moyenne d'au plus 4 avant : 3,0" in rest
    usual = "moyenne d'au plus 4 avant : 5 h 10 min"
    assert f"Temps de jeu : 0 s; \u2212100 % (avant : 5 h 10 min); {usual}" in rest
    assert "Comparé à la semaine précédente, observée à 32 %." in rest
    assert "Survival : on ne sait pas combien de temps il a fonctionné." in rest


async def test_a_month_that_goes_on_is_compared_with_nothing(desk: Desk) -> None:
    found = await report(desk, Period.named("2026-07", PARIS))
    told_, words = worded(found, "en", desk)
    assert told_.about == "July 2026 (goes on), by the clock of Europe/Paris"
    assert {(row.change, row.usual) for row in told_.sections[0].rows} == {("", "")}
    assert told_.sections[0].notes[0] == "This time goes on, so it is not compared with the one before."
    assert words.language == "en"


async def test_who_stayed_of_those_who_came_before(desk: Desk) -> None:
    """45 days after their first evening, of the three who never came again none has stayed."""
    found = await report(desk, Period.named("2026-W33", PARIS), now=datetime(2026, 8, 20, tzinfo=UTC))
    notes = worded(found, "en", desk)[0].sections[0].notes
    assert "Of 3 players who first came 60 to 30 days before the end, 0 stayed" in notes[1]


async def test_hidden_and_unranked_players_are_left_out(desk: Desk) -> None:
    found = await report(desk, hidden="Mira", unranked="noah")
    assert [(each.place, each.name) for each in found.parts[0].top] == [(1, "Lena")]
    assert found.parts[0].now.players == 3  # counted all the same


async def test_all_servers_together_come_first(open_desk: OpenDesk) -> None:
    servers = {"survival": {"title": "Survival"}, "creative": {"title": "Creative"}}
    async with open_desk(Staff, Figures, now=lambda: LATER, servers=servers) as opened:
        await derive(opened.parts.store, opened.parts.journal, OVER)
        found = await report(opened)
        told_, _ = worded(found, "en", opened)
    assert [section.title for section in told_.sections] == ["All servers", "Survival", "Creative"]
    assert [part.now.players for part in found.parts] == [3, 3, 0]
    assert len(told_.sections[0].notes) == 3  # with what it is compared, and how each server was


async def test_for_programs(desk: Desk) -> None:
    await known_minutes(desk)
    read = json.loads(to_json(data_of(await report(desk, WEEK))))
    assert (read["period"], read["begins"], read["complete"]) == ("2026-W27", "2026-06-28T22:00:00Z", True)
    (part,) = read["parts"]
    figures = {each.pop("name"): each for each in part["figures"]}
    assert figures["seconds"] == {"value": 7200 + 6300 + 601 + 4500, "before": None, "usual": None}
    assert (part["coverage"], part["coverage_before"]) == (53 / 168, 0.0)
    assert part["uptime"] == [
        {
            "server": "survival",
            "share": 114 / 120,
            "coverage": 120 / 10080,
            "outages": 1,
            "outage_seconds": 360,
        }
    ]


async def test_names_are_no_markup(desk: Desk) -> None:
    found = await report(desk)
    words = Catalogue.load("en")
    read = told(found, words, community="<b>*x*</b>", title_of=str)
    assert "<b>" not in to_html(read, words, link="https://example.org/?a=1&b=2")
    assert "\\*x\\*" in to_report_markdown(read, words)


async def test_the_list_and_a_page_that_prints(desk: Desk) -> None:
    html = await desk.page("/staff/reports")
    assert re.findall(r"/staff/reports/(\d{4}-\w+)", html) == ["2026-W28", "2026-W27"]
    page = await desk.page("/staff/reports/2026-W27")
    assert "<h2>Survival</h2>" in page
    assert re.search(r"Mira, 2\sh<", page)
    assert "<svg" in page
    assert "@media print" in await desk.page(re.findall(r'href="(/static/figures[^"]+)"', page)[0])
    assert await desk.status("/staff/reports/2026-W27?server=survival") == 200


@pytest.mark.parametrize("name", ["2026-W31", "2026-07-04", "2026-W99", "0001-01", "x", "2026-W27?server=x"])
async def test_there_is_no_other_report(desk: Desk, name: str) -> None:
    """Of the future, of a day, of no period, of no server."""
    assert await desk.status(f"/staff/reports/{name}") == 404


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_pages_before_anything_is_known(open_desk: OpenDesk, language: str) -> None:
    async with open_desk(Staff, Figures, now=lambda: LATER) as opened:
        await opened.sign_in(Bundle.MANAGER)
        for path in ("/staff/reports", "/staff/reports/2026-07"):
            assert "reports." not in await opened.page(path, language=language)


def test_a_week_of_the_clocks_change_has_167_hours() -> None:
    week = reported("2026-W13", PARIS, now_ms=to_ms(LATER))
    assert week.span is Span.WEEK
    assert (week.ends_ms - week.begins_ms) / 3_600_000 == 167


async def test_for_programs_over_the_api(desk: Desk) -> None:
    async def ask(query: str) -> tuple[int, dict[str, Any]]:
        async with desk.client.get(f"/api/v1/figures{query}") as answer:
            return answer.status, await answer.json(content_type=None)

    status, read = await ask("?period=2026-W27&server=survival")
    assert (status, read) == (200, json.loads(to_json(data_of(await report(desk)))))
    assert (await ask(""))[1]["period"] == "2026-W28"
    for query in ("?period=2026-W40", "?period=x", "?server=creative"):
        assert (await ask(query))[0] == 404
