from __future__ import annotations

import json

import pytest

from bridge.config.settings import Language
from bridge.locales import Catalogue
from bridge.minecraft.log.explain import explain, explain_file

_LINES = {
    "[12:00:00] [Server thread/INFO]: <Mira> hello": "explain.chat.said",
    "[12:00:00] [Server thread/INFO]: [Server] hello": "explain.chat.broadcast",
    "[12:00:00] [Server thread/INFO]: Mira was slain by Zombie": "explain.player.died",
    "[12:00:00] [Server thread/INFO]: Mira has made the advancement [Stone Age]": "explain.player.advanced",
    "[12:00:00] [Server thread/INFO]: [Noah: Kicked Mira: bye]": "explain.player.kicked",
    "[12:00:00] [Server thread/INFO]: Done (1.5s)! For help": "explain.server.started",
    "[12:00:00] [Server thread/WARN]: Can't keep up!": "explain.server.overloaded",
    "[12:00:00] [Server thread/WARN]: Mira moved too quickly!": "explain.nothing.level",
    "[12:00:00] [Server thread/INFO] [SomeMod]: <Mira> hello": "explain.nothing.logger",
    "[12:00:00] [Timer-3/INFO]: <Mira> hello": "explain.nothing.thread",
    "[12:00:00] [Async Chat Thread - #1/INFO]: Mira left the game": "explain.nothing.chat-thread",
    "[12:00:00] [Server thread/INFO]: [Essentials] hello": "explain.nothing.plugin",
    "[12:00:00] [Server thread/INFO]: * Loading data...": "explain.nothing.banner",
    "[12:00:00] [Server thread/INFO]: Saving chunks for level": "explain.nothing.known",
    "[12:00:00] [Server thread/INFO]: Unheard words": "explain.nothing.unknown",
    "\tat org.example.Plugin.join(Plugin.java:12)": "explain.nothing.continuation",
}


@pytest.mark.parametrize(("line", "sentence"), _LINES.items())
def test_a_line_is_explained_by_a_sentence(line: str, sentence: str) -> None:
    assert explain(line).sentence == sentence


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("line", _LINES)
def test_every_sentence_is_in_both_languages(line: str, language: Language) -> None:
    explanation = explain(line)
    words = Catalogue.load(language).plain(explanation.sentence, **explanation.fields)
    assert words
    assert "{" not in words


def test_the_parts_of_a_line_are_named() -> None:
    explanation = explain(
        "[05Sep2024 12:00:00.123] [Server thread/INFO] [net.minecraft.server.MinecraftServer/]: <Mira> hi\r"
    )
    assert (explanation.thread, explanation.level) == ("Server thread", "INFO")
    assert explanation.logger == "net.minecraft.server.MinecraftServer/"
    assert (explanation.message, explanation.kind) == ("<Mira> hi", "chat.said")
    assert explanation.layout == "[time] [thread/LEVEL]: "


def test_a_report_is_one_line_of_json_with_null_for_what_is_absent() -> None:
    lines = [b"[12:00:00] [Server thread/INFO]: <Mira> a \xe9 b\x00\r\n", b"", b"\x00\xff\r"]
    reports = [json.loads(report.json()) for report in explain_file(lines)]
    assert reports[0]["line"] == 1
    assert (reports[0]["kind"], reports[0]["player"], reports[0]["text"]) == ("chat.said", "Mira", "a é b")
    assert all(
        (report["kind"], report["player"], report["text"]) == (None, None, None) for report in reports[1:]
    )
