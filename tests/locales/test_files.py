"""Both languages are complete, well-formed and well set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

import bridge
from bridge.locales import LANGUAGES, Catalogue, CatalogueError
from bridge.locales.files import Plural, Sentence, game_sentences, sentences
from bridge.text import placeholders

ROOT: Final = Path(bridge.__file__).parent
JINJA: Final = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
USED: Final = re.compile(r"""\.(?:text|plain)\(\s*(f?)["']([a-z][a-z-]*\.[^"']*)["']""")


def _forms(sentence: Sentence) -> tuple[str, ...]:
    return (sentence.one, sentence.other) if isinstance(sentence, Plural) else (sentence,)


def _asked(sentence: Sentence) -> frozenset[str]:
    return frozenset[str]().union(*(placeholders(form) for form in _forms(sentence)))


def test_languages_have_the_same_sentences() -> None:
    """A sentence in one language exists in the other, with the same placeholders."""
    english, french = sentences("en"), sentences("fr")
    assert english.keys() == french.keys()
    differing = {key for key in english if _asked(english[key]) != _asked(french[key])}
    assert not differing
    differing = {
        key for key in english if isinstance(english[key], Plural) != isinstance(french[key], Plural)
    }
    assert not differing


def test_languages_have_the_same_words_of_the_game() -> None:
    """The game's sentences are complete in both; French has articles for its mobs besides."""
    english, french = game_sentences("en"), game_sentences("fr")
    assert english.keys() == {key for key in french if not key.startswith("killer.")}
    mobs = {key.removeprefix("entity.") for key in english if key.startswith("entity.")}
    assert mobs == {key.removeprefix("killer.") for key in french if key.startswith("killer.")}
    arguments = re.compile(r"%\d\$s|%s")
    for key, sentence in english.items():
        assert sorted(arguments.findall(sentence)) == sorted(arguments.findall(french[key])), key


@pytest.mark.parametrize(
    ("prefix", "least"), [("death.", 106), ("advancements.", 127), ("achievement.", 38), ("entity.", 100)]
)
def test_the_game_is_covered(prefix: str, least: int) -> None:
    """Every death, advancement and achievement of 1.7 to 26.1 has its words."""
    assert sum(key.startswith(prefix) for key in game_sentences("fr")) >= least


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_are_sorted(language: str) -> None:
    """A newcomer finds the place of a sentence."""
    content = (ROOT / "locales" / f"{language}.yml").read_text(encoding="utf-8")
    sections = [line.partition(":")[0] for line in content.splitlines() if re.match(r"[a-z]", line)]
    assert sections == sorted(sections)


@pytest.mark.parametrize("name", ["en.yml", "fr.yml", "game.en.yml", "game.fr.yml"])
def test_no_key_is_written_twice(name: str) -> None:
    """YAML would silently keep the last one."""

    def check(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
            for _, value in node.value:
                check(value)

    tree = yaml.compose((ROOT / "locales" / name).read_text(encoding="utf-8"), yaml.SafeLoader)
    assert tree is not None
    check(tree)


def test_french_is_set_as_french() -> None:
    """Narrow no-break spaces before high punctuation, curved apostrophes, code left alone."""
    for key, sentence in [*sentences("fr").items(), *game_sentences("fr").items()]:
        for form in _forms(sentence):
            prose = re.sub(r"`[^`]*`|https?://\S+", "x", form)
            assert not re.search(r"[ \u00a0][?!;»]|[ \u00a0]:(?:\s|$)|« |[a-zé][?!;»]", prose), (key, form)
            assert not re.search(r"\w'\w", prose), (key, form)


def test_english_is_not_left_in_french() -> None:
    """Only what is the same in both languages is the same in both files."""
    english, french = sentences("en"), sentences("fr")
    words = re.compile(r"\b(the|is|are|was|not|of|and|please|server|player)\b", re.IGNORECASE)
    for key, sentence in french.items():
        for form in _forms(sentence):
            assert not words.search(re.sub(r"`[^`]*`|\{[^}]*\}", "", form)) or form not in _forms(
                english[key]
            ), key


def test_every_sentence_that_code_asks_for_exists() -> None:
    """A wrong key is found here, not by a reader."""
    catalogue = Catalogue.load("en")
    for path in ROOT.rglob("*.py"):
        for is_pattern, key in USED.findall(path.read_text(encoding="utf-8")):
            if is_pattern and "{" in key:
                wanted = re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(key)))
                assert any(wanted.fullmatch(known) for known in sentences("en")), f"{path}: {key}"
            else:
                assert key in catalogue, f"{path}: {key}"


def test_every_sentence_that_pages_ask_for_exists() -> None:
    """The same for templates, whatever they call to get a sentence."""
    sections = "|".join(sorted({key.partition(".")[0] for key in sentences("en")}))
    asked = re.compile(rf"""["']((?:{sections})\.[a-z][a-z-]*(?:\.[a-z-]+)*)["']""")
    for path in ROOT.rglob("*.html"):
        for code in JINJA.findall(path.read_text(encoding="utf-8")):
            for key in asked.findall(code):
                assert key in sentences("en") or key.endswith((".html", ".css", ".js")), f"{path}: {key}"


def test_unknown_language() -> None:
    """The error tells which languages there are."""
    with pytest.raises(CatalogueError, match="speaks en, fr"):
        Catalogue.load("de")


@pytest.mark.parametrize("command", ["list", "say", "status"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_fit_discord(command: str, language: str) -> None:
    """Discord refuses other names, and descriptions over 100 characters."""
    catalogue = Catalogue.load(language)
    assert re.fullmatch(r"[\w-]{1,32}", catalogue.plain(f"command.{command}.name"))
    assert catalogue.plain(f"command.{command}.name").islower()
    assert 1 <= len(catalogue.plain(f"command.{command}.description")) <= 100
