"""What it says, in both languages. A built-in feature has its sentences in ``bridge/locales`` instead.

Sentences are markdown with ``{placeholders}``; what is put in is data and never read as markup. ``&a``
and the like are colours, which only the game shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bridge.config.settings import Language
from bridge.discord import Wording
from bridge.text import RichText, Value, template

_SENTENCES: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "greeting": Wording(
            en="&aWelcome to {server}, **{player}**. &7Ask anything: people here are kind.",
            fr="&aBienvenue sur {server}, **{player}**. &7N'hésite pas à demander : on est gentils ici.",
        ),
        "command": Wording(en="newcomers", fr="nouveaux"),
        "description": Wording(en="Who came for the first time", fr="Qui est venu pour la première fois"),
        "newest": Wording(
            en="**{server}**, newest first: {players}", fr="**{server}**, les derniers : {players}"
        ),
        "nobody": Wording(
            en="**{server}**: nobody new yet.", fr="**{server}** : personne de nouveau encore."
        ),
        "failed": Wording(
            en="That did not work. The log knows why.", fr="Cela n'a pas marché. Le journal sait pourquoi."
        ),
    }
)


def wording(key: str) -> Wording:
    """Return a sentence in both languages."""
    return _SENTENCES[key]


def say(language: Language, key: str, /, **values: Value) -> RichText:
    """Return a sentence with values in it."""
    sentence = _SENTENCES[key]
    return template(sentence.fr if language is Language.FR else sentence.en, values)
