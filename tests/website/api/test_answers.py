"""How endpoints are answered: checked requests, problem documents, pages, compression, pace."""

from __future__ import annotations

import gzip
import io
import itertools
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bridge.config.access import Permission
from bridge.website.pace import Limiter

if TYPE_CHECKING:
    from tests.website.api.conftest import Desk

LINES = "/api/v1/rooms/main/lines"


async def test_parameters_reach_the_handler_as_their_types(desk: Desk) -> None:
    async with desk.client.get("/api/v1/status?limit=2&kind=a&kind=b") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert await answer.json() == {
            "next": "/api/v1/status?limit=2&kind=a&kind=b&cursor=Mw",
            "numbers": [1, 2],
        }


async def test_pages_lead_from_one_to_the_next_and_end(desk: Desk) -> None:
    seen: list[int] = []
    path: str | None = "/api/v1/status?limit=4"
    while path is not None:
        async with desk.client.get(path) as answer:
            page = await answer.json()
            link = answer.headers.get("Link")
        seen += page["numbers"]
        path = page["next"]
        assert link == (f'<{path}>; rel="next"' if path else None)
    assert seen == list(range(1, 10))


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("limit=many", ["?limit"]),
        ("limit=0", ["?limit"]),
        ("limit=501", ["?limit"]),
        ("limit=1&limit=2", ["?limit"]),
        ("kind=abcdefghijklmn", ["?kind"]),
        ("page=2&colour=red", ["?colour", "?page"]),
        ("cursor=%00", ["?cursor"]),
        ("cursor=bm9uZQ", ["?cursor"]),
    ],
)
async def test_each_wrong_parameter_is_named(desk: Desk, query: str, pointers: list[str]) -> None:
    async with desk.client.get(f"/api/v1/status?{query}") as answer:
        document = await desk.problem(answer, 422)
    assert document["type"] == "/api/docs#problem-invalid"
    errors = document["errors"]
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == pointers
    assert all(len(error["detail"]) > 5 for error in errors)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b'{"text": "hi"}', 201, None),
        (b'{"text": 1}', 422, "#/text"),
        (b'{"text": ""}', 422, "#/text"),
        (b'{"text": "hi", "loud": true}', 422, "#/loud"),
        (b'{"text": "hi", "tags": [{"name": "a"}, {"name": 2}]}', 422, "#/tags/1/name"),
        (b"{}", 422, "#"),
        (b"[]", 422, "#"),
        (b"null", 422, "#"),
        (b"", 400, None),
        (b'{"text": "hi"', 400, None),
        (b'{"text": "\xff"}', 400, None),
        (b'{"text": "\\ud800"}', 400, None),
        (b'{"tags": ' + b"[" * 30_000, 422, "#/tags/0"),
        (b'{"loud": ' + b"[" * 30_000, 422, "#/loud"),
        (b'{"loud": ' + b'{"a":' * 12_000, 422, "#/loud"),
    ],
)
async def test_a_body_is_taken_or_told_what_is_wrong(
    desk: Desk, body: bytes, status: int, pointer: str | None
) -> None:
    headers = await desk.token(Permission.ROOMS_POST) | {"Content-Type": "application/json"}
    async with desk.client.post(LINES, data=body, headers=headers) as answer:
        if status == 201:
            assert answer.status == 201
            assert await answer.json() == {"text": "Shop: hi"}
            return
        document = await desk.problem(answer, status)
    errors = document.get("errors", [])
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == ([] if pointer is None else [pointer])


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_a_body(desk: Desk, content_type: str) -> None:
    headers = await desk.token(Permission.ROOMS_POST) | {"Content-Type": content_type}
    async with desk.client.post(LINES, data=b'{"text": "hi"}', headers=headers) as answer:
        await desk.problem(answer, 415)


async def test_a_huge_body_is_refused_and_the_site_goes_on(desk: Desk) -> None:
    headers = await desk.token(Permission.ROOMS_POST) | {"Content-Type": "application/json"}
    huge = io.BytesIO(b" " * 50_000_000)
    try:
        async with desk.client.post(LINES, data=huge, headers=headers) as answer:
            await desk.problem(answer, 413)
    except aiohttp.ClientConnectionError:
        pass  # the rest of it found nobody to take it
    async with desk.client.get("/api/v1/status") as answer:
        assert answer.status == 200


