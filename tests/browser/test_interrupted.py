"""A page that lives goes on after its connection was cut: nothing is missing, nothing comes twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Watched

if TYPE_CHECKING:
    from tests.browser.conftest import Stage, Visitors

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOO_LONG = b"retry: 2000\n"  # what the site asks browsers to wait; nobody need do so here
SOON = b"retry: 0020\n"


class Line:
    """What connects a browser with the website, until it is cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self.whole = True
        self.url = ""
        self.asked: list[str] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what a browser and the website say to each other."""
        if not self.whole:
            writer.transport.abort()
            return
        host, _, port = self._target.removeprefix("http://").rpartition(":")
        theirs, ours = await asyncio.open_connection(host, int(port))
        self._open |= {writer, ours}
        await asyncio.gather(self._carry(reader, ours), self._carry(theirs, writer))
        self._open -= {writer, ours}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                self.asked += [each.decode() for each in re.findall(rb"^GET .*?\r\n\r\n", data, re.DOTALL)]
                writer.write(data.replace(TOO_LONG, SOON))
        except ConnectionError:
            pass  # cut
        writer.close()

    def cut(self) -> None:
        """Cut every connection, and let none be made until :meth:`mend`."""
        self.whole = False
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Let browsers connect again."""
        self.whole = True


@asynccontextmanager
async def line_to(stage: Stage) -> AsyncIterator[Line]:
    """Lay a line to the website."""
    line = Line(stage.url)
    server = await asyncio.start_server(line.connected, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        line.cut()
        server.close()


async def on_the_page(stage: Stage, words: str) -> None:
    """Return once the website has a line that was said in the game."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(15):
        while True:
            async with session.get(f"{stage.url}/rooms/main") as answer:
                if words in await answer.text():
                    return
            await asyncio.sleep(0.02)  # another process: there is nothing to be woken by


async def test_a_room_goes_on_where_it_was_cut_off(visitors: Visitors, stage: Stage) -> None:
    async with line_to(stage) as line:
        window = await visitors.window(base_url=line.url)
        watched = Watched(line.url)
        watched.watch(page := await window.new_page())
        await page.goto("/rooms/main")
        log, status = page.get_by_role("log"), page.get_by_role("status")
        await expect(status).to_have_text("Live")
        for number, cut in enumerate((False, True, True, False), 1):
            if cut:
                line.cut()
                await expect(status).not_to_have_text("Live")
            for part in "ab":
                stage.game.chat("Alix", f"mile {number}{part} of the way")
            await on_the_page(stage, f"mile {number}b")
            line.mend()
            await expect(log).to_contain_text(f"mile {number}b")
            await expect(status).to_have_text("Live")
        told = re.findall(r"mile (\d[ab]) of the way", await log.inner_text())
        streams = [head for head in line.asked if "/rooms/main/stream" in head]
        await window.close()
    assert told == [f"{number}{part}" for number in range(1, 5) for part in "ab"]
    places = [re.findall(r"(?i)^last-event-id: (\d+)\r$", head, re.MULTILINE) for head in streams]
    assert places[0] == []
    resumed = [int(place) for (place,) in places[1:]]
    assert len(set(resumed)) == 2
    assert resumed == sorted(resumed)
    assert not watched.troubles, "\n".join(watched.troubles)
