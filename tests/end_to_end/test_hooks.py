"""Another program tells the bridge something: players, members and a third program hear of it, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bridge.website.signing import is_signed, signed
from tests.end_to_end.conftest import until

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Town

SHOP, ARCHIVE = SecretStr("the secret of the shop"), SecretStr("the secret of the archive")
ORDER = {"event": "paid", "player": {"name": "Alix"}, "item": "**Supporter** @everyone"}


@dataclass
class Archive:
    """A program that is told things."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Note what comes with the right signature."""
        raw = await request.read()
        if is_signed(request.headers, raw, [ARCHIVE]):
            self.told.append(json.loads(raw))
        return web.Response(status=204)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of a kind that it was told."""
        return [each["event"] for each in self.told if each["kind"] == kind]


@asynccontextmanager
async def archive() -> AsyncIterator[Archive]:
    """Run the program."""
    archive = Archive()
    app = web.Application()
    app.router.add_post("/take", archive.take)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    archive.url = f"http://127.0.0.1:{runner.addresses[0][1]}/take"
    try:
        yield archive
    finally:
        await runner.cleanup()


def settings(url: str) -> dict[str, Any]:
    rule = {
        "when": {"event": "paid"},
        "post": {"channel": "main", "text": "**{player.name}** bought {item}"},
        "say": {"text": "{player.name} supports the server"},
        "command": {"server": "survival", "run": "thank"},
    }
    return {
        "in": {"shop": {"secret": SHOP.get_secret_value(), "then": [rule]}},
        "out": {
            "archive": {
                "url": url,
                "secret": ARCHIVE.get_secret_value(),
                "kinds": ["hook.*", "announcement.made", "chat.said"],
                "allow-private": True,
            }
        },
        "commands": {"thank": "whitelist add {player.name}"},
    }


async def send(session: aiohttp.ClientSession, url: str, id_: str = "order-1") -> int:
    raw = json.dumps(ORDER).encode()
    headers = signed(SHOP, id_=id_, at=datetime.now(UTC), body=raw) | {"Content-Type": "application/json"}
    async with session.post(f"{url}/hooks/shop", data=raw, headers=headers) as answer:
        return answer.status


async def test_a_hook_is_heard_everywhere_once(town: Town) -> None:
    async with archive() as told, town.bridge(hooks=settings(told.url)) as bridge:
        assert await send(bridge.session, bridge.url) == 202
        assert await send(bridge.session, bridge.url) == 200
        post = await town.post("Alix")
        assert post.content == "**Alix** bought \\*\\*Supporter\\*\\* @everyone"
        assert (await town.seen("supports")).plain.endswith("Alix supports the server")
        await until(lambda: any(each.text.startswith("whitelist add") for each in town.game.commands))
        await town.say("thank you")
        await town.seen("thank you")
        await until(lambda: told.of("chat.said"))
        assert [each["delivery"] for each in told.of("hook.received")] == ["order-1"]
        assert len(told.of("announcement.made")) == 1
    assert [each.text for each in town.game.commands if "whitelist" in each.text] == ["whitelist add Alix"]
    assert len([line for line in town.told() if "bought" in line]) == 1


async def test_a_hook_that_was_accepted_outlives_a_kill(town: Town) -> None:
    """202 means that it is on disk: what was asked for happens after the next start, and once."""
    async with archive() as told, aiohttp.ClientSession() as session:
        await town.game.rcon.close()
        async with town.daemon(hooks=settings(told.url)) as daemon:
            url = f"http://127.0.0.1:{town.website_port}"
            assert await send(session, url) == 202
            await daemon.kill()
        await town.game.rcon.listen()
        async with town.daemon():
            assert await send(session, url) == 200
            await town.seen("supports")
            await town.post("bought")
            await until(lambda: any("whitelist" in each.text for each in town.game.commands))
            await until(lambda: told.of("announcement.made"))
        bought = [line for line in town.told() if "bought" in line]
        assert len(bought) == 1
        assert len([each for each in town.game.commands if "whitelist" in each.text]) == 1


async def test_many_wrong_ones_do_not_disturb_the_others(town: Town) -> None:
    async with archive() as told, town.bridge(hooks=settings(told.url)) as bridge:

        async def wrong(number: int) -> int:
            async with bridge.session.post(f"{bridge.url}/hooks/shop{number}", data=b"{}") as answer:
                return answer.status

        statuses = await asyncio.gather(*map(wrong, range(60)))
        assert set(statuses) <= {401, 429}
        assert await wrong(60) == 429
        await town.say("hello")
        await town.seen("hello")
