"""What happens in the game is told on Discord: by its own switch, channel and wording, never as a flood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.events import PlayerDied
from bridge.journal import SourceName

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town


def happen(town: Town) -> None:
    """Let one of everything happen."""
    game = town.game
    game.join("Dora")
    game.die("Alix", "was slain by Zombie")
    game.advance("Boris", "Stone Age")
    game.leave("Dora")


ENGLISH = [
    "Dora joined",
    "Alix was slain by Zombie",
    "Boris has made the advancement [Stone Age]",
    "Dora left",
]


async def test_joins_deaths_advancements_and_leaves_are_told(town: Town) -> None:
    async with town.bridge():
        happen(town)
        assert await town.lines(4) == ENGLISH


async def test_a_stop_and_a_start_are_told(town: Town) -> None:
    for name in list(town.game.online):
        town.game.leave(name)
    async with town.bridge():
        await town.game.restart()
        lines = await town.lines(2)
        assert lines[:2] == ["The server is closing.", "The server is open."]


async def test_french_communities_read_french(town: Town) -> None:
    async with town.bridge(community={"language": "fr"}):
        happen(town)
        town.game.advance("Boris", "Subspace Bubble", frame="challenge")
        assert await town.lines(5) == [
            "Dora a rejoint la partie",
            "Alix s\u2019est fait tuer par un zombie",
            "Boris a obtenu le progrès [L\u2019âge de pierre]",
            "Dora a quitté la partie",
            "Boris a réussi le défi [Bulle du sous-espace]",
        ]


@pytest.mark.parametrize(("kind", "at"), [("join", 0), ("death", 1), ("advancement", 2), ("leave", 3)])
async def test_every_notice_can_be_switched_off(town: Town, kind: str, at: int) -> None:
    async with town.bridge(notices={kind: {"enabled": False}}):
        happen(town)
        await town.quiet()
        told = [line for line in town.told() if "mark" not in line]
        assert told == ENGLISH[:at] + ENGLISH[at + 1 :]


async def test_every_notice_can_have_its_channel_and_its_wording(town: Town) -> None:
    deaths = town.discord.add_channel("deaths")
    changed: dict[str, Any] = {
        "join": {"template": "Welcome, {player}!"},
        "death": {"channel": "deaths", "template": "💀 {message}"},
        "advancement": {"template": "{player}: {advancement}"},
    }
    async with town.bridge(notices=changed):
        happen(town)
        assert await town.lines(3) == ["Welcome, Dora!", "Boris: Stone Age", "Dora left"]
        assert await town.lines(1, channel=deaths) == ["💀 Alix was slain by Zombie"]


async def test_twenty_joins_at_once_make_a_few_messages_and_name_everybody(town: Town) -> None:
    names = [f"Player{number:02}" for number in range(20)]
    async with town.bridge(relay={"bundle-window": "1s"}):
        for name in names:
            town.game.join(name)
        await town.post("Player19")
        told = "\n".join(town.told())
        assert [name for name in names if told.count(name) != 1] == []
        assert len(town.posts()) <= 4
        assert not town.game.received


async def test_a_crash_loop_makes_a_few_messages_and_loses_no_chat(town: Town) -> None:
    async with town.bridge(relay={"bundle-window": "1s"}, notices={"start": {"enabled": False}}):
        for number in range(6):
            await town.game.crash()
            await town.game.start()  # everybody comes back
            town.game.chat("Alix", f"back again {number}")
        await town.post("back again 5")
        town.game.leave("Chloe")
        await town.post("Chloe")
        chat = [line for line in town.told() if "back again" in line]
        assert [line[-1] for line in chat] == list("012345")
        told = [line for line in town.told() if "back again" not in line]
        assert len(told) <= 8, told


async def test_two_servers_in_a_room_are_told_apart_and_talk_to_each_other(town: Town) -> None:
    other = await town.add_game("creative")
    async with town.bridge(servers={"creative": {"title": "Creative"}}):
        town.game.chat("Alix", "from survival")
        other.chat("Boris", "from creative")
        other.leave("Chloe")
        await town.lines(3)
        seen = await town.seen("from creative")
        assert seen.plain == "[Creative] <Boris> from creative"
        assert (await town.seen("from survival", game=other)).plain == "[survival] <Alix> from survival"
        assert set(town.told()) == {
            "<Alix · survival> from survival",
            "<Boris · Creative> from creative",
            "[Creative] Chloe left",
        }


async def test_a_notice_that_is_switched_on_tells_nothing_old(town: Town) -> None:
    async with town.bridge(notices={"death": {"enabled": False}}) as bridge:
        await town.quiet()
        town.game.die("Alix", "drowned")
        log, journal = SourceName("log:survival"), bridge.house.parts.journal
        while not await journal.recent(log, (PlayerDied,), most=1):
            pass
        for _ in range(30):  # looks; the channel's reader was woken by the same commit as the first of them
            await journal.recent(log, (PlayerDied,), most=1)
        town.write(notices={"death": {"enabled": True}})
        bridge.bridge.reload()
        await town.quiet()
        town.game.die("Boris", "drowned")
        await town.post("Boris")
        assert [line for line in town.told() if "drowned" in line] == ["Boris drowned"]
