"""Reads the sentence files: once each, every value a string."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Final, TypeAlias

import msgspec
import yaml

LANGUAGES: Final = ("en", "fr")
BASE: Final = "en"  # what is said where a language lacks a sentence


class Plural(msgspec.Struct, frozen=True):
    """A sentence in its two forms."""

    one: str
    other: str


_CODE: Final = re.compile(r"(`[^`]*`)")
_THIN: Final = re.compile(r" (?=[?!;»]|:(?:[\s*]|$))|(?<=«) ")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=[\w{*«`]|$)")

Sentence: TypeAlias = str | Plural
Loader: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # no types: ``yes`` stays a word


class CatalogueError(Exception):
    """Sentences are wrong; ``problems`` has one line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@lru_cache(maxsize=8)
def sentences(language: str) -> Mapping[str, Sentence]:
    """Return our sentences by dotted key.

    Raises:
        CatalogueError: The language is not one of ours, or its file has something else than sentences.
    """
    flat = _flattened(_read(f"{language}.yml", language), "")
    return {key: _typeset(sentence) for key, sentence in flat} if language == "fr" else dict(flat)


@lru_cache(maxsize=8)
def game_sentences(language: str) -> Mapping[str, str]:
    """Return the game's own sentences by its keys.

    Raises:
        CatalogueError: The language is not one of ours, or its file has something else than sentences.
    """
    flat = dict(_flattened(_read(f"game.{language}.yml", language), ""))
    return {key: value for key, value in flat.items() if isinstance(value, str)}


@lru_cache(maxsize=8)
def entity_keys(language: str = BASE) -> Mapping[str, str]:
    """Return the game's keys of entities by their names."""
    names = game_sentences(language).items()
    return {name: key for key, name in names if key.startswith("entity.")}


def _typeset(sentence: Sentence) -> Sentence:
    """Return a French sentence with its narrow spaces and apostrophes, so that nobody has to type them."""
    if isinstance(sentence, Plural):
        return Plural(_set_french(sentence.one), _set_french(sentence.other))
    return _set_french(sentence)


def _set_french(text: str) -> str:
    parts = _CODE.split(text)
    parts[::2] = [_APOSTROPHE.sub("\u2019", _THIN.sub("\u202f", prose)) for prose in parts[::2]]
    return "".join(parts)


def _read(name: str, language: str) -> Mapping[str, Any]:
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise CatalogueError((f"{language!r} is not a language of the bridge; it speaks {known}",))
    content = (resources.files("bridge.locales") / name).read_text(encoding="utf-8")
    loaded = yaml.load(content, Loader)  # noqa: S506 - the base loader builds only strings, lists and dicts
    if not isinstance(loaded, dict):
        raise CatalogueError((f"{name}: not a mapping of keys to sentences",))
    return loaded


def _flattened(mapping: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Sentence]]:
    for name, value in mapping.items():
        key = prefix + name
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, dict) and value.keys() == {"one", "other"}:
            yield key, Plural(value["one"], value["other"])
        elif isinstance(value, dict):
            yield from _flattened(value, f"{key}.")
        else:
            raise CatalogueError((f"{key}: expected a sentence, a pair of one and other, or a section",))
