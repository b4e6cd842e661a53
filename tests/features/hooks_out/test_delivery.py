"""What happens is told in order, until it arrives or is given up; nothing is lost on the way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bridge.features.hooks_out.delivery import message_id
from bridge.journal import RecordId
from bridge.store.hooks import SetAside, drop, retry, set_aside
from bridge.store.readers import reader_position

if TYPE_CHECKING:
    from bridge.events import AnyEvent
    from bridge.features.hooks_out.delivery import HookDelivery
    from tests.features.hooks_out.conftest import Bench, OpenBench, Receiver

from tests.features.hooks_out.conftest import AT, READER, joined, said


async def aside(bench: Bench) -> list[SetAside]:
    async with bench.store.reading() as conn:
        return await set_aside(conn)


async def done_with(bench: Bench, delivery: HookDelivery, *events: AnyEvent) -> None:
    """Let facts arrive, and everything be delivered or set aside."""
    await bench.happen(*events)
    await bench.until(lambda: delivery.state.position == bench.count)


async def given_up(bench: Bench, delivery: HookDelivery, receiver: Receiver) -> SetAside:
    """Let a receiver fail until a record is set aside, and be well from then on."""
    receiver.answers.extend([500] * 50)
    await done_with(bench, delivery, joined("Mira"))
    receiver.answers.clear()
    (kept,) = await aside(bench)
    return kept


async def want_again(bench: Bench, kept: SetAside) -> None:
    async with bench.store.transaction() as tx:
        await retry(tx, kept.id)


async def position(bench: Bench) -> int:
    async with bench.store.reading() as conn:
        return await reader_position(conn, READER) or 0


async def test_each_event_is_one_signed_message_in_order(bench: Bench, receiver: Receiver) -> None:
    async with bench.running() as delivery:
        await bench.happen(joined("Mira"), joined("Odo"))
        first, second = await receiver.wait_for(2)
        await bench.until(lambda: delivery.state.position == 2)
    assert first.body == {
        "id": "log:survival:1",
        "position": 1,
        "kind": "player.joined",
        "at": "2026-11-22T14:00:00Z",
        "event": {"server": "survival", "player": "Mira"},
    }
    assert (first.id, second.id) == ("log:survival:1", "log:survival:2")
    assert receiver.players == ["Mira", "Odo"]
    assert await position(bench) == 2
    assert (delivery.state.problem, delivery.state.last_success) == ("", AT)


async def test_a_failing_receiver_is_tried_later_and_later_and_nothing_overtakes(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.answers.extend([500, 503, 404, 200])
    with capture_logs() as logs:
        async with bench.running() as delivery:
            await bench.happen(joined("Mira"), joined("Odo"))
            await receiver.wait_for(5)
            await bench.until(lambda: delivery.state.position == 2)
    assert receiver.players == ["Mira"] * 4 + ["Odo"]
    assert len({told.id for told in receiver.told[:4]}) == 1
    for wait_s, most_s in zip(bench.waits, (1, 2, 4), strict=True):
        assert most_s / 2 <= wait_s <= most_s
    told = [(line["log_level"], line.get("why")) for line in logs if "hook" in line]
    assert told == [
        ("warning", "answered 500"),
        ("warning", "answered 503"),
        ("warning", "answered 404"),
        ("info", None),
    ]


async def test_each_try_is_signed_at_its_own_time(bench: Bench, receiver: Receiver) -> None:
    receiver.answers.append(web.Response(status=503, headers={"Retry-After": "600"}))
    async with bench.running():
        await bench.happen(joined())
        first, second = await receiver.wait_for(2)
    times = [int(each.headers["X-Passerelle-Timestamp"]) for each in (first, second)]
    assert times[1] - times[0] == 600
    assert bench.waits == [600.0]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(bench: Bench, receiver: Receiver, status: int) -> None:
    """It could lead the signed message, or us, anywhere."""
    receiver.answers.append(web.Response(status=status, headers={"Location": receiver.url}))
    with capture_logs() as logs:
        async with bench.running() as delivery:
            await bench.happen(joined())
            await receiver.wait_for(2)
            await bench.until(lambda: delivery.state.position == 1)
    assert f"answered {status}: redirects are not followed; write the new address into the settings" in [
        line.get("why") for line in logs
    ]


async def test_a_receiver_that_hangs_is_tried_again(bench: Bench, receiver: Receiver) -> None:
    receiver.answers.append(None)
    with capture_logs() as logs:
        async with bench.running(timeout_s=0.2):
            await bench.happen(joined())
            await receiver.wait_for(2)
    assert "no complete answer within 0.2 s" in [line.get("why") for line in logs]


async def test_what_is_given_up_is_set_aside_and_the_rest_goes_on(
    open_bench: OpenBench, receiver: Receiver
) -> None:
    async with open_bench(give_up_after="1m") as bench:
        async with bench.running() as delivery:
            kept = await given_up(bench, delivery, receiver)
            await done_with(bench, delivery, joined("Odo"))
        assert (kept.hook, kept.position, kept.kind) == ("archive", 1, "player.joined")
        assert (kept.problem, kept.tries) == ("answered 500", receiver.players.count("Mira"))
        assert (kept.begun_at, kept.set_aside_at) == (AT, AT + timedelta(minutes=1))
        assert receiver.players[-1] == "Odo"
        assert sum(bench.waits) == pytest.approx(60)
        assert await position(bench) == 2


async def test_the_time_to_give_up_goes_on_over_a_restart(open_bench: OpenBench, receiver: Receiver) -> None:
    async with open_bench(give_up_after="1h") as bench:
        receiver.answers.extend([500, None])
        async with bench.running():
            await bench.happen(joined())
            await receiver.wait_for(2)
        bench.now = AT + timedelta(hours=2)
        receiver.answers.append(500)
        async with bench.running() as delivery:
            await bench.until(lambda: delivery.state.position == 1)
        (kept,) = await aside(bench)
        assert (kept.begun_at, kept.tries) == (AT, 2)
        assert len(receiver.told) == 3


async def test_a_lost_answer_means_the_same_message_again(bench: Bench, receiver: Receiver) -> None:
    """The bridge stops while the receiver works: whoever is told twice sees the same id."""
    receiver.answers.append(None)
    async with bench.running():
        await bench.happen(joined())
        await receiver.wait_for(1)
    async with bench.running() as delivery:
        await receiver.wait_for(2)
        await bench.until(lambda: delivery.state.position == 1)
    first, second = receiver.told
    assert (first.id, first.raw) == (second.id, second.raw)


async def test_a_receiver_that_is_gone_is_left_alone_and_everything_is_kept(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.answers.append(410)
    async with bench.running() as delivery:
        await done_with(bench, delivery, joined("Mira"), joined("Odo"), joined("Kai"))
        assert delivery.state.gone
    assert receiver.players == ["Mira"]
    assert [(each.position, each.problem) for each in await aside(bench)] == [
        (number, "answered 410: it wants nothing any more") for number in (1, 2, 3)
    ]
    async with bench.running() as delivery:  # a restart asks anew
        await done_with(bench, delivery, joined("Pia"))
    assert receiver.players == ["Mira", "Pia"]


async def test_what_is_wanted_again_is_sent_after_the_present_one(
    open_bench: OpenBench, receiver: Receiver
) -> None:
    async with open_bench(give_up_after="1s") as bench:
        async with bench.running() as delivery:
            kept = await given_up(bench, delivery, receiver)
            tries = len(receiver.told)
            await want_again(bench, kept)
            await bench.happen(joined("Odo"))
            delivery.look_again()
            await receiver.wait_for(tries + 2)
            await bench.until(lambda: delivery.state.position == 2)
            while await aside(bench):
                pass
        assert sorted(receiver.players[tries:]) == ["Mira", "Odo"]
        assert receiver.told[0].id in {told.id for told in receiver.told[tries:]}


async def test_what_is_wanted_again_waits_for_its_turn_and_fails_once(
    open_bench: OpenBench, receiver: Receiver
) -> None:
    async with open_bench(give_up_after="1s") as bench:
        async with bench.running() as delivery:
            kept = await given_up(bench, delivery, receiver)
        tries = len(receiver.told)
        receiver.answers.extend([503, 204])
        await want_again(bench, kept)
        async with bench.running():
            await receiver.wait_for(tries + 1)
            while (await aside(bench))[0].again:
                pass
        (again,) = await aside(bench)
        assert (again.problem, again.tries, again.begun_at) == ("answered 503", kept.tries + 1, AT)
        assert len(receiver.told) == tries + 1


async def test_what_is_dropped_is_not_sent(open_bench: OpenBench, receiver: Receiver) -> None:
    async with open_bench(give_up_after="1s") as bench:
        receiver.answers.append(410)
        async with bench.running() as delivery:
            await done_with(bench, delivery, joined("Mira"), joined("Odo"))
            mira, odo = await aside(bench)
            async with bench.store.transaction() as tx:
                await drop(tx, mira.id)
            await want_again(bench, odo)
            delivery.look_again()
            await receiver.wait_for(2)
            while await aside(bench):
                pass
            assert not delivery.state.gone  # it took something
        assert receiver.players == ["Mira", "Odo"]


async def test_an_address_in_a_private_network_is_refused(open_bench: OpenBench, receiver: Receiver) -> None:
    async with open_bench(allow_private=False, give_up_after="1s") as bench:
        async with bench.running() as delivery:
            await done_with(bench, delivery, joined())
            assert delivery.state.advice == "hooks.advice.private"
        assert receiver.told == []
        assert "this machine or into a private network" in (await aside(bench))[0].problem


async def test_nothing_secret_is_logged(open_bench: OpenBench, receiver: Receiver) -> None:
    async with open_bench(url=f"{receiver.url}?token=hidden-in-the-address", give_up_after="1s") as bench:
        receiver.answers.extend([500] * 3)
        with capture_logs() as logs:
            async with bench.running() as delivery:
                await done_with(bench, delivery, joined())
        assert logs
        assert "hidden-in-the-address" not in str(logs) + str(delivery.state)
        assert "a secret of the archive" not in str(logs) + str(delivery.state)


async def test_where_a_stop_leaves_off_the_next_start_goes_on(
    open_bench: OpenBench, receiver: Receiver
) -> None:
    async with open_bench(servers=["creative"]) as bench:
        async with bench.running() as delivery:
            await done_with(bench, delivery, joined(), said("hello"))
        assert await position(bench) == 2
    assert receiver.told == []


@given(st.text(min_size=1))
def test_whatever_a_feed_calls_its_entries_the_id_fits_a_header(entry: str) -> None:
    id_ = message_id(RecordId(f"feed:blog:{entry}"))
    assert re.fullmatch(r"[A-Za-z0-9_.:+=/-]{1,128}", id_)
    assert message_id(RecordId(f"feed:blog:{entry}!")) != id_
    assert message_id(RecordId("log:survival:7")) == "log:survival:7"
