"""Commands as values, and the one function that turns them into bytes."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.minecraft.commands import (
    EVERYONE,
    MOST_BYTES,
    Command,
    CommandRefused,
    CommandTooLong,
    Kick,
    ListPlayers,
    Raw,
    Syntax,
    Target,
    Tellraw,
    WhitelistAdd,
    WhitelistRemove,
    encode,
)

BUKKIT = Syntax(bedrock_prefix=".", namespaced=True)
UUID = "b50ad385-829d-3141-a216-7e7d7539ba7f"


@pytest.mark.parametrize(
    ("command", "vanilla", "bukkit"),
    [
        (ListPlayers(), b"list", b"minecraft:list"),
        (ListPlayers(uuids=True), b"list uuids", b"minecraft:list uuids"),
        (Kick("Mira"), b"kick Mira", b"minecraft:kick Mira"),
        (Kick("Mira", "too loud"), b"kick Mira too loud", b"minecraft:kick Mira too loud"),
        (WhitelistAdd(UUID), b"whitelist add " + UUID.encode(), b"minecraft:whitelist add " + UUID.encode()),
        (WhitelistRemove("X_1"), b"whitelist remove X_1", b"minecraft:whitelist remove X_1"),
        (Raw(" /tick query "), b"tick query", b"tick query"),
        (Tellraw(EVERYONE, "héllo"), 'tellraw @a "héllo"'.encode(), 'tellraw @a "héllo"'.encode()),
        (Tellraw(Target("Mira"), {"text": "x"}), b'tellraw Mira {"text":"x"}', b'tellraw Mira {"text":"x"}'),
    ],
)
def test_each_command_becomes_one_line(command: Command, vanilla: bytes, bukkit: bytes) -> None:
    assert encode(command) == vanilla
    assert encode(command, BUKKIT) == bukkit


@pytest.mark.parametrize(
    "name",
    [
        "@a",
        "@e[type=player]",
        "",
        "Mira Tom",
        "Mira\n",
        "x" * 17,
        ".Mira",
        "é",
        "*",
        '"Mira"',
        "..Mira",
        "Mira;",
    ],
)
def test_what_is_no_name_reaches_no_console(name: str) -> None:
    for command in (Kick(name), WhitelistAdd(name), WhitelistRemove(name), Tellraw(Target(name), "hi")):
        with pytest.raises(CommandRefused):
            encode(command)


def test_bedrock_names_need_the_configured_prefix() -> None:
    assert encode(Kick(".Mira_Tom"), BUKKIT) == b"minecraft:kick .Mira_Tom"
    with pytest.raises(CommandRefused, match="not a player's name"):
        encode(Kick("-Mira"), BUKKIT)


@pytest.mark.parametrize("prefix", ["@", "@a ", "[", '"', " "])
def test_a_prefix_that_could_be_a_selector_is_not_used(prefix: str) -> None:
    with pytest.raises(CommandRefused):
        encode(Kick(f"{prefix}a"), Syntax(bedrock_prefix=prefix))


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud83d"]
)
def test_control_characters_reach_no_console(character: str) -> None:
    text = f"a{character}b"
    for command in (
        Raw(text),
        Kick("Mira", text),
        Tellraw(EVERYONE, text),
        Tellraw(EVERYONE, {"text": text}),
    ):
        with pytest.raises(CommandRefused):
            encode(command)


def test_a_line_break_between_lines_is_allowed_and_escaped() -> None:
    assert encode(Tellraw(EVERYONE, ["", "a", "\n", "b"])) == b'tellraw @a ["","a","\\n","b"]'


@pytest.mark.parametrize("key", ["selector", "score", "nbt"])
def test_components_that_the_game_fills_in_are_refused(key: str) -> None:
    with pytest.raises(CommandRefused, match=key):
        encode(Tellraw(EVERYONE, ["", {"extra": [{key: "@e"}]}]))


@pytest.mark.parametrize("component", [{"text": None}, [float("nan")], {"text": object()}])
def test_what_is_no_json_is_refused(component: dict[str, object]) -> None:
    with pytest.raises(CommandRefused):
        encode(Tellraw(EVERYONE, component))


def test_the_limit_is_in_bytes() -> None:
    fits = "é" * ((MOST_BYTES - len("say ")) // 2)
    assert len(encode(Raw("say " + fits))) == MOST_BYTES
    with pytest.raises(CommandTooLong, match="1447"):
        encode(Raw("say " + fits + "x"))


def test_an_empty_command_is_refused() -> None:
    for text in ("", " ", "/"):
        with pytest.raises(CommandRefused, match="empty"):
            encode(Raw(text))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600) | st.text(alphabet='"\\{}[]@aep\n§\u202e\0é😀', max_size=600))
def test_whatever_text_goes_in_it_is_refused_or_comes_out_as_it_was(text: str) -> None:
    """One line, at most 1446 bytes, JSON that reads back as the same text, no selector but the target."""
    try:
        body = encode(Tellraw(EVERYONE, {"text": text}))
    except CommandRefused:
        return
    line = body.decode()
    assert len(body) <= MOST_BYTES
    assert len(line.splitlines()) == 1
    assert line.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
    head, _, component = line.partition(" {")
    assert head == "tellraw @a"
    assert json.loads("{" + component) == {"text": text}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"@[aeprs]\[?.{0,10}|[A-Za-z0-9_]{1,16}", fullmatch=True))
def test_whatever_name_goes_in_the_line_has_no_selector_and_three_words(name: str) -> None:
    try:
        line = encode(WhitelistAdd(name), Syntax(bedrock_prefix=".")).decode()
    except CommandRefused:
        return
    assert line == f"whitelist add {name}"
    assert re.fullmatch(r"\.?[A-Za-z0-9_]{1,16}|[0-9A-Fa-f-]{36}", name)
