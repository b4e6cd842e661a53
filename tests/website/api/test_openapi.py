"""The document about the API is valid, steady, and shown as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import msgspec

from bridge.config.permissions import Rule, Rules, Who
from bridge.website.api.docs import coded
from bridge.website.api.openapi import openapi, openapi_json
from bridge.website.api.problems import PROBLEMS, type_of_problem

if TYPE_CHECKING:
    from tests.website.api.conftest import Desk

OPERATION: dict[str, Any] = {
    "type": "object",
    "required": ["operationId", "summary", "responses", "tags", "parameters", "security"],
    "properties": {
        "parameters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "in", "required", "schema"],
                "properties": {"in": {"enum": ["path", "query"]}, "description": {"type": "string"}},
            },
        },
        "responses": {"type": "object", "minProperties": 2, "propertyNames": {"pattern": "^[2-5][0-9]{2}$"}},
    },
}
SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"const": "3.1.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/api/v1/"},
            "additionalProperties": {"type": "object", "additionalProperties": OPERATION},
        },
    },
}


async def test_the_document_has_the_form_that_openapi_asks_for(desk: Desk) -> None:
    async with desk.client.get("/api/v1/openapi.json") as answer:
        assert answer.status == 200
        document = await answer.json()
    jsonschema.validate(document, SHAPE)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in re.findall(r'"\$ref": "#/components/([^"]+)"', msgspec.json.encode(document).decode()):
        area, name = reference.split("/")
        assert name in document["components"][area]
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


async def test_every_example_fits_its_own_schema(desk: Desk) -> None:
    document = openapi(desk.site.api.endpoints, Rules())
    answers = [
        *(
            answer
            for path in document["paths"].values()
            for each in path.values()
            for answer in each["responses"].values()
        ),
        *document["components"]["responses"].values(),
    ]
    checked = 0
    for answer in answers:
        for content in answer.get("content", {}).values():
            schema = {**content["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(content["example"])
            checked += 1
    assert checked > 5


async def test_the_document_is_the_same_each_time(desk: Desk) -> None:
    endpoints = desk.site.api.endpoints
    assert openapi_json(endpoints, Rules()) == openapi_json(endpoints[::-1], Rules())
    async with desk.client.get("/api/v1/openapi.json") as answer:
        tag = answer.headers["ETag"]
    async with desk.client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304


async def test_it_says_who_may_ask(desk: Desk) -> None:
    paths = openapi(desk.site.api.endpoints, Rules())["paths"]
    assert {} in paths["/api/v1/status"]["get"]["security"]
    closed = paths["/api/v1/records/{position}"]["get"]
    assert closed["security"] == [{"token": []}, {"session": []}]
    assert "`records.read`" in closed["description"]
    assert {"401", "403", "404", "422", "429"} <= closed["responses"].keys()
    assert {"400", "413", "415"} <= paths["/api/v1/rooms/{room}/lines"]["post"]["responses"].keys()


async def test_it_says_who_may_ask_what_packages_add(desk: Desk) -> None:
    rules, added = Rules(), replace(desk.site.api.endpoints[0], path="/api/v1/maps")
    assert "no rule" in openapi([added], rules)["paths"][added.path]["get"]["description"]
    rules.add(added.name, Rule(Who.EVERYONE, "a map is no secret"))
    operation = openapi([added], rules)["paths"][added.path]["get"]
    assert operation["security"][0] == {}
    assert "Everybody may ask." in operation["description"]


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)


async def test_the_example_names_the_address_that_its_reader_came_to(desk: Desk) -> None:
    for host, address in {
        "mc.example.org:8080": "http://mc.example.org:8080",
        '"; curl evil.example; "': desk.site.url,
    }.items():
        async with desk.client.get("/api/docs", headers={"Host": host}) as answer:
            assert f'"{address}/api/v1/status"' in await answer.text()


def test_backticks_of_descriptions_are_code_and_the_rest_is_text() -> None:
    assert coded("A `<b>` & a ` only") == "A <code>&lt;b&gt;</code> &amp; a ` only"
    assert coded("`one``two`") == "<code>one</code><code>two</code>"


async def test_people_read_the_same_on_a_page_of_ours(desk: Desk) -> None:
    for language in ("en", "fr"):
        async with desk.client.get("/api/docs", headers={"Accept-Language": language}) as answer:
            assert answer.status == 200
            html = await answer.text()
        page = _Ids()
        page.feed(html)
        assert f'<html lang="{language}">' in html
        assert page.inline == []
        assert len(page.ids) == len(set(page.ids))
        for status in PROBLEMS:
            assert type_of_problem(status).rpartition("#")[2] in page.ids
        for endpoint in desk.site.api.endpoints:
            assert f"<code>{endpoint.path}</code>" in html
            assert endpoint.summary in html
