"""The pretend Discord as a process of its own, driven through its door."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bridge.simulator.discord import Limit, RateLimits
from bridge.simulator.discord.process import _arguments, _rates


@asynccontextmanager
async def process(*options: str) -> AsyncIterator[tuple[dict[str, Any], aiohttp.ClientSession]]:
    """Run the simulator; gives the facts it printed and a client for its door."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.simulator", "discord", *options, stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    facts = json.loads(await asyncio.wait_for(running.stdout.readline(), 20))
    async with aiohttp.ClientSession(facts["control_url"] + "/") as door:
        yield facts, door
    running.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(running.wait(), 10) == 0


async def act(door: aiohttp.ClientSession, name: str, body: object) -> Any:  # noqa: ANN401 - any JSON
    """Do something through the door and return its result."""
    async with door.post(name, json=body) as answer:
        told = await answer.json()
        assert answer.status == 200, told
        assert told["at_s"] > 0
        return told["result"]


async def look(door: aiohttp.ClientSession, view: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a view."""
    async with door.get(view) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_another_process_can_drive_and_inspect_it() -> None:
    """Say, edit, delete, faults, waits, messages and the log of requests work through the door."""
    options = ("--channel", "general=123456789012345678", "--rate-limits", "off")
    async with process(*options) as (facts, door), aiohttp.ClientSession() as http:
        assert facts["channels"] == {"general": "123456789012345678"}
        said = await act(door, "say", {"member": "Alex", "content": "hello"})
        await act(door, "edit", {"message": said["id"], "content": "hello!"})
        await act(door, "fault", {"kind": "error", "status": 500})
        url = f"{facts['api_url']}/channels/{facts['channels']['general']}/messages"
        statuses = []
        for _ in range(2):
            headers = {"Authorization": f"Bot {facts['token']}"}
            async with http.post(url, json={"content": "from the bot"}, headers=headers) as answer:
                statuses.append(answer.status)
        assert statuses == [500, 200]
        assert await look(door, "wait?messages=2") == {"created": 2}
        messages = await look(door, "messages?channel=general")
        assert [one["content"] for one in messages] == ["hello!", "from the bot"]
        assert messages[1]["author"]["kind"] == "bot"
        requests = await look(door, "requests?path=messages")
        assert [one["status"] for one in requests] == [500, 200]
        await act(door, "delete", {"messages": [said["id"]]})
        state = await look(door, "state")
        assert (state["created"], state["requests"]) == ({"123456789012345678": 2}, 2)
        assert await look(door, "errors") == []
        async with door.get("nonsense") as answer:
            assert answer.status == 404


def test_limits_can_be_chosen_on_the_command_line() -> None:
    """One limit can be replaced or switched off, over all of them on or off."""
    chosen = _rates(_arguments(["--limit", "webhook=10/4", "--limit", "identify=off"]))
    assert (chosen.webhook, chosen.identify, chosen.send) == (Limit(10, 4.0), None, RateLimits().send)
    alone = _rates(_arguments(["--rate-limits", "off", "--limit", "webhook=5/2"]))
    assert (alone.webhook, alone.overall) == (Limit(5, 2.0), None)
