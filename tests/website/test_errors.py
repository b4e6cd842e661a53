"""Whatever goes wrong is told in words, with our headers, to people and to programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import aiohttp
import pytest
from structlog.testing import capture_logs

from bridge.website import Request, Site, StreamResponse

Serve = Callable[[Site], AbstractAsyncContextManager[aiohttp.ClientSession]]
MakeSite = Callable[..., Site]

HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
)


async def broken(_request: Request) -> StreamResponse:
    """A page with a mistake in it."""
    raise ZeroDivisionError("the password is hunter2")


async def endless(_request: Request) -> StreamResponse:
    """A page that never comes."""
    await asyncio.Event().wait()
    raise AssertionError


async def read(request: Request) -> StreamResponse:
    """A form that is read."""
    await request.post()
    raise AssertionError


def add_pages(site: Site) -> Site:
    async def forbidden(_request: Request) -> StreamResponse:
        site.refuse(HTTPStatus.FORBIDDEN)

    async def hurried(_request: Request) -> StreamResponse:
        site.refuse(HTTPStatus.TOO_MANY_REQUESTS)

    async def odd(_request: Request) -> StreamResponse:
        site.refuse(HTTPStatus.IM_A_TEAPOT)

    for path, handler in {
        "/broken": broken,
        "/endless": endless,
        "/forbidden": forbidden,
        "/hurried": hurried,
        "/odd": odd,
    }.items():
        site.add_get(path, handler)
    site.add_post("/form", read)
    return site


@pytest.mark.parametrize(
    ("asked", "status", "title"),
    [
        ("GET /nowhere", 404, "No such page"),
        ("GET /static/../site.py", 404, "No such page"),
        ("GET /forbidden", 403, "Not allowed"),
        ("GET /hurried", 429, "Too fast"),
        ("GET /odd", 418, "That was not understood"),
        ("POST /forbidden", 405, "Not that way"),
        ("GET /broken", 500, "Something broke"),
    ],
)
async def test_an_error_is_a_page_in_words_with_all_our_headers(
    make_site: MakeSite, serve: Serve, asked: str, status: int, title: str
) -> None:
    method, path = asked.split()
    async with serve(add_pages(make_site())) as client, client.request(method, path) as answer:
        html = await answer.text()
        assert (answer.status, answer.content_type) == (status, "text/html")
        assert f"<h1>{title}</h1>" in html
        assert f"Error {status}" in html
        assert "Stonebridge" in html
        assert [name for name in HEADERS if name not in answer.headers] == []


async def test_an_error_speaks_the_community_s_language(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site(language="fr")) as client, client.get("/nowhere") as answer:
        html = await answer.text()
        assert '<html lang="fr">' in html
        assert "<h1>Page introuvable</h1>" in html


async def test_a_program_that_asks_for_json_gets_the_error_as_json(make_site: MakeSite, serve: Serve) -> None:
    headers = {"Accept": "application/json"}
    async with serve(make_site()) as client, client.get("/nowhere", headers=headers) as answer:
        assert answer.status == 404
        assert await answer.json() == {"error": "not-found", "message": "No such page"}


async def test_a_refused_method_says_which_are_allowed(make_site: MakeSite, serve: Serve) -> None:
    async with serve(add_pages(make_site())) as client, client.post("/forbidden") as answer:
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}


async def test_a_page_s_mistake_is_logged_with_its_traceback_and_told_without_details(
    make_site: MakeSite, serve: Serve
) -> None:
    async with serve(add_pages(make_site())) as client:
        with capture_logs() as logs:
            async with client.get("/broken?secret=1") as answer:
                html = await answer.text()
        assert "hunter2" not in html
        assert "ZeroDivisionError" not in html
        failed = [line for line in logs if line["event"] == "a page failed"]
        assert [(line["log_level"], line["exc_info"], line["route"]) for line in failed] == [
            ("error", True, "GET /broken")
        ]


async def test_a_page_that_does_not_come_is_given_up(make_site: MakeSite, serve: Serve) -> None:
    site = add_pages(make_site())
    site.request_limit_s = 0.05
    async with serve(site) as client, client.get("/endless") as answer:
        assert answer.status == 504
        assert "That took too long" in await answer.text()


async def test_a_form_that_never_ends_is_given_up(make_site: MakeSite, serve: Serve) -> None:
    """A visitor who sends a byte now and then does not keep us busy."""
    site = add_pages(make_site())
    site.request_limit_s = 0.05
    async with serve(site):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rpartition(":")[2]))
        writer.write(
            b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na="
        )
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 504 ")
        writer.close()


async def test_too_large_a_form_is_refused(make_site: MakeSite, serve: Serve) -> None:
    form = {"text": "x" * 70_000}
    async with serve(add_pages(make_site())) as client, client.post("/form", data=form) as answer:
        assert answer.status == 413
        assert "Too much at once" in await answer.text()


async def test_head_answers_as_get_without_a_body(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site()) as client, client.head("/nowhere") as answer:
        assert answer.status == 404
        assert int(answer.headers["Content-Length"]) > 500
        assert await answer.read() == b""


async def test_no_answer_tells_what_it_is_made_with(make_site: MakeSite, serve: Serve) -> None:
    async with serve(make_site()) as client, client.get("/healthz") as answer:
        assert answer.headers["Server"] == "passerelle"
