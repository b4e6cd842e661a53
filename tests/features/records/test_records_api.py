"""The journal through the API: pages along every filter, one record, and the stream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bridge.config.access import Permission
from bridge.events import AnyEvent, PlayerJoined, PlayerLeft, ServerId, ServerStarted
from bridge.features.records import api
from bridge.features.records.answers import EXAMPLE, JournalRecord

if TYPE_CHECKING:
    from tests.features.conftest import House, OpenHouse

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SURVIVAL = ServerId("survival")


def joined(player: str, server: ServerId = SURVIVAL) -> PlayerJoined:
    return PlayerJoined(at=AT, server=server, player=player)


async def pages(house: House, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Return the records of all pages that follow each other."""
    found: list[dict[str, Any]] = []
    next_: str | None = path
    while next_ is not None:
        page = await house.ask(next_, headers)
        found += page["records"]
        next_ = page["next"]
    return found


async def test_a_record_says_all_that_the_journal_has(house: House) -> None:
    event = joined("Nora")
    await house.happen(event)
    headers = await house.token(Permission.RECORDS_READ)
    page = await house.ask("/api/v1/records", headers)
    (record,) = page["records"]
    assert page["next"] is None
    assert record["id"] == "log:survival:1"
    assert record["source"] == "log:survival"
    assert record["event"] == msgspec.to_builtins(event)
    assert msgspec.convert(record, JournalRecord).event == event
    assert await house.ask(f"/api/v1/records/{record['position']}", headers) == record
    await house.ask("/api/v1/records/99999", headers, status=404)


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
async def test_pages_hold_everything_once_whatever_is_asked_for(house: House, limit: int) -> None:
    other = ServerId("creative")
    facts: list[AnyEvent] = []
    for number in range(4):
        facts += [
            joined(f"Milo{number}"),
            house.said("Nora", f"line {number}"),
            PlayerLeft(at=AT, server=SURVIVAL, player=f"Milo{number}"),
        ]
    await house.happen(*facts)
    elsewhere: list[AnyEvent] = [joined("Zoe", other), ServerStarted(at=AT, server=other)]
    await house.happen(*elsewhere, source="log:creative")
    headers = await house.token(Permission.RECORDS_READ)

    async def kinds(query: str) -> list[str]:
        found = await pages(house, f"/api/v1/records?limit={limit}{query}", headers)
        positions = [each["position"] for each in found]
        assert positions == sorted(set(positions))
        return [each["event"]["kind"] for each in found]

    assert len(await kinds("")) == 14
    assert await kinds("&kind=player.joined") == ["player.joined"] * 5
    assert await kinds("&kind=player.joined&kind=chat.said") == ["player.joined", "chat.said"] * 4 + [
        "player.joined"
    ]
    assert await kinds("&kind=player.*&server=creative") == ["player.joined"]
    assert await kinds("&server=creative") == ["player.joined", "server.started"]
    assert await kinds("&server=nowhere") == []
    assert await kinds("&kind=player.died") == []
    assert len(await kinds("&after=12")) == 2


