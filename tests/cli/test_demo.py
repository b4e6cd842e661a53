"""The demo, as a newcomer starts it: one address, and what is typed in one pane is read in the other two."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.warm import WarmPython


@asynccontextmanager
async def demo(warm: WarmPython, folder: Path) -> AsyncIterator[str]:
    """Run the demo and yield the one address that it prints."""
    said, complaints = folder / "said", folder / "complaints"
    with said.open("wb") as stdout, complaints.open("wb") as stderr:
        process = warm.start(
            "-m", "bridge", "demo", stdout=stdout, stderr=stderr, environment={"LC_ALL": "C"}
        )
    try:
        async with asyncio.timeout(40):
            while "\n" not in (first := said.read_text(encoding="utf-8")):
                assert process.returncode is None, complaints.read_text(encoding="utf-8")
                await asyncio.sleep(0.01)
        found = re.findall(r"http://\S+", first.splitlines()[0])
        assert len(found) == 1, first
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        code = await process.wait()
    assert (code, complaints.read_text(encoding="utf-8")) == (0, "")


async def until(response: aiohttp.ClientResponse, text: str) -> str:
    """Return the first line of a stream that holds *text*."""
    async with asyncio.timeout(20):
        async for line in response.content:
            if text in line.decode():
                return line.decode()
    raise AssertionError(f"the stream ended without {text!r}")


async def test_what_is_typed_in_one_pane_is_read_in_the_other_two(warm: WarmPython, tmp_path: Path) -> None:
    async with demo(warm, tmp_path) as url, aiohttp.ClientSession() as browser:
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
