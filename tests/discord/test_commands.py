"""Slash commands: registered when they changed, answered in time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bridge.config.settings import Language
from bridge.discord import Answer, Choice, CommandCall, DiscordLink, Option, SlashCommand, Wording
from bridge.discord.commands import Handler

if TYPE_CHECKING:
    from tests.discord.conftest import Scene

SERVER = Option(
    name=Wording(en="server", fr="serveur"),
    description=Wording(en="Which server", fr="Quel serveur"),
    choices=(Choice(name=Wording(en="Survival", fr="Survie"), value="survival"),),
)


def command(handler: Handler, name: str = "list", *, staff_only: bool = False) -> SlashCommand:
    return SlashCommand(
        name=Wording(en=name, fr=f"{name}-fr"),
        description=Wording(en="Who is on", fr="Qui est là"),
        options=(SERVER,),
        handler=handler,
        failed="That did not work.",
        staff_only=staff_only,
    )


async def hello(call: CommandCall) -> Answer:
    return Answer(content=f"hello {call.caller.name} from {call.text('server')} in {call.language.value}")


async def registered(scene: Scene, link: DiscordLink) -> None:
    await scene.until(lambda: link.commands_known)


async def test_an_answer_reaches_only_the_member(scene: Scene) -> None:
    scene.commands = (command(hello),)
    async with scene.linked() as link:
        await registered(scene, link)
        use = await scene.sim.use_command(
            scene.member, scene.channel, "list", {"server": "survival"}, locale="fr"
        )
    assert use.text == f"hello Mira from survival in {Language.FR.value}"
    assert use.ephemeral
    assert not use.deferred


async def test_a_slow_answer_is_deferred_and_then_given(scene: Scene) -> None:
    go_on = asyncio.Event()

    async def slow(_: CommandCall) -> Answer:
        await go_on.wait()
        return Answer(content="at last")

    scene.commands = (command(slow),)
    async with scene.linked() as link:
        await registered(scene, link)
        asking = asyncio.create_task(scene.sim.use_command(scene.member, scene.channel, "list"))
        await scene.sim.wait_for(lambda: scene.requests("POST", "/callback", status=204))
        go_on.set()
        use = await asking
    assert (use.deferred, use.ephemeral, use.text) == (True, True, "at last")


async def test_a_broken_handler_is_answered_and_stops_nothing(scene: Scene) -> None:
    async def broken(_: CommandCall) -> Answer:
        raise RuntimeError("oops")

    scene.commands = (command(broken, "broken"), command(hello))
    with capture_logs() as logs:
        async with scene.linked() as link:
            await registered(scene, link)
            use = await scene.sim.use_command(scene.member, scene.channel, "broken")
            assert use.text == "That did not work."
            assert (await scene.sim.use_command(scene.member, scene.channel, "list")).text.startswith("hello")
    assert [(entry["event"], entry["exc_info"]) for entry in logs if "exc_info" in entry] == [
        ("a command broke", True)
    ]


async def test_a_long_answer_is_cut_at_a_line(scene: Scene) -> None:
    async def long(_: CommandCall) -> Answer:
        return Answer(content="\n".join(f"line {number}" for number in range(500)))

    scene.commands = (command(long),)
    async with scene.linked() as link:
        await registered(scene, link)
        use = await scene.sim.use_command(scene.member, scene.channel, "list")
    assert len(use.text) <= 2000
    assert use.text.endswith("\n…")


async def test_commands_are_registered_only_when_they_changed(scene: Scene) -> None:
    """Discord allows 200 new commands a day."""
    scene.commands = (command(hello), command(hello, "status", staff_only=True))
    for _ in range(2):
        async with scene.linked() as link:
            await registered(scene, link)
    assert len(scene.requests("PUT", "/commands")) == 1
    scene.commands = (command(hello),)
    async with scene.linked() as link:
        await registered(scene, link)
    assert len(scene.requests("PUT", "/commands")) == 2


async def test_registering_is_tried_again(scene: Scene) -> None:
    scene.commands = (command(hello),)
    scene.sim.faults.error(500, method="PUT", path="/commands$")
    async with scene.linked() as link:
        await registered(scene, link)
    assert 60.0 in scene.pauses.asked


async def test_an_answer_that_discord_does_not_take_stops_nothing(scene: Scene) -> None:
    scene.commands = (command(hello),)
    async with scene.linked() as link:
        await registered(scene, link)
        scene.sim.faults.error(404, path="/callback$")
        asking = asyncio.create_task(scene.sim.use_command(scene.member, scene.channel, "list"))
        await scene.sim.wait_for(lambda: scene.requests("POST", "/callback", status=404))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert (await scene.sim.use_command(scene.member, scene.channel, "list")).text


def test_two_commands_of_one_name_are_a_mistake(scene: Scene) -> None:
    scene.commands = (command(hello), command(hello))
    with pytest.raises(ValueError, match="/list"):
        scene.link()


async def suggested(call: CommandCall, typed: str) -> list[str]:
    if typed == "oops":
        raise RuntimeError(typed)
    return ["", f"{typed} {call.text('server')}", "x" * 101, *(f"name {number}" for number in range(30))]


def asking() -> SlashCommand:
    blank = Option(
        name=Wording(en="player", fr="joueur"), description=Wording(en="Who", fr="Qui"), suggest=suggested
    )
    return SlashCommand(
        name=Wording(en="seen", fr="vu"),
        description=Wording(en="When", fr="Quand"),
        options=(SERVER, blank),
        handler=hello,
        failed="That did not work.",
    )


async def test_what_can_be_filled_in_is_suggested_while_somebody_types(scene: Scene) -> None:
    scene.commands = (asking(),)
    async with scene.linked() as link:
        await registered(scene, link)
    async with scene.linked() as link:
        await registered(scene, link)
        found = await scene.sim.complete(
            scene.member,
            scene.channel,
            "seen",
            option="player",
            typed="Mi",
            options={"server": "survival"},
        )
    assert len(found) == 25
    assert found[:2] == [
        {"name": "Mi survival", "value": "Mi survival"},
        {"name": "name 0", "value": "name 0"},
    ]
    assert len(scene.requests("PUT", "/commands")) == 1, "what Discord keeps is compared as it is told"


async def test_nothing_is_suggested_to_who_may_not_use_it_nor_by_what_breaks(scene: Scene) -> None:
    scene.commands = (asking(),)

    async def type_in(typed: str) -> list[dict[str, object]]:
        return await scene.sim.complete(scene.member, scene.channel, "seen", option="player", typed=typed)

    async with scene.linked() as link:
        await registered(scene, link)
        with capture_logs() as logs:
            assert await type_in("oops") == []
        assert [entry["event"] for entry in logs if "exc_info" in entry] == [
            "suggestions for a command could not be made"
        ]
        link.admit_by(lambda _: Answer(content="No."))
        assert await type_in("Mi") == []
