"""What everybody sees of a server's uptime."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.events import ServerId
from bridge.store.statistics.accounts import number_of_server
from bridge.store.statistics.samples import MinuteState, Sample, add_samples, minute_of
from bridge.store.times import to_ms
from tests.features.conftest import House


async def test_a_servers_page_tells_it_once_something_is_known(house: House) -> None:
    assert "of the last 30 days" not in await house.page("/servers/survival")
    last = minute_of(to_ms(datetime.now(UTC)))
    minutes = [Sample(last - at, MinuteState.DOWN if at < 25 else MinuteState.UP, 1) for at in range(1000)]
    async with house.parts.store.transaction() as tx:
        number = await number_of_server(tx, ServerId("survival"))
        await add_samples(tx, number, minutes, zone=ZoneInfo("UTC"))
    assert "There 97.5 % of the last 30 days" in await house.page("/servers/survival")
