from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.events import ServerId
from bridge.store.player_list import known_players, player_by_name, player_names
from bridge.store.players import see_player

if TYPE_CHECKING:
    from bridge.store import Store

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SURVIVAL, CREATIVE = ServerId("survival"), ServerId("creative")


async def seen(store: Store) -> None:
    """Let servers see some players."""
    async with store.transaction() as tx:
        await see_player(tx, SURVIVAL, "Nora", uuid="old", at=AT, position=1)
        await see_player(tx, CREATIVE, "Nora", uuid=None, at=LATER, position=2)
        await see_player(tx, CREATIVE, "nora", uuid=None, at=AT, position=3)
        await see_player(tx, SURVIVAL, "milo", uuid=None, at=AT, position=4)
        await see_player(tx, SURVIVAL, "Zoe_9", uuid=None, at=AT, position=5)


async def test_names_follow_each_other_in_small_letters(store: Store) -> None:
    await seen(store)
    async with store.reading() as conn:
        assert await player_names(conn, most=2) == ["milo", "nora"]
        assert await player_names(conn, after="nora", most=2) == ["zoe_9"]
        assert await player_names(conn, prefix="NO", most=9) == ["nora"]
        assert await player_names(conn, after="a", prefix="NO", most=9) == ["nora"]
        assert await player_names(conn, after="nora", prefix="NO", most=9) == []
        assert await player_names(conn, server=CREATIVE, most=9) == ["nora"]
        assert await player_names(conn, prefix="%", most=9) == []


async def test_what_servers_know_is_put_together(store: Store) -> None:
    await seen(store)
    async with store.reading() as conn:
        other, nora = sorted(
            await known_players(conn, ["nora", "nobody"]), key=lambda each: len(each.servers)
        )
        assert (other.name, other.servers) == ("nora", (CREATIVE,))
        assert (nora.name, nora.uuid, nora.servers) == ("Nora", "old", (CREATIVE, SURVIVAL))
        assert (nora.first_seen, nora.last_seen) == (AT, LATER)
        assert await known_players(conn, []) == []


async def test_a_name_in_these_capitals_goes_before_others(store: Store) -> None:
    await seen(store)
    async with store.reading() as conn:
        for typed, name in (("Nora", "Nora"), ("nora", "nora"), ("NORA", "Nora"), ("ZOE_9", "Zoe_9")):
            found = await player_by_name(conn, typed)
            assert found is not None
            assert found.name == name
        assert await player_by_name(conn, "nobody") is None
