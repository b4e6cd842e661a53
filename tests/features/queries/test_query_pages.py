"""Staff ask for players on the website, without scripts."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
import pytest

from bridge.config.access import Bundle
from bridge.features.queries.forms import KINDS
from bridge.store.audit import audit_entries
from bridge.store.saved_queries import saved_queries

if TYPE_CHECKING:
    from tests.features.conftest import Desk

HERE = "/staff/queries"
MIRA = f"{HERE}?1=play-time&1.at_least=60&1.from=2026-06-10&1.to=2026-06-30"


def names(html: str) -> list[str]:
    """The players in the table."""
    table = html[: html.index("Keep this query")]
    return re.findall(r'<th scope="row"><bdi[^>]*>([^<]*)</bdi>', table)


async def test_a_manager_finds_players_by_filters(desk: Desk) -> None:
    await desk.sign_in(Bundle.MANAGER)
    html = await desk.page(MIRA)
    assert names(html) == ["Mira"]
    row = html[html.index('<th scope="row"><bdi') :]
    for words in ("1 h 30 min", "3.06", "active"):
        assert words in row
    assert "62 players" in await desk.page(HERE)
    assert names(await desk.page(f"{MIRA}&2=played-on&2.server=survival&2.not=1")) == []
    assert names(await desk.page(f"{HERE}?1=name&1.text=%3Dn")) == ["=Noah"]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_filter_has_a_form_in_both_languages(desk: Desk, language: str) -> None:
    await desk.sign_in(Bundle.ADMIN)
    everything = "&".join(f"{n}={kind}" for n, kind in enumerate(list(KINDS)[:20], 1))
    for query in (everything, "&".join(f"{n}={kind}" for n, kind in enumerate(list(KINDS)[12:], 1))):
        html = await desk.page(f"{HERE}?{query}", language=language)
        assert "queries." not in re.sub(r"/static/[^\"]*", "", html), "a sentence is missing"


async def test_filters_are_added_and_taken_away(desk: Desk) -> None:
    await desk.sign_in(Bundle.ADMIN)
    async with desk.client.get(f"{MIRA}&add=name&sort=name", allow_redirects=False) as answer:
        assert answer.status == HTTPStatus.SEE_OTHER
        location = answer.headers["Location"]
    assert location == f"{MIRA}&2=name&sort=name"
    html = await desk.page(location)
    assert "Something still has to be filled in here." in html
    assert "Fill in what is missing" in html
    async with desk.client.get(f"{location}&without=1", allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{HERE}?1=name&sort=name"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("1=play-time&1.at_least=many", "One of these values cannot be used."),
        ("1=play-time&1.at_least=5&1.at_most=4", "The least is more than the most."),
        ("1=last-seen&1.from=2026-07-01&1.to=2026-06-01", "The first day is later than the last one."),
        ("1=last-seen&1.from=1999-07-01", "A day lies between 2009 and 2099."),
        ("1=newcomer&1.week=2026-W60", "There is no such week."),
        ("1=name&1.text=<b>x", "0 players"),
    ],
)
async def test_what_is_wrong_is_told_where_it_is(desk: Desk, query: str, words: str) -> None:
    await desk.sign_in(Bundle.MANAGER)
    html = await desk.page(f"{HERE}?{query}")
    assert words in html
    assert "<b>x" not in html


async def test_pages_lead_on_to_everybody_once(desk: Desk) -> None:
    await desk.sign_in(Bundle.MANAGER)
    html = await desk.page(f"{HERE}?1=played-on&1.server=lobby&sort=play-time")
    first = names(html)
    assert first[:2] == ["Guest59", "Guest58"]
    (following,) = re.findall(r'rel="next" href="([^"]*)"', html)
    rest = names(await desk.page(unescape(following)))
    assert len(first) == 50
    assert sorted(first + rest) == [f"Guest{n:02}" for n in range(60)]
    assert await desk.status(f"{HERE}?after=nonsense") == HTTPStatus.BAD_REQUEST
    assert await desk.status(unescape(following).replace("play-time", "name")) == HTTPStatus.BAD_REQUEST


async def test_everybody_found_as_csv_and_nothing_in_it_is_a_formula(desk: Desk) -> None:
    await desk.sign_in(Bundle.MANAGER)
    async with desk.client.get(f"{HERE}/players.csv?sort=name&bom=1") as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        text = (await answer.read()).decode("utf-8")
    assert text.startswith("\ufeffname,uuid,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 62
    assert rows[0]["name"] == "'=Noah"
    assert rows[-1] == {
        "name": "Mira",
        "uuid": "aaaaaaaa-0000-4000-8000-000000000001",
        "first_seen": "2026-06-14T18:00:00Z",
        "last_seen": "2026-06-28T18:30:00Z",
        "play_time_s": "5400",
        "play_time_30_days_s": "5400",
        "sessions": "3",
        "activity_index": "3.055",
        "activity_band": "active",
    }
    async with desk.client.get(f"{HERE}/players.csv?1=name&1.text=mira") as answer:
        assert (await answer.text()).count("\r\n") == 2
    assert await desk.status(f"{HERE}/players.csv?1=name") == HTTPStatus.BAD_REQUEST
    async with desk.parts.store.reading() as conn:
        newest, first = await audit_entries(conn)
    assert (newest.action, newest.became, first.became) == ("queries.exported", "1", "62")


async def test_a_query_is_kept_renamed_and_deleted_and_all_of_it_is_noted(desk: Desk) -> None:
    csrf = await desk.sign_in(Bundle.MANAGER)
    form = {"csrf": csrf, "name": " Half  an hour <i>", "query": MIRA.partition("?")[2]}
    async with desk.client.post(HERE, data=form) as answer:
        assert str(answer.url).endswith(MIRA)
        html = await answer.text()
    assert "Half an hour &lt;i&gt;" in html
    (link,) = re.findall(r'<a href="(/staff/queries\?[^"]*)"><bdi>', html)
    assert names(await desk.page(unescape(link))) == ["Mira"]
    async with desk.client.post(f"{HERE}/1/rename", data={"csrf": csrf, "name": "Regulars"}) as answer:
        assert "Regulars" in await answer.text()
    async with desk.client.post(f"{HERE}/1/delete", data={"csrf": csrf}) as answer:
        assert "Kept queries" not in await answer.text()
    async with desk.parts.store.reading() as conn:
        assert await saved_queries(conn, most=9) == []
        entries = await audit_entries(conn)
    assert [(entry.action, entry.target) for entry in entries] == [
        ("queries.deleted", "Regulars"),
        ("queries.renamed", "1"),
        ("queries.saved", "Half an hour <i>"),
    ]
    kept = msgspec.json.decode(entries[2].became or "")
    assert kept["filters"][0] == {
        "filter": "play-time",
        "from": "2026-06-10",
        "to": "2026-06-30",
        "at_least": 60,
    }


async def test_what_cannot_be_kept_is_refused(desk: Desk) -> None:
    csrf = await desk.sign_in(Bundle.MANAGER)
    async with desk.client.post(HERE, data={"csrf": csrf, "name": " ", "query": ""}) as answer:
        assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "1 to 80 characters" in await answer.text()
    for path, form in (
        (HERE, {"name": "x", "query": "1=name"}),
        (f"{HERE}/7/rename", {"name": "x"}),
        (f"{HERE}/seven/delete", {}),
    ):
        async with desk.client.post(path, data={"csrf": csrf, **form}) as answer:
            assert answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
    async with desk.client.post(f"{HERE}/1/delete") as answer:
        assert answer.status == HTTPStatus.FORBIDDEN


async def test_moderators_may_not_ask(desk: Desk) -> None:
    assert await desk.status(HERE) == HTTPStatus.UNAUTHORIZED
    csrf = await desk.sign_in(Bundle.MODERATOR)
    assert await desk.status(HERE) == HTTPStatus.FORBIDDEN
    assert await desk.status(f"{HERE}/players.csv") == HTTPStatus.FORBIDDEN
    async with desk.client.post(HERE, data={"csrf": csrf, "name": "x", "query": ""}) as answer:
        assert answer.status == HTTPStatus.FORBIDDEN