async def test_what_is_not_there_is_a_problem_document_too(desk: Desk) -> None:
    async with desk.client.get("/api/v1/nowhere", headers={"Accept": "text/html"}) as answer:
        assert (await desk.problem(answer, 404))["type"] == "/api/docs#problem-not-found"
    async with desk.client.delete("/api/v1/status") as answer:
        await desk.problem(answer, 405)
        assert answer.headers["Allow"] == "GET,HEAD"
    headers = await desk.token(Permission.RECORDS_READ)
    async with desk.client.get("/api/v1/records/none", headers=headers) as answer:
        await desk.problem(answer, 404)
    async with desk.client.get("/api/v1/records/999999", headers=headers) as answer:
        assert (await desk.problem(answer, 404))["detail"] == "That is too long."


async def test_our_own_mistake_is_told_without_what_it_was(desk: Desk) -> None:
    headers = await desk.token(Permission.RECORDS_READ)
    async with desk.client.get("/api/v1/records/13", headers=headers) as answer:
        document = await desk.problem(answer, 500)
    assert "ZeroDivision" not in str(document)


async def test_a_stranger_is_asked_who_they_are_and_a_weak_token_refused(desk: Desk) -> None:
    async with desk.client.get("/api/v1/records/1") as answer:
        await desk.problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    headers = {"Authorization": "Bearer psl_wrong"}
    async with desk.client.get("/api/v1/status", headers=headers) as answer:
        await desk.problem(answer, 401)
    async with desk.client.get(
        "/api/v1/records/1", headers=await desk.token(Permission.ROOMS_POST)
    ) as answer:
        await desk.problem(answer, 403)


async def test_who_has_an_answer_is_told_that_it_has_not_changed(desk: Desk) -> None:
    async with desk.client.get("/api/v1/status") as answer:
        tag = answer.headers["ETag"]
    assert not tag.startswith("W/")
    for known in (tag, f'"other", {tag}', "*"):
        async with desk.client.get("/api/v1/status", headers={"If-None-Match": known}) as answer:
            assert answer.status == 304
            assert answer.headers["ETag"] == tag
            assert await answer.read() == b""
    async with desk.client.get("/api/v1/status?limit=1", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200


async def test_long_answers_are_compressed_for_who_takes_it(desk: Desk) -> None:
    headers = await desk.token(Permission.RECORDS_READ)
    async with aiohttp.ClientSession(
        desk.site.url, auto_decompress=False, skip_auto_headers={"Accept-Encoding"}
    ) as raw:
        for length, accepted, zipped in (
            (500, "gzip", False),
            (5000, "gzip", True),
            (400_000, "br, GZIP;q=0.5", True),
            (5000, "gzip;q=0, br", False),
            (5000, "", False),
        ):
            told = headers | {"Accept-Encoding": accepted}
            async with raw.get(f"/api/v1/records/{length}", headers=told) as answer:
                body = await answer.read()
                assert (answer.headers.get("Content-Encoding") == "gzip") is zipped
                assert "Accept-Encoding" in answer.headers["Vary"]
                tag = answer.headers["ETag"]
            plain = gzip.decompress(body) if zipped else body
            assert plain == b'{"text":"' + b"x" * length + b'"}'
            told["If-None-Match"] = tag
            async with raw.get(f"/api/v1/records/{length}", headers=told) as answer:
                assert answer.status == 304


async def test_head_is_told_as_get_is(desk: Desk) -> None:
    async with desk.client.head("/api/v1/status") as answer:
        assert answer.status == 200
        assert "ETag" in answer.headers


async def test_the_pace_is_told_and_kept_for_each_token(desk: Desk) -> None:
    desk.site.api.limiter = Limiter(3, 60, now=itertools.repeat(0.0).__next__)
    one, other = await desk.token(Permission.ROOMS_POST), await desk.token(Permission.ROOMS_POST)
    left = []
    for _ in range(3):
        async with desk.client.get("/api/v1/status", headers=one) as answer:
            assert answer.status == 200
            assert answer.headers["RateLimit-Limit"] == "3"
            left.append(answer.headers["RateLimit-Remaining"])
    assert left == ["2", "1", "0"]
    async with desk.client.get("/api/v1/status", headers=one) as answer:
        await desk.problem(answer, 429)
        assert answer.headers["Retry-After"] == "60"
        assert answer.headers["RateLimit-Remaining"] == "0"
    for headers in (other, {}):
        async with desk.client.get("/api/v1/status", headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["RateLimit-Remaining"] == "2"
