"""What the answers to slash commands have in common: the member's language and the server option."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bridge.config.settings import BridgeSettings, Language
from bridge.discord import Answer, Choice, CommandCall, Option, Wording
from bridge.events import ServerId
from bridge.locales import Catalogue
from bridge.text import Value, to_markdown

MOST_CHOICES = 25
"""How many values Discord lets an option offer."""


@cache
def spoken(language: Language) -> Catalogue:
    """Return the sentences in a member's language."""
    return Catalogue.load(language)


def wording(key: str) -> Wording:
    """Return a sentence in both languages."""
    return Wording(en=spoken(Language.EN).plain(key), fr=spoken(Language.FR).plain(key))


def answer(call: CommandCall, key: str, /, **values: Value) -> Answer:
    """Return a sentence in the member's language, seen only by them."""
    return Answer(content=to_markdown(spoken(call.language).text(key, **values)))


def server_option(settings: BridgeSettings) -> Option:
    """Return the option that chooses a server by its title."""
    titles = list(server_titles(settings).items())[:MOST_CHOICES]
    return Option(
        name=wording("command.option.server.name"),
        description=wording("command.option.server.description"),
        choices=tuple(Choice(name=Wording(en=title, fr=title), value=server) for server, title in titles),
    )


def server_titles(settings: BridgeSettings) -> Mapping[ServerId, str]:
    """Return what people call each server."""
    return {ServerId(name): server.title or name for name, server in settings.servers.items()}
