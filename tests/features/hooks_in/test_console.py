"""Commands that hooks ask for: run once, waited for while the server is down, never run twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from structlog.testing import capture_logs

from bridge.journal import ReaderName
from bridge.simulator.game import Drop, SimGame
from bridge.store.counters import counters
from bridge.store.deliveries import begin_delivery, pending_delivery
from bridge.store.readers import reader_position

if TYPE_CHECKING:
    from tests.features.hooks_in.conftest import Clock, HookHouse, OpenHookHouse

READER = ReaderName("hooks:console:survival")
SECRET = "a secret of the shop"


def asking(*commands: str) -> dict[str, Any]:
    """Return hooks of which one runs these commands one after another."""
    named = {f"c{number}": line for number, line in enumerate(commands)}
    then = [{"command": {"server": "survival", "run": name}} for name in named]
    return {"in": {"shop": {"secret": SECRET, "then": then}}, "commands": named}


def ran(game: SimGame) -> list[str]:
    """Return what was run, without the bridge's own question who is on."""
    commands = [each.text for each in game.commands if each.source == "Rcon"]
    return [command for command in commands if not command.startswith("list")]


async def asked_who_is_on(game: SimGame) -> None:
    """Wait until the bridge has asked what it asks by itself."""
    async with asyncio.timeout(10):
        while not any(each.text.startswith("list") for each in game.commands):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def settled(house: HookHouse) -> None:
    """Wait until the console's reader has read everything and has nothing under way."""
    head = await house.parts.journal.head()  # type: ignore[attr-defined]  # as the journal in the store has
    async with asyncio.timeout(10):
        while True:
            async with house.parts.store.reading() as conn:
                done = (await reader_position(conn, READER) or 0) >= head
                if done and await pending_delivery(conn, READER) is None:
                    return


async def test_commands_are_run_in_order_with_their_fields(open_hooks: OpenHookHouse, game: SimGame) -> None:
    hooks = asking("say Welcome {name}", "say Nothing {missing}", "say Bye {name}")
    async with open_hooks(rcon_port=game.rcon.port, hooks=hooks) as house:
        await house.send("shop", {"name": "Mira"}, id_="1")
        await house.send("shop", {"name": "Odo"}, id_="2")
        await house.send("shop", {"name": "Odo"}, id_="2")
        await settled(house)
    assert ran(game) == ["say Welcome Mira", "say Bye Mira", "say Welcome Odo", "say Bye Odo"]


async def test_what_is_not_fit_for_a_console_is_not_run(open_hooks: OpenHookHouse, game: SimGame) -> None:
    with capture_logs() as logs:
        async with open_hooks(rcon_port=game.rcon.port, hooks=asking("say {name}")) as house:
            await house.send("shop", {"name": "@a[limit=1]"})
            await settled(house)
    assert ran(game) == []
    assert "name is not a player's name, a whole number or a single word" in str(logs)


async def test_a_server_that_is_down_delays_the_command(open_hooks: OpenHookHouse, game: SimGame) -> None:
    await game.rcon.close()
    async with open_hooks(rcon_port=game.rcon.port, hooks=asking("say hi")) as house:
        await house.send("shop", {})
        await game.rcon.listen()
        await settled(house)
    assert ran(game) == ["say hi"]


async def test_after_an_hour_it_is_given_up(open_hooks: OpenHookHouse, game: SimGame, clock: Clock) -> None:
    """It came, the server was down, and the bridge was away for an hour."""
    await game.rcon.close()
    async with open_hooks(rcon_port=game.rcon.port, hooks=asking("say hi", "say ho"), clock=clock) as house:
        await house.send("shop", {})
    clock.now = datetime.now(UTC) + timedelta(hours=1, seconds=1)
    await game.rcon.listen()
    with capture_logs() as logs:
        async with open_hooks(
            rcon_port=game.rcon.port, hooks=asking("say hi", "say ho"), clock=clock
        ) as house:
            await settled(house)
            async with house.parts.store.reading() as conn:
                assert (await counters(conn))["hooks.console.given-up"] == 2
    assert "gave a hook's command up: the server was down for too long" in str(logs)
    assert ran(game) == []


async def test_a_command_that_may_have_run_is_not_run_again(open_hooks: OpenHookHouse, game: SimGame) -> None:
    """The connection breaks after the command has run and before its reply."""
    async with open_hooks(rcon_port=game.rcon.port, hooks=asking("say one", "say two")) as house:
        await asked_who_is_on(game)
        game.rcon.faults.drop = Drop.AFTER_RUN
        await house.send("shop", {})
        await settled(house)
        async with house.parts.store.reading() as conn:
            assert (await counters(conn))["hooks.console.outcome-unknown"] == 1
    assert ran(game) == ["say one", "say two"]


async def test_after_a_crash_what_was_under_way_is_not_run_again(
    open_hooks: OpenHookHouse, game: SimGame
) -> None:
    """The bridge stopped with the second of three commands on its way."""
    hooks = asking("say one", "say two", "say three")
    await game.rcon.close()
    async with open_hooks(rcon_port=game.rcon.port, hooks=hooks) as house:
        await house.send("shop", {})
        head = await house.parts.journal.head()  # type: ignore[attr-defined]  # as above
    await game.rcon.listen()
    async with open_hooks(rcon_port=1, hooks=hooks) as house, house.parts.store.transaction() as tx:
        await begin_delivery(tx, READER, through=head, nonce="", digest="", details="1")
    async with open_hooks(rcon_port=game.rcon.port, hooks=hooks) as house:
        await settled(house)
    assert ran(game) == ["say three"]


async def test_only_what_comes_from_now_on_is_run(open_hooks: OpenHookHouse, game: SimGame) -> None:
    """A hook that gets its first command does not run it for all that it was ever told."""
    async with open_hooks(hooks={"in": {"shop": {"secret": SECRET}}}) as house:
        await house.send("shop", {})
    async with open_hooks(rcon_port=game.rcon.port, hooks=asking("say hi")) as house:
        await house.send("shop", {"new": True}, id_="2")
        await settled(house)
    assert ran(game) == ["say hi"]
