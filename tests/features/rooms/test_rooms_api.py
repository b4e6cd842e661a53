"""Rooms through the API: who sees which, what was said, and speaking in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.config.access import Permission
from bridge.events import ChatSaid, SpeakerKind
from bridge.journal import SourceName

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

LINES = "/api/v1/rooms/main/lines"


async def said_on(house: House, room: str) -> list[ChatSaid]:
    """Return what the journal has from a room's page."""
    records = await house.parts.journal.recent(SourceName(f"site:{room}"), (ChatSaid,), most=100)
    return [record.event for record in records if isinstance(record.event, ChatSaid)]


async def test_rooms_are_listed_for_who_may_read_them(house: House) -> None:
    found = await house.ask("/api/v1/rooms")
    assert found["rooms"] == [
        {"id": "main", "title": "The square", "servers": ["survival"], "website": "write"},
        {"id": "library", "title": "Stonebridge", "servers": [], "website": "read"},
    ]
    staff = await house.ask("/api/v1/rooms", await house.token(Permission.ROOMS_READ))
    assert [room["id"] for room in staff["rooms"]] == ["main", "library", "staff"]


async def test_a_closed_room_looks_like_none(house: House) -> None:
    closed = await house.ask("/api/v1/rooms/staff/lines", status=404)
    assert closed == await house.ask("/api/v1/rooms/nowhere/lines", status=404)
    headers = await house.token(Permission.ROOMS_READ)
    assert (await house.ask("/api/v1/rooms/staff/lines", headers))["lines"] == []


async def test_lines_are_paged_back_from_the_newest(house: House) -> None:
    await house.happen(*(house.said("Nora", f"line {number}") for number in range(7)))
    seen: list[str] = []
    path: str | None = f"{LINES}?limit=3"
    while path is not None:
        page = await house.ask(path)
        seen = [line["text"] for line in page["lines"]] + seen
        path = page["next"]
    assert seen == [f"line {number}" for number in range(7)]


async def test_a_line_is_told_as_the_page_shows_it(open_house: OpenHouse) -> None:
    async with open_house(privacy={"hidden-players": ["Nora"], "mask-addresses": True}) as house:
        await house.happen(house.said("Nora", "<b>come to 10.1.2.3</b>"))
        (line,) = (await house.ask(LINES))["lines"]
    assert line["source"] == "game"
    assert line["form"] == "said"
    assert line["name"] == "Somebody"
    assert "10.1.2.3" not in str(line)
    assert line["text"].startswith("<b>")
    assert line["html"].startswith("&lt;b&gt;")
    assert (line["reply_to"], line["edited"]) == (None, False)


async def test_a_program_speaks_under_its_own_name(house: House) -> None:
    headers = await house.token(Permission.ROOMS_POST, name="The shop")
    async with house.client.post(
        LINES, json={"text": "  Nora has\n a new \x1brank "}, headers=headers
    ) as answer:
        assert answer.status == 201
        told = await answer.json()
    assert told["name"] == "The shop"
    assert told["text"] == "Nora has a new rank"
    (event,) = await said_on(house, "main")
    assert (event.end, event.speaker.kind, event.speaker.name, event.text) == (
        "site:main",
        SpeakerKind.VISITOR,
        "The shop",
        "Nora has a new rank",
    )
    await house.settled()
    (line,) = (await house.ask(LINES))["lines"]
    assert (line["source"], line["name"]) == ("website", "The shop")


async def test_the_same_key_says_it_once_for_each_program(house: House) -> None:
    one, other = await house.token(Permission.ROOMS_POST), await house.token(Permission.ROOMS_POST)
    ids = []
    for headers in (one, one, other):
        told = headers | {"Idempotency-Key": "order-17 \udcff"}
        async with house.client.post(LINES, json={"text": "paid"}, headers=told) as answer:
            assert answer.status == 201
            ids.append((await answer.json())["id"])
    assert ids[0] == ids[1] != ids[2]
    assert len(await said_on(house, "main")) == 2


async def test_what_nobody_could_read_is_not_said(house: House) -> None:
    headers = await house.token(Permission.ROOMS_POST)
    for text in ("", "   ", "\u202e\x00", "x" * 501):
        async with house.client.post(LINES, json={"text": text}, headers=headers) as answer:
            assert answer.status == 422
            assert [error["pointer"] for error in (await answer.json(content_type=None))["errors"]] == [
                "#/text"
            ]
    assert await said_on(house, "main") == []


async def test_visitors_and_weak_tokens_do_not_speak_and_closed_rooms_stay_closed(house: House) -> None:
    async with house.client.post(LINES, json={"text": "hi"}) as answer:
        assert answer.status == 401
    weak = await house.token(Permission.RECORDS_READ)
    async with house.client.post(LINES, json={"text": "hi"}, headers=weak) as answer:
        assert answer.status == 403
    speaker = await house.token(Permission.ROOMS_POST)
    async with house.client.post("/api/v1/rooms/staff/lines", json={"text": "hi"}, headers=speaker) as answer:
        assert answer.status == 404
    assert await said_on(house, "main") == await said_on(house, "staff") == []
