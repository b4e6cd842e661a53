"""The demo, as a newcomer starts it: one address, and what is typed in one pane is read in the other two."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """Run the demo and yield the one address that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", "demo"),
        env={**os.environ, "LC_ALL": "C"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            first = (await process.stdout.readline()).decode()
        found = re.findall(r"http://\S+", first)
        assert len(found) == 1, first
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")


async def until(response: aiohttp.ClientResponse, text: str) -> str:
    """Return the first line of a stream that holds *text*."""
    async with asyncio.timeout(20):
        async for line in response.content:
            if text in line.decode():
                return line.decode()
    raise AssertionError(f"the stream ended without {text!r}")


async def test_what_is_typed_in_one_pane_is_read_in_the_other_two() -> None:
    async with demo() as url, aiohttp.ClientSession() as browser:
        async with browser.get(url) as page:
            html = await page.text()
        (framed,) = re.findall(r'<iframe[^>]* src="([^"]+)"', html)
        room = framed.replace("/embed/", "/")
        async with (
            browser.get(url + "stream", params={"visitor": "v1"}) as panes,
            browser.get(room + "/stream") as website,
        ):
            await said(browser, url + "game", name="Newcomer", text="hello from the game")
            await until(website, "hello from the game")
            message = await until(panes, "hello from the game")
            assert "Newcomer" in message
            await said(browser, url + "discord", name="Newcomer", text="hello from Discord")
            await until(website, "hello from Discord")
            async with browser.get(room) as page:
                (token,) = re.findall(r'name="csrf" value="(\w+)"', await page.text())
            form = {"name": "Passer-by", "text": "hello from the website", "csrf": token}
            async with browser.post(
                room + "/lines", data=form, headers={"Accept": "application/json"}
            ) as answer:
                assert answer.status == 200, await answer.text()
            await until(panes, "hello from the website")


async def said(browser: aiohttp.ClientSession, url: str, **body: str) -> None:
    async with browser.post(url, json={"visitor": "v1", **body}) as answer:
        assert answer.status == 200, json.dumps(await answer.json())