async def test_rare_kinds_of_a_server_are_found_though_each_page_looks_at_few(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridge.journal import paging  # noqa: PLC0415

    monkeypatch.setattr(paging, "LOOK_AT", 3)
    facts: list[AnyEvent] = [house.said("Nora", str(number)) for number in range(10)]
    await house.happen(*facts[:7], joined("Milo"), *facts[7:])
    headers = await house.token(Permission.RECORDS_READ)
    first = await house.ask("/api/v1/records?server=survival&kind=player.joined", headers)
    assert (first["records"], first["next"] is None) == ([], False)
    found = await pages(house, "/api/v1/records?server=survival&kind=player.joined", headers)
    assert [each["event"]["player"] for each in found] == ["Milo"]


async def test_an_unknown_kind_is_named_with_those_there_are(house: House) -> None:
    headers = await house.token(Permission.RECORDS_READ)
    for path in ("/api/v1/records?kind=player.jumped", "/api/v1/stream?kind=.*"):
        (error,) = (await house.ask(path, headers, status=422))["errors"]
        assert error["pointer"] == "?kind"
        assert "player.joined" in error["detail"]


async def test_who_may_not_read_is_refused(house: House) -> None:
    weak = await house.token(Permission.ROOMS_POST)
    for path in ("/api/v1/records", "/api/v1/records/1", "/api/v1/stream"):
        await house.ask(path, status=401)
        await house.ask(path, weak, status=403)


async def test_the_stream_tells_what_happens(house: House) -> None:
    headers = await house.token(Permission.RECORDS_READ)
    await house.happen(joined("Old"))
    async with house.listen("/api/v1/stream", headers=headers) as stream:
        await house.happen(joined("Nora"), house.said("Nora", "hello\nthere"))
        first, second = await stream.some(2)
    assert (first.name, first.id) == ("player.joined", "2")
    assert first.json["event"]["player"] == "Nora"
    assert second.json["event"]["text"] == "hello\nthere"
    assert second.json == await house.ask(f"/api/v1/records/{second.id}", headers)


async def test_the_stream_tells_only_the_kinds_that_are_wanted(house: House) -> None:
    headers = await house.token(Permission.RECORDS_READ)
    await house.happen(joined("Old"), house.said("Old", "old"))
    path = "/api/v1/stream?kind=chat.*&after=0"
    async with house.listen(path, headers=headers) as stream:
        await house.happen(joined("Nora"), house.said("Nora", "new"))
        told = await stream.some(2)
        await house.happen(joined("Milo"), house.said("Milo", "newer"))
        told += await stream.some(1)
    assert [each.json["event"].get("text") for each in told] == ["old", "new", "newer"]


async def test_after_a_break_the_stream_goes_on_without_a_gap(house: House) -> None:
    headers = await house.token(Permission.RECORDS_READ)
    async with house.listen("/api/v1/stream", headers=headers) as stream:
        await house.happen(joined("A"))
        last = (await stream.next()).id
    await house.happen(joined("B"), joined("C"))
    async with house.listen("/api/v1/stream?after=0", last=last, headers=headers) as stream:
        await house.happen(joined("D"))
        told = await stream.some(3)
    assert [each.json["event"]["player"] for each in told] == ["B", "C", "D"]


async def test_a_position_that_is_yet_to_come_hides_nothing(house: House) -> None:
    headers = await house.token(Permission.RECORDS_READ)
    async with house.listen("/api/v1/stream", last="4611686018427387904", headers=headers) as stream:
        await house.happen(joined("Nora"))
        assert (await stream.next()).json["event"]["player"] == "Nora"


async def test_who_has_missed_much_gets_it_in_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_MISSED", 4)
    monkeypatch.setattr(api, "_PAGE", 2)
    headers = await house.token(Permission.RECORDS_READ)
    await house.happen(*(joined(f"Nora{number}") for number in range(10)))
    seen: list[str] = []
    last = "0"
    for _ in range(2):
        async with house.listen("/api/v1/stream", last=last, headers=headers) as stream:
            told = await stream.some(4)
            with pytest.raises(EOFError):
                await stream.next()
        seen += [each.json["event"]["player"] for each in told]
        last = told[-1].id
    async with house.listen("/api/v1/stream", last=last, headers=headers) as stream:
        await house.happen(joined("New"))
        seen += [each.json["event"]["player"] for each in await stream.some(3)]
    assert seen == [*(f"Nora{number}" for number in range(10)), "New"]


async def test_hidden_players_are_told_to_who_may_read_records(open_house: OpenHouse) -> None:
    async with open_house(privacy={"hidden-players": ["Nora"]}) as house:
        await house.happen(joined("Nora"))
        headers = await house.token(Permission.RECORDS_READ)
        (record,) = (await house.ask("/api/v1/records", headers))["records"]
    assert record["event"]["player"] == "Nora"


def test_the_example_is_one_that_could_be() -> None:
    assert msgspec.json.decode(msgspec.json.encode(EXAMPLE), type=JournalRecord) == EXAMPLE
