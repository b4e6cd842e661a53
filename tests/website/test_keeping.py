"""What many ask for at once is made once, and a failure is nobody's for long."""

from __future__ import annotations

import asyncio

import pytest

from bridge.website import Briefly


class Maker:
    """Counts how often it is asked, and waits until it is told to go on."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self) -> int:
        self.made += 1
        await self.go_on.wait()
        return self.made

    async def fail(self) -> int:
        self.made += 1
        await self.go_on.wait()
        raise ZeroDivisionError


async def test_it_is_made_again_after_its_time() -> None:
    now, make = [100.0], Maker()
    kept: Briefly[int] = Briefly(for_s=1, now=lambda: now[0])
    assert [await kept.get("a", make) for _ in range(3)] == [1, 1, 1]
    assert await kept.get("b", make) == 2
    now[0] += 0.9
    assert await kept.get("a", make) == 1
    now[0] += 0.1
    assert await kept.get("a", make) == 3


async def test_who_asks_meanwhile_gets_the_same() -> None:
    make = Maker()
    make.go_on.clear()
    kept: Briefly[int] = Briefly()
    asked = [asyncio.create_task(kept.get("a", make)) for _ in range(50)]
    await asyncio.sleep(0)
    make.go_on.set()
    assert set(await asyncio.gather(*asked)) == {1}


async def test_the_others_get_it_when_the_first_goes_away() -> None:
    make = Maker()
    make.go_on.clear()
    kept: Briefly[int] = Briefly()
    first, second = (asyncio.create_task(kept.get("a", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    make.go_on.set()
    assert await second == 1
    assert first.cancelled()


async def test_a_failure_is_told_and_tried_again() -> None:
    make = Maker()
    kept: Briefly[int] = Briefly(for_s=3600)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await kept.get("a", make.fail)
    assert await kept.get("a", make) == 3


async def test_only_so_many_things_are_kept() -> None:
    make = Maker()
    kept: Briefly[int] = Briefly(for_s=3600)
    for number in range(2000):
        await kept.get(number, make)
    assert await kept.get(1999, make) == 2000
    assert await kept.get(0, make) == 2001


async def test_what_was_begun_before_a_change_is_not_given_out_after_it() -> None:
    make = Maker()
    make.go_on.clear()
    kept: Briefly[int] = Briefly(for_s=3600)
    before = asyncio.create_task(kept.get("a", make))
    await asyncio.sleep(0)
    kept.forget()
    after = asyncio.create_task(kept.get("a", make))
    await asyncio.sleep(0)
    make.go_on.set()
    await asyncio.gather(before, after)
    assert make.made == 2
    assert await kept.get("a", make) == 2
