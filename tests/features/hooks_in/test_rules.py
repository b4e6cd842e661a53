"""What rules make of bodies, whatever stands in them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bridge.config.settings import BridgeSettings
from bridge.events import AnnouncementMade, HookReceived, ServerId
from bridge.features.hooks_in.bodies import parsed
from bridge.features.hooks_in.rules import MOST_IN_A_POST, MOST_SAID, Rules
from bridge.features.telling import Teller
from bridge.locales import Catalogue
from bridge.text import parse_markdown

SURVIVAL = ServerId("survival")
CATALOGUE = Catalogue.load("en")


def rules(*then: dict[str, Any], **commands: str) -> Rules:
    rcon = {"rcon": {"password": "simulated"}}
    settings = BridgeSettings.model_validate(
        {
            "servers": {"survival": rcon, "creative": rcon | {"bedrock-prefix": "+"}},
            "discord": {"token": "x", "guild": "1" * 18, "channels": {"main": "2" * 18}},
            "privacy": {"hidden-players": ["Shade"]},
            "hooks": {
                "in": {"shop": {"secret": "x" * 16, "then": list(then)}},
                "commands": {name.replace("_", "-"): line for name, line in commands.items()},
            },
        }
    )
    return Rules(settings, Teller(settings, CATALOGUE))


def received(body: dict[str, Any], event: str = "") -> HookReceived:
    at = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    return HookReceived(at=at, hook="shop", delivery="7", event=event, body=json.dumps(body))


def told(rules: Rules, body: dict[str, Any], event: str = "") -> list[AnnouncementMade]:
    hook = received(body, event)
    drafts = rules.announcements(hook, parsed(hook.body.encode()))
    assert len({draft.id for draft in drafts}) == len(drafts)
    return [draft.event for draft in drafts if isinstance(draft.event, AnnouncementMade)]


def lines(rules: Rules, body: dict[str, Any], server: str = "survival") -> list[str | None]:
    hook = received(body)
    runs = rules.runs(hook, parsed(hook.body.encode()), ServerId(server))
    return [run.line if run is not None else None for run in runs]


def post(text: str) -> dict[str, Any]:
    return {"post": {"channel": "main", "text": text}}


def run(server: str = "survival") -> dict[str, Any]:
    return {"command": {"server": server, "run": "it"}}


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"event": "paid"}, True),
        ({"event": "refunded"}, False),
        ({"event": "paid", "player.name": "Mira"}, True),
        ({"event": "paid", "player.name": "Odo"}, False),
        ({"price": "9.5"}, True),
        ({"gift": "false"}, True),
        ({"count": "3"}, True),
        ({"player": "Mira"}, False),
        ({"missing": ""}, False),
    ],
)
def test_a_rule_fits_where_every_field_has_its_value(when: dict[str, str], fits: bool) -> None:
    body = {"player": {"name": "Mira"}, "price": 9.5, "gift": False, "count": 3}
    assert bool(told(rules({"when": when, **post("yes")}), body, event="paid")) is fits


def test_every_rule_that_fits_is_applied() -> None:
    both = rules(post("one"), {"when": {"a": "2"}, **post("no")}, post("two") | {"say": {"text": "three"}})
    assert [(each.markup, each.line) for each in told(both, {"a": 1})] == [("one", None), ("two", "three")]


def test_a_post_and_a_line_are_one_announcement() -> None:
    (event,) = told(rules(post("one") | {"say": {"text": "two", "servers": ["creative"]}}), {})
    assert (event.markup, event.channels, event.line, event.servers) == (
        "one",
        ("2" * 18,),
        "two",
        ("creative",),
    )
    (event,) = told(rules(post("one") | {"say": {"text": "one"}}), {})
    assert (event.markup, event.line) == ("one", None)


def test_a_line_goes_to_the_servers_that_are_named_or_to_all() -> None:
    assert told(rules({"say": {"text": "hi"}}), {})[0].servers == ("survival", "creative")
    assert told(rules({"say": {"text": "hi", "servers": ["creative"]}}), {})[0].servers == ("creative",)


def test_a_rule_whose_field_is_missing_is_passed_over_as_a_whole_and_named() -> None:
    rule = post("{a}") | {"say": {"text": "{b.c}"}} | run()
    with capture_logs() as logs:
        assert told(rules(rule, it="say {a}"), {"a": "x"}) == []
    assert [(line["hook"], line["rule"], line["why"]) for line in logs] == [
        ("shop", 1, "the body has no text or number at b.c")
    ]
    assert lines(rules(rule, it="say {a}"), {"a": "x"}) == [None]
    assert told(rules(run() | post("hi"), it="say {a}"), {}) == []


def test_values_are_data_and_the_settings_are_markdown() -> None:
    (event,) = told(
        rules(post("**{name}** said {text}")), {"name": "*M*", "text": "<@1> **x** @everyone\n# y"}
    )
    assert event.markup == "**\\*M\\*** said \\<@1> \\*\\*x\\*\\* @everyone\n\\# y"


def test_values_are_cut() -> None:
    (posted,) = told(rules(post("{a}")), {"a": "x" * 5000})
    assert posted.markup == "x" * (MOST_IN_A_POST - 1) + "…"
    (said,) = told(rules({"say": {"text": "{a}"}}), {"a": "one\ntwo " + "x" * 5000})
    assert said.markup.startswith("one two xxx")
    assert len(said.markup) == MOST_SAID


def test_hidden_players_are_named_neither_on_discord_nor_on_pages() -> None:
    """The line for the game is on the pages of rooms and in feeds, too."""
    somebody = CATALOGUE.plain("relay.somebody")
    (event,) = told(rules(post("**{a}**") | {"say": {"text": "{a}"}}), {"a": "shade"})
    assert (event.markup, event.line) == (f"**{somebody}**", somebody)
    (event,) = told(rules({"say": {"text": "{a}"}}), {"a": "shade"})
    assert event.markup == somebody


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_value_changes_what_is_around_it(one: str, two: str) -> None:
    (event,) = told(rules(post("<{a}> and {b}!")), {"a": one, "b": two})
    shown = parse_markdown(event.markup).plain
    assert shown.startswith("<")
    assert shown.endswith("!")
    assert "<@" not in re.sub(r"\\.", "", event.markup)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Mira", "give Mira 1"),
        (".Bedrock_1", "give .Bedrock_1 1"),
        ("069a79f4-44e9-4726-a5be-fca90e38aaf5", "give 069a79f4-44e9-4726-a5be-fca90e38aaf5 1"),
        ("minecraft:stone", "give minecraft:stone 1"),
        (64, "give 64 1"),
        (-3, "give -3 1"),
        ("a b", None),
        ("@a", None),
        ("@e[type=player]", None),
        ("Mira\nop Mira", None),
        ("Mira\x00", None),
        ("", None),
        ("x" * 65, None),
        ("é", None),
        ("\u0661", None),
        ("{a}", None),
        (1.5, None),
        (True, None),
        (2**63, None),
        (None, None),
        (["Mira"], None),
    ],
)
def test_only_names_numbers_and_words_reach_a_console(value: object, line: str | None) -> None:
    assert lines(rules(run(), it="give {a} 1"), {"a": value}) == [line]


def test_a_bedrock_players_name_has_its_servers_prefix() -> None:
    assert lines(rules(run("creative"), it="kick {a}"), {"a": "+Pia"}, "creative") == ["kick +Pia"]
    assert lines(rules(run(), it="kick {a}"), {"a": "+Pia"}) == [None]


def test_a_command_that_is_not_run_is_told_without_its_value() -> None:
    with capture_logs() as logs:
        lines(rules(run(), it="say {a}"), {"a": "@e my address is 198.51.100.7"})
    assert [line["why"] for line in logs] == ["a is not a player's name, a whole number or a single word"]


def test_each_server_runs_its_own() -> None:
    assert lines(rules(run(), run("creative"), it="say hi"), {}) == ["say hi"]
    assert lines(rules(), {}) == []


@given(st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_whatever_comes_a_command_stays_one_line_of_as_many_words(value: object) -> None:
    for line in lines(rules(run(), it="give {a} 1"), {"a": value}):
        assert line is None or re.fullmatch(r"give [A-Za-z0-9_.:-]{1,64} 1", line)
