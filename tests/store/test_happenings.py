"""The newest facts of each server, whatever order they come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.events import AnyEvent, PlayerDied, PlayerJoined, ServerId, ServerStarted
from bridge.store import Store
from bridge.store.happenings import EVERYWHERE, KEPT, Happening, add_happenings, recent_happenings

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")


def joined(minute: int, server: ServerId = SURVIVAL) -> PlayerJoined:
    return PlayerJoined(at=NOON + timedelta(minutes=minute), server=server, player=f"P{minute}")


def at(position: int, event: AnyEvent, server: ServerId = SURVIVAL) -> Happening:
    return Happening(server=server, position=position, event=event)


async def test_the_newest_come_first_whatever_their_kind(store: Store) -> None:
    died = PlayerDied(at=NOON + timedelta(minutes=2), server=SURVIVAL, player="Ana", text="drowned")
    found = [at(1, joined(1)), at(2, died), at(3, joined(3)), at(4, joined(9, CREATIVE), CREATIVE)]
    async with store.transaction() as tx:
        await add_happenings(tx, found)
        await add_happenings(tx, found)  # read again after a crash
        await add_happenings(tx, [])
    async with store.reading() as conn:
        kinds = (PlayerJoined, PlayerDied, ServerStarted)
        assert await recent_happenings(conn, SURVIVAL, kinds, most=9) == [found[2], found[1], found[0]]
        assert await recent_happenings(conn, SURVIVAL, kinds, most=1) == [found[2]]
        assert await recent_happenings(conn, SURVIVAL, (PlayerDied,), most=9) == [found[1]]
        assert await recent_happenings(conn, SURVIVAL, (), most=9) == []
        assert await recent_happenings(conn, EVERYWHERE, kinds, most=9) == []


async def test_only_the_newest_stay_even_if_older_ones_come_later(store: Store) -> None:
    async with store.transaction() as tx:
        await add_happenings(tx, [at(minute, joined(minute)) for minute in range(1, KEPT + 11)])
        await add_happenings(tx, [at(1000 + minute, joined(-minute)) for minute in range(KEPT)])
        found = await recent_happenings(tx, SURVIVAL, (PlayerJoined,), most=1000)
    assert [each.position for each in found] == list(range(KEPT + 10, 10, -1))
