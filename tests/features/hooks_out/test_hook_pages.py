"""The staff's page of hooks: what could not be delivered is sent again or forgotten."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from bridge.config.access import Bundle
from bridge.features.hooks_out import HooksOut
from bridge.features.staff import Staff
from bridge.store.audit import audit_entries
from bridge.store.hooks import set_aside
from tests.features.hooks_out.conftest import SECRET, joined

if TYPE_CHECKING:
    from tests.features.conftest import Desk, OpenDesk
    from tests.features.hooks_out.conftest import Receiver


async def put_aside(desk: Desk, count: int) -> None:
    """Wait until so much was set aside."""
    async with asyncio.timeout(10):
        while True:
            async with desk.parts.store.reading() as conn:
                if len(await set_aside(conn)) == count:
                    return


async def test_what_was_set_aside_is_sent_again_or_forgotten(open_desk: OpenDesk, receiver: Receiver) -> None:
    hook = {"url": receiver.url, "secret": SECRET, "kinds": ["player.joined"], "allow-private": True}
    receiver.answers.extend([410])  # it wants nothing any more: all is set aside
    async with open_desk(HooksOut, Staff, hooks={"out": {"archive": hook}}) as desk:
        await desk.happen(joined("Mira"), joined("Noah"))
        await put_aside(desk, 2)
        csrf = await desk.sign_in(Bundle.ADMIN)
        html = await desk.page("/staff/hooks")
        again, forgotten = re.findall(r"/staff/hooks/(\d+)/retry", html)
        for path in (f"/staff/hooks/{forgotten}/drop", f"/staff/hooks/{again}/retry"):
            async with desk.client.post(path, data={"csrf": csrf}) as answer:
                assert answer.status == HTTPStatus.OK
        await receiver.wait_for(2)
        assert receiver.players == ["Mira", "Mira"]
        await put_aside(desk, 0)
        async with desk.client.post(f"/staff/hooks/{again}/retry", data={"csrf": csrf}) as answer:
            assert answer.status == HTTPStatus.NOT_FOUND
        async with desk.parts.store.reading() as conn:
            entries = await audit_entries(conn)
        assert [entry.action for entry in entries] == ["hooks.retried", "hooks.dropped"]


async def test_a_manager_sees_what_was_set_aside_and_may_do_nothing_about_it(open_desk: OpenDesk) -> None:
    async with open_desk(HooksOut, Staff) as desk:
        csrf = await desk.sign_in(Bundle.MANAGER)
        assert "No hook is set up." in await desk.page("/staff/hooks")
        async with desk.client.post("/staff/hooks/1/retry", data={"csrf": csrf}) as answer:
            assert answer.status == HTTPStatus.FORBIDDEN
