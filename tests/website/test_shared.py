from __future__ import annotations

import asyncio

import pytest

from bridge.website.shared import Shared


class Work:
    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()
        self.broken = False

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.go_on.wait()
        if self.broken:
            raise ValueError("broken")
        return number


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_those_who_ask_together_share_and_those_who_come_later_get_something_newer() -> None:
    work = Work()
    shared = Shared(work)
    first = [asyncio.create_task(shared.get()) for _ in range(3)]
    await turn()
    later = [asyncio.create_task(shared.get()) for _ in range(3)]
    await turn()
    assert work.begun == 1
    work.go_on.set()
    assert await asyncio.gather(*first) == [1, 1, 1]
    assert await asyncio.gather(*later) == [2, 2, 2]
    assert await shared.get() == 3


async def test_an_error_is_everybodys_and_not_the_next_ones() -> None:
    work = Work()
    work.broken = True
    work.go_on.set()
    shared = Shared(work)
    both = await asyncio.gather(shared.get(), shared.get(), return_exceptions=True)
    assert [type(each) for each in both] == [ValueError, ValueError]
    work.broken = False
    assert await shared.get() == 2


async def test_one_who_leaves_does_not_stop_the_work_for_others() -> None:
    work = Work()
    shared = Shared(work)
    leaving, staying = asyncio.create_task(shared.get()), asyncio.create_task(shared.get())
    await turn()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    work.go_on.set()
    assert await staying == 1
