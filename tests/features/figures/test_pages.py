"""The pages of figures say what a small log, worked through by hand, has in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.config.access import Bundle
from bridge.events import AnyEvent, PlayerJoined, PlayerLeft, ServerFollowed, ServerId
from bridge.features.figures import Figures
from bridge.features.staff import Staff
from tests.features.small_log import OVER, at, derive

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk

PAGES = ("/staff/figures", "/staff/figures/players", "/staff/figures/hours", "/staff/figures/compare")
WEEK = "period=2026-W27"


@pytest.fixture
async def desk(open_desk: OpenDesk) -> AsyncIterator[Desk]:
    """A manager's desk."""
    async with open_desk(
        Staff, Figures, community={"time-zone": "Europe/Paris"}, statistics={"staff-players": ["Lena"]}
    ) as opened:
        await opened.sign_in(Bundle.MANAGER)
        yield opened


def cards(html: str) -> dict[str, tuple[str, str]]:
    """Return each card's value and change."""
    found = {}
    for card in re.findall(r'<div class="card">(.*?)</div>', html, re.DOTALL):
        label, value = (re.search(f"<{tag}>([^<]*)<", card) for tag in ("dt", 'dd class="value"'))
        change = re.search('<dd class="change">([^<]*)<', card)
        assert label is not None
        assert value is not None
        found[label[1]] = (value[1], change[1] if change else "")
    return found


async def test_a_week_in_figures(desk: Desk) -> None:
    """Mira 120, Noah 105 and 10:01, Lena 75 minutes; five sessions, as Mira's relog is none."""
    await derive(desk.parts.store, desk.parts.journal, OVER)
    html = await desk.page(f"/staff/figures?server=survival&{WEEK}")
    found = cards(html)
    assert found["Players"] == ("3", "none before")
    assert found["New players"] == ("3", "none before")
    assert found["Returning players"] == ("0", "")
    assert found["Play time"] == ("5 h 10 min", "none before")
    assert found["Sessions"] == ("5", "none before")
    assert found["Most at a time"] == ("2", "none before")
    assert "Week 27: 29 Jun 2026 to 5 Jul 2026" in html
    # Observed from Friday 19:00 to Sunday 24:00, 53 of 168 hours.
    assert "32 % of the week observed" in html


async def test_the_day_after_beside_the_day_before(desk: Desk) -> None:
    """On the 3rd 225 minutes were played, on the 4th 85 and a second."""
    await derive(desk.parts.store, desk.parts.journal, OVER)
    found = cards(await desk.page("/staff/figures?period=2026-07-04"))
    assert found["Play time"] == ("1 h 25 min", "\u221262 % (before: 3 h 45 min)")
    assert found["Players"] == ("3", "as before (3)")
    assert found["New players"] == ("0", "\u2212100 % (before: 3)")


async def test_the_table_for_spreadsheets(desk: Desk) -> None:
    await derive(desk.parts.store, desk.parts.journal, OVER)
    async with desk.client.get(f"/staff/figures/figures.csv?{WEEK}") as answer:
        assert answer.content_type == "text/csv"
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert len(rows) == 13
    assert rows[-1] | {"mean": ""} == {
        "period": "2026-W27",
        "complete": "True",
        "coverage": f"{53 / 168:.4f}",
        "players": "3",
        "newcomers": "3",
        "returning": "0",
        "seconds": str(7200 + 6300 + 601 + 4500),
        "starts": "5",
        "peak": "2",
        "mean": "",
    }
    assert {row["players"] for row in rows[:-1]} == {"0"}


async def test_a_closer_look_at_the_curve(desk: Desk) -> None:
    await derive(desk.parts.store, desk.parts.journal, OVER)
    """From two days down to two hours: hour by hour, then change by change."""

    async def curve(begins: str, ends: str) -> dict[float, int]:
        query = f"from={at(begins).timestamp()}&to={at(ends).timestamp()}"
        async with desk.client.get(f"/staff/figures/curve.json?{query}") as answer:
            found = await answer.json()
        return dict(zip(found["t"], found["v"][0], strict=True))

    hourly = await curve("3 00:00:00", "5 00:00:00")
    assert hourly[at("3 20:00:00").timestamp()] == 2
    assert hourly[at("3 22:00:00").timestamp()] == 1
    assert await curve("3 20:15:00", "3 21:30:00") == {
        at("3 20:15:00").timestamp(): 1,
        at("3 20:30:00").timestamp(): 2,  # Noah joins
        at("3 21:00:00").timestamp(): 1,  # Mira leaves
        at("3 21:04:00").timestamp(): 2,  # and is back
        at("3 21:30:00").timestamp(): 2,
    }


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_before_anything_is_known(desk: Desk, path: str, language: str) -> None:
    html = await desk.page(path, language=language)
    assert "figures." not in re.sub(r"/static/\S+|figures\.csv", "", html)


@pytest.mark.parametrize("query", ["period=2026-W99", "period=0000-01", "period=x&server=x", "span=century"])
async def test_what_makes_no_sense_is_the_last_week(desk: Desk, query: str) -> None:
    assert cards(await desk.page(f"/staff/figures?{query}")).keys()


async def test_who_stays_and_when_staff_is_missing(desk: Desk) -> None:
    """Mira came a lot and stays away since 20 days; Lena, who is staff, was there an hour of the last two."""
    now = datetime.now(UTC).replace(microsecond=0)
    server = ServerId("survival")
    events: list[AnyEvent] = [ServerFollowed(at=now - timedelta(days=80), server=server)]

    def stay(name: str, days: float, hours: float) -> None:
        begins = now - timedelta(days=days)
        events.append(PlayerJoined(at=begins, server=server, player=name))
        events.append(PlayerLeft(at=begins + timedelta(hours=hours), server=server, player=name))

    stay("Mira", 50, 5)
    stay("Mira", 40, 1)
    stay("Mira", 20, 1)
    stay("Noah", 5, 2)
    stay("Lena", 4.95, 0.5)
    events.sort(key=lambda event: event.at)
    await derive(desk.parts.store, desk.parts.journal, events, now=lambda: now)
    players = await desk.page("/staff/figures/players")
    assert "<bdi>Mira</bdi>" in players
    assert "<bdi>Noah</bdi>" not in players
    assert "1 of 1 new players stayed." in players  # Mira, in both halves of her first thirty days
    hours = await desk.page("/staff/figures/hours")
    # In four weeks Mira an hour, Noah two, and Lena half an hour while he was there.
    assert re.search(r"staff was there 17\s% of the time", hours)


async def test_two_days_side_by_side(desk: Desk) -> None:
    await derive(desk.parts.store, desk.parts.journal, OVER)
    html = await desk.page("/staff/figures/compare?period=2026-07-03&other-period=2026-07-04")
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>' + r'<td class="number">([^<]*)</td>' * 3, html)
    assert ("Play time", "3 h 45 min", "1 h 25 min", "+165 %") in rows
    assert ("Most at a time", "2", "1", "+100 %") in rows
    assert "All servers, 3 Jul 2026" in html
    assert "All servers, 4 Jul 2026" in html
