"""Tokens for other programs, made and revoked at the desk."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from bridge.config.access import Bundle
from bridge.store.audit import audit_entries

if TYPE_CHECKING:
    from tests.features.conftest import Desk


async def make(desk: Desk, csrf: str, **fields: str) -> tuple[int, str]:
    form = aiohttp.FormData({"csrf": csrf, **fields})
    async with desk.client.post("/staff/tokens", data=form()) as answer:
        return answer.status, await answer.text()


async def test_a_token_is_shown_once_and_lets_a_program_in_until_it_is_revoked(desk: Desk) -> None:
    csrf = await desk.sign_in(Bundle.ADMIN)
    status, html = await make(desk, csrf, name="A <b>dashboard</b>", scope="records.read")
    assert status == HTTPStatus.OK
    (secret,) = re.findall(r"psl_[\w-]{43}", html)
    assert "&lt;b&gt;dashboard" in html
    page = await desk.page("/staff/tokens")
    assert secret not in page
    (token,) = re.findall(r"/staff/tokens/(\w+)/revoke", page)
    identity = await desk.site.tokens.identity_of_token(f"Bearer {secret}")
    assert identity is not None
    assert identity.permissions == {"records.read"}
    async with desk.client.post(f"/staff/tokens/{token}/revoke", data={"csrf": csrf}) as answer:
        assert "Revoked" in await answer.text()
    assert await desk.site.tokens.identity_of_token(f"Bearer {secret}") is None
    async with desk.parts.store.reading() as conn:
        entries = await audit_entries(conn)
    assert [(entry.action, entry.was, entry.became) for entry in entries] == [
        ("tokens.revoked", "records.read", None),
        ("tokens.created", None, "records.read"),
    ]
    assert secret not in str(entries)


async def test_what_is_wrong_with_a_token_is_told(desk: Desk) -> None:
    csrf = await desk.sign_in(Bundle.ADMIN)
    for fields, words in (
        ({"name": "", "scope": "records.read"}, "1 to 60 characters"),
        ({"name": "x"}, "choose what it may do"),
        ({"name": "x", "scope": "everything"}, "choose what it may do"),
    ):
        status, html = await make(desk, csrf, **fields)
        assert (status, words in html) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    async with desk.client.post("/staff/tokens/nowhere/revoke", data={"csrf": csrf}) as answer:
        assert answer.status == HTTPStatus.NOT_FOUND


async def test_only_administrators_make_tokens(desk: Desk) -> None:
    csrf = await desk.sign_in(Bundle.MANAGER)
    status, _ = await make(desk, csrf, name="x", scope="records.read")
    assert status == HTTPStatus.FORBIDDEN
    assert await desk.site.tokens.listed() == []
