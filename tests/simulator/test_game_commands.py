"""The pretend console: components, selectors and the game's answers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.simulator.game import Format, Run, SimGame
from bridge.simulator.game.components import ComponentError, parse_component
from bridge.simulator.game.snbt import SnbtError, parse_snbt

VERSIONS = ("1.16.5", "1.20.4", "1.21.11")


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    game = SimGame(tmp_path)
    await game.start()
    game.join("Mira")
    game.join("Lou")
    yield game
    await game.stop()


def rcon(game: SimGame, command: str) -> str:
    return game.command(command, source="Rcon")


def tellraw(game: SimGame, component: object, to: str = "@a") -> str:
    return rcon(game, f"tellraw {to} {json.dumps(component, ensure_ascii=False)}")


async def test_a_tellraw_is_kept_with_its_styles_links_and_targets(game: SimGame) -> None:
    component = [
        {"text": "[D] ", "color": "#5865f2", "hover_event": {"action": "show_text", "value": "Discord"}},
        {"text": "Zoé", "color": "white", "bold": True},
        {"text": " x", "click_event": {"action": "open_url", "url": "https://example.org/"}},
    ]
    assert tellraw(game, component) == ""
    (received,) = game.received
    assert received.plain == "[D] Zoé x"
    assert (received.selector, received.players) == ("@a", ("Mira", "Lou"))
    head, name, link = received.component.runs
    assert head == Run(text="[D] ", colour="#5865f2", hover="Discord")
    assert (name.colour, name.formats) == ("white", frozenset({Format.BOLD}))
    assert link.link == "https://example.org/"


async def test_only_the_targets_receive(game: SimGame) -> None:
    tellraw(game, "psst", to="Lou")
    assert game.received[0].players == ("Lou",)
    assert tellraw(game, "psst", to="Nobody") == "No player was found"


async def test_on_an_empty_server_execute_keeps_quiet(game: SimGame) -> None:
    game.leave("Mira")
    game.leave("Lou")
    assert tellraw(game, "hi") == "No player was found"
    assert rcon(game, 'execute at @p run tellraw @a "hi"') == ""
    assert not game.received


@pytest.mark.parametrize(
    "component",
    [
        "{",
        "[]",
        "5",
        "{}",
        '{"text":5}',
        '{"text":"a","extra":[]}',
        '{"text":"a","color":"pinkish"}',
        '{"text":"a","bold":"yes"}',
        '{"text":"a","click_event":{"action":"open_url","value":"https://example.org"}}',
        '{"text":"a","click_event":{"action":"open_url","url":"javascript:alert(1)"}}',
        '"\\q"',
        '{"text":"a"',
    ],
)
async def test_a_component_the_game_would_refuse_is_refused(game: SimGame, component: str) -> None:
    answer = rcon(game, f"tellraw @a {component}")
    assert answer.startswith("Invalid chat component: ")
    assert answer.endswith("<--[HERE]")
    assert not game.received


async def test_text_after_the_component_is_refused(game: SimGame) -> None:
    assert "trailing data" in rcon(game, 'tellraw @a {"text":"a"} b')


def test_each_version_heeds_its_own_keys_only() -> None:
    both = json.dumps(
        {
            "text": "a",
            "clickEvent": {"action": "open_url", "value": "https://old.example"},
            "click_event": {"action": "open_url", "url": "https://new.example"},
        }
    )
    links = [parse_component(both, 0, version=each).line.runs[0].link for each in VERSIONS]
    assert links == ["https://old.example", "https://old.example", "https://new.example"]


def test_section_signs_still_colour_on_the_players_screens() -> None:
    parsed = parse_component(json.dumps({"text": "a§cb§lc§rd"}), 0, version="1.21.11")
    assert [(run.text, run.colour, set(run.formats)) for run in parsed.line.runs] == [
        ("a", None, set()),
        ("b", "red", set()),
        ("c", "red", {"bold"}),
        ("d", None, set()),
    ]
    assert parsed.plain == "a§cb§lc§rd"


@given(text=st.text(), version=st.sampled_from(VERSIONS), ascii_only=st.booleans())
@settings(max_examples=100)
def test_any_text_written_as_json_reads_back_the_same(text: str, version: str, *, ascii_only: bool) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    written = json.dumps({"text": text}, ensure_ascii=ascii_only)
    assert parse_component(written, 0, version=version).plain == text


@given(text=st.text(), version=st.sampled_from(VERSIONS))
@settings(max_examples=200)
def test_foreign_text_is_a_component_or_refused_in_words(text: str, version: str) -> None:
    with contextlib.suppress(ComponentError):  # any other error fails the test
        parse_component(text, 0, version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_half_a_surrogate_pair_becomes_a_replacement_character(version: str) -> None:
    plain = parse_component('{"text":"a\\ud83d!"}', 0, version=version).plain
    assert plain.encode() == "a\ufffd!".encode()


def test_deep_nesting_is_refused() -> None:
    for version in VERSIONS:
        with pytest.raises(ComponentError):
            parse_component("[" * 5000, 0, version=version)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a:1b,b:'x\"y',c:[1,2.5f,true]}", {"a": 1, "b": 'x"y', "c": [1, 2.5, True]}),
        ('"\\u00e9\\x41\\N{SNOWMAN}"', "éA☃"),
        ("plain_word", "plain_word"),
    ],
)
def test_snbt_is_read_as_the_game_reads_it(text: str, value: object) -> None:
    assert parse_snbt(text) == (value, len(text))


NOT_SNBT = ["007x", '"open', "{a 1}", "", '"\\/"', '"\\ud83"', '"\\N{NO SUCH}"', "{:1}"]


@pytest.mark.parametrize("text", NOT_SNBT)
def test_what_is_not_snbt_is_refused(text: str) -> None:
    with pytest.raises(SnbtError):
        parse_snbt(text)


async def test_answers_are_the_games_own(game: SimGame) -> None:
    assert rcon(game, "/list") == "There are 2 of a max of 20 players online: Mira, Lou"
    assert f"Mira ({game.online['Mira'].uuid})" in rcon(game, "list uuids")
    unknown = "Unknown or incomplete command. See below for error"
    assert rcon(game, "minecraft:list") == f"{unknown}minecraft:list<--[HERE]"
    assert rcon(game, "") == f"{unknown}<--[HERE]"
    assert rcon(game, "tps").startswith(unknown)
    assert rcon(game, "tick query").startswith("The game is running normallyTarget tick rate: 20.0")
    assert rcon(game, "whitelist list") == "There are no whitelisted players"
    assert rcon(game, "whitelist add Zoe") == "Added Zoe to the whitelist"
    assert rcon(game, "whitelist add Zoe") == "Player is already whitelisted"
    assert rcon(game, "whitelist list") == "There are 1 whitelisted player(s): Zoe"
    assert rcon(game, "whitelist add @a[") == "That player does not exist"
    assert rcon(game, "ban Lou griefing") == "Banned Lou: griefing"
    assert rcon(game, "ban Lou") == "Nothing changed. The player is already banned"
    assert rcon(game, "kick Mira bye") == "Kicked Mira: bye"
    assert rcon(game, "kick Mira") == "No player was found"
    assert rcon(game, "save-all") == "Saving the game (this may take a moment!)Saved the game"


async def test_what_rcon_did_is_told_in_the_log(game: SimGame) -> None:
    rcon(game, "say hello")
    rcon(game, "kick Mira bye")
    log = game.log.latest.read_text()
    assert "]: [Not Secure] [Rcon] hello\n" in log
    assert "]: [Rcon: Kicked Mira: bye]\n" in log
    assert "]: Mira lost connection: bye\n" in log


async def test_a_bukkit_server_has_tps_a_namespace_and_a_silent_empty_command(tmp_path: Path) -> None:
    paper = SimGame(tmp_path, dialect="paper")
    await paper.start()
    assert rcon(paper, "") == ""
    assert rcon(paper, "tps").startswith("§6TPS from last 1m, 5m, 15m: §a20.0")
    assert rcon(paper, "minecraft:list").startswith("There are 0 of a max of 20")
    await paper.stop()


async def test_an_old_server_answers_in_its_old_words(tmp_path: Path) -> None:
    old = SimGame(tmp_path, dialect="forge-1.12")
    await old.start()
    assert rcon(old, "list") == "There are 0/20 players online:"
    assert rcon(old, "nonsense") == "Unknown command. Try /help for a list of commands"
    await old.stop()


async def test_stop_answers_first_and_then_stops(game: SimGame) -> None:
    assert rcon(game, "stop") == "Stopping the server"
    await game.stopped()
    assert not game.running
    assert "Mira lost connection: Server closed" in game.log.latest.read_text()


async def test_waiting_for_a_line_ends_with_it_or_says_what_came(game: SimGame) -> None:
    tellraw(game, "one")
    assert (await game.received_where(lambda each: each.plain == "one")).number == 0
    with pytest.raises(TimeoutError, match="one"):
        await game.received_where(lambda each: each.plain == "two", timeout_s=0.01)
