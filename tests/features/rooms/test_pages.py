"""A room's page, its form without a script, and who may do what there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bridge.events import ChatSaid, PlayerIdentified, PlayerJoined, ServerId, SpeakerKind

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</li></ol><h1>owned</h1>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "\x00nul\x1b[31m",
    "\u202ereversed\u202c",
    "مرحبا بالعالم",
    "a&amp;b \"quoted\" 'single'",
)


async def lines_in_journal(house: House) -> list[ChatSaid]:
    """Return what visitors said in the room, as the journal has it."""
    from bridge.journal import SourceName  # noqa: PLC0415

    records = await house.parts.journal.recent(SourceName("site:main"), (ChatSaid,), most=100)
    return [record.event for record in records if isinstance(record.event, ChatSaid)]


async def test_the_page_shows_what_was_said_and_what_happened_in_order(house: House) -> None:
    joined = PlayerJoined(at=AT, server=ServerId("survival"), player="Milo")
    await house.happen(house.said("Nora", "first"), joined, house.said("Nora", "second"))
    html = await house.page("/rooms/main")
    shown = [html.index(words) for words in ("first", "<strong>Milo</strong> joined", "second")]
    assert shown == sorted(shown)
    assert "The square" in html
    assert "Survival · Discord · Website" in html


async def test_an_empty_room_says_what_comes_next(house: House) -> None:
    html = await house.page("/rooms/main")
    assert "Nothing has been said here yet. The first line will appear by itself." in html


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text(house: House, text: str) -> None:
    await house.happen(house.said(text[:60], text), house.said("Nora", text))
    html = await house.page("/rooms/main")
    body = html[html.index('<ol class="lines"') : html.index("</ol>")]
    assert set(re.findall(r"</?([a-z0-9]+)", body)) <= {
        "ol", "li", "svg", "path", "use", "div", "b", "bdi", "span", "time"
    }  # fmt: skip
    assert not any(each in html for each in "\x00\x1b\u202e")


async def test_a_page_asks_nobody_else_for_anything(house: House) -> None:
    await house.happen(house.said("Nora", "hello"))
    for path in ("/", "/rooms/main"):
        html = await house.page(path)
        asked = re.findall(r'(?:src|href|action)="([^"]+)"', html)
        assert len(asked) > 5
        assert [address for address in asked if not re.match(r"[/#](?!/)", address)] == []


async def test_a_line_without_a_script_is_said_and_shown(house: House) -> None:
    form = {"name": "Ines", "text": "hello from the web"}
    async with house.client.post("/rooms/main/lines", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/rooms/main?name=Ines#say"
    html = await house.page("/rooms/main?name=Ines")
    assert "hello from the web" in html
    assert 'name="name" value="Ines"' in html
    assert 'class="source website"' in html
    said = await lines_in_journal(house)
    assert [(line.end, line.speaker.kind, line.speaker.name, line.text) for line in said] == [
        ("site:main", SpeakerKind.VISITOR, "Ines", "hello from the web")
    ]


async def test_a_script_gets_the_answer_as_json(house: House) -> None:
    form = {"name": "Ines", "text": "hello"}
    async with house.client.post("/rooms/main/lines", data=form, headers=SCRIPT) as answer:
        assert (answer.status, await answer.json()) == (200, {"said": True})
    async with house.client.post("/rooms/main/lines", data=form | {"text": ""}, headers=SCRIPT) as answer:
        assert answer.status == 422
        assert await answer.json() == {"said": False, "reason": "Please write something first."}


async def test_what_is_refused_without_a_script_is_told_and_what_was_typed_stays(house: House) -> None:
    form = {"name": "Ines <3", "text": 'my "long" thought'}
    async with house.client.post("/rooms/main/lines", data=form) as answer:
        html = await answer.text()
        assert answer.status == 422
    assert "Please choose a name of 1 to 32 characters" in html
    assert 'value="Ines &lt;3"' in html
    assert 'value="my &#34;long&#34; thought"' in html
    assert await lines_in_journal(house) == []


async def test_a_player_s_name_belongs_to_the_player(house: House) -> None:
    """In capitals or wide letters too, whether they spoke, joined or only logged in."""
    server = ServerId("survival")
    await house.happen(
        house.said("Nora", "hi"),
        PlayerJoined(at=AT, server=server, player="Milo"),
        PlayerIdentified(at=AT, server=server, player="Zoe_99", uuid=None),
    )
    for name in ("Nora", "nora", "MILO", "zoe_99", "\uff2e\uff4f\uff52\uff41", "Console", "somebody"):
        form = {"name": name, "text": "I am not who I am"}
        async with house.client.post("/rooms/main/lines", data=form, headers=SCRIPT) as answer:
            assert answer.status == 422, name
            assert "belongs to a player" in (await answer.json())["reason"]
    assert await lines_in_journal(house) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_s_form_is_refused(house: House, headers: dict[str, str]) -> None:
    form = {"name": "Ines", "text": "buy gold"}
    async with house.client.post("/rooms/main/lines", data=form, headers=headers) as answer:
        assert answer.status == 403
        assert "That form is not from here" in await answer.text()
    assert await lines_in_journal(house) == []


async def test_our_own_form_behind_a_proxy_is_taken(open_house: OpenHouse) -> None:
    async with open_house(website={"public-url": "https://mc.example.org/"}) as house:
        headers = {"Origin": "https://mc.example.org"}
        form = {"name": "Ines", "text": "hello"}
        async with house.client.post("/rooms/main/lines", data=form, headers=headers) as answer:
            assert answer.status == 200


async def test_a_visitor_who_writes_too_fast_waits(open_house: OpenHouse) -> None:
    async with open_house(website={"visitor-interval": "1h"}) as house:
        form = {"name": "Ines", "text": "hello"}
        async with house.client.post("/rooms/main/lines", data=form, headers=SCRIPT) as answer:
            assert answer.status == 200
        async with house.client.post("/rooms/main/lines", data=form) as answer:
            assert answer.status == 429
            assert "One line every 3,600 seconds, please." in await answer.text()
        assert len(await lines_in_journal(house)) == 1


async def test_only_our_own_proxy_tells_visitors_apart(open_house: OpenHouse) -> None:
    form = {"name": "Ines", "text": "hello"}
    both = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in (1, 2)]
    for trusted, statuses in ((["127.0.0.0/8"], [200, 200]), ([], [200, 429])):
        website = {"visitor-interval": "1h", "trusted-proxies": trusted}
        async with open_house(website=website) as house:
            told = []
            for where in both:
                headers = {**where, **SCRIPT, "X-CSRF-Token": await house.form_token(**where)}
                async with house.client.post("/rooms/main/lines", data=form, headers=headers) as answer:
                    told.append(answer.status)
            assert told == statuses


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/rooms/library", "GET", 200),
        ("/rooms/library/stream", "HEAD", 200),
        ("/rooms/library/lines", "POST", 403),
        ("/rooms/staff", "GET", 404),
        ("/rooms/staff/stream", "GET", 404),
        ("/rooms/staff/lines", "POST", 404),
        ("/rooms/moon", "GET", 404),
        ("/rooms/moon/lines", "POST", 404),
        ("/rooms/main/lines", "GET", 405),
    ],
)
async def test_rooms_are_as_open_as_the_settings_say(
    house: House, path: str, method: str, status: int
) -> None:
    data = {"name": "Ines", "text": "hello"} if method == "POST" else None
    async with house.client.request(method, path, data=data) as answer:
        assert answer.status == status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_room_that_is_only_read_has_no_form(house: House) -> None:
    html = await house.page("/rooms/library")
    assert "<form" not in html
    assert "This room can be read here." in html
    assert "staff" not in html


async def test_bodies_that_are_no_form_of_ours_are_refused(house: House) -> None:
    path = "/rooms/main/lines"
    bad = "application/x-www-form-urlencoded; charset=nonsense"
    for body, content_type, status in (
        (b"{}", "application/json", 415),
        (b"name=%ff%fe&text=x", bad, 400),
    ):
        async with house.client.post(path, data=body, headers={"Content-Type": content_type}) as answer:
            assert answer.status == status
    upload = aiohttp.FormData({"name": "Ines"})
    upload.add_field("text", b"file", filename="text")
    async with house.client.post(path, data=upload) as answer:
        assert answer.status == 415


async def test_french_speaks_french(open_house: OpenHouse) -> None:
    async with open_house(community={"language": "fr", "time-zone": "Europe/Paris"}) as house:
        await house.happen(house.said("Nora", "salut"))
        html = await house.page("/rooms/main")
    assert '<html lang="fr">' in html
    assert 'class="source game"' in html
    assert ">Jeu<" in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert "Europe/Paris" in html
    assert "2026-11-22 15:00" in html  # without a script: the community's clock
