"""The simulated players, and the server as a process with its HTTP door."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import aiohttp
import pytest

from bridge.simulator.game import Control, Life, Shown, SimGame
from bridge.simulator.game.life import steps


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path)
    await game.start()
    yield game
    await game.stop()


def test_a_seed_gives_the_same_day_and_another_one_another() -> None:
    day = list(islice(steps(3), 500))
    assert day == list(islice(steps(3), 500))
    assert day != list(islice(steps(4), 500))


def test_a_day_has_everything_at_a_readable_pace() -> None:
    day = list(islice(steps(1), 600))
    kinds = Counter(step.kind for step in day)
    assert set(kinds) == {"join", "leave", "chat", "emote", "die", "advance"}
    assert kinds["chat"] > 300
    assert all(2.0 <= step.wait_s <= 5.0 for step in day[3:])


def test_only_who_is_online_acts() -> None:
    online: set[str] = set()
    for step in islice(steps(7), 2000):
        if step.kind == "join":
            assert step.player not in online
            online.add(step.player)
        else:
            assert step.player in online
        online -= {step.player} if step.kind == "leave" else set()


async def test_a_life_is_lived_on_the_server(game: SimGame) -> None:
    await Life(game, seed=1, pace=0).run(most=200)
    log = game.log.latest.read_text()
    assert "joined the game" in log
    assert log.count("[Not Secure] <") > 80


async def test_a_greeting_is_answered_in_its_language(game: SimGame) -> None:
    game.join("Alix")
    life = Life(game, seed=1, pace=0.001)
    with game.listen() as inbox:
        life.start()
        life.greeted("Zoé", "Bonjour !")
        async with asyncio.timeout(5):
            async for event in inbox:
                if isinstance(event, Shown) and "Zoé" in event.line.plain:
                    break
        await life.stop()


async def test_the_door_acts_and_tells(game: SimGame) -> None:
    control = Control(game)
    await control.start()
    base = f"http://127.0.0.1:{control.port}/sim"
    async with aiohttp.ClientSession() as session:

        async def act(name: str, **body: object) -> dict[str, object]:
            async with session.post(f"{base}/{name}", json=body) as response:
                answer: dict[str, object] = await response.json()
                return answer | {"status": response.status}

        before = time.monotonic()
        await act("join", player="Mira")
        answer = await act("chat", player="Mira", text="hi")
        assert before <= float(str(answer["at_s"])) <= time.monotonic()
        await act("burst", players=["Mira"], count=120, prefix="n", wait=True)
        assert (await act("command", text='tellraw @a {"text":"x","bold":true}'))["answer"] == ""
        async with session.get(f"{base}/received?since=0") as response:
            (received,) = await response.json()
        assert (received["plain"], received["runs"][0]["formats"]) == ("x", ["bold"])
        assert (await act("chat", player="Mira"))["status"] == 400
        assert (await act("nonsense"))["status"] == 400
        await act("faults", rcon={"refuse": True, "delay_s": 0.5}, status={"fault": "silent"})
        assert game.rcon.faults.delay_s == 0.5
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", game.rcon.port)
        await act("faults")
        assert game.status.fault is None
        await act("crash")
        async with session.get(f"{base}/state") as response:
            assert (await response.json())["running"] is False
    await control.stop()
    assert "<Mira> n 119" in game.log.latest.read_text()


async def test_the_process_tells_its_ports_and_ends_in_good_order(tmp_path: Path) -> None:
    program = "import sys; from bridge.simulator.game import main; sys.exit(main(sys.argv[1:]))"
    options = ("--folder", str(tmp_path), "--player", "Mira", "--life", "--pace", "0.01")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        facts = json.loads(await process.stdout.readline())
        ports = {"rcon_port", "status_port", "control_port", "management_port", "console_port"}
        assert ports | {"log"} == set(facts)
        process.terminate()
        assert await process.wait() == 0
    latest = tmp_path / "logs" / "latest.log"
    assert facts["log"] == str(latest)
    log = await asyncio.to_thread(latest.read_text)
    assert "Mira joined the game" in log
    assert "Stopping server" in log
