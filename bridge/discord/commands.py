"""Slash commands as values: what a feature offers, what a call holds, what is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

from bridge.config.settings import Language
from bridge.events import ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A short text in both languages; English is what Discord shows to everybody else."""

    en: str
    fr: str


class OptionKind(IntEnum):
    """What can be filled in for an option, numbered as on the wire."""

    TEXT = 3
    WHOLE_NUMBER = 4
    SWITCH = 5
    MEMBER = 6
    CHANNEL = 7
    ROLE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that an option offers."""

    name: Wording
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One blank of a command. Names: 1 to 32 characters, lower case, no spaces; descriptions: 1 to 100."""

    name: Wording
    description: Wording
    kind: OptionKind = OptionKind.TEXT
    required: bool = False
    choices: tuple[Choice, ...] = ()  # at most 25
    longest: int | None = None  # characters of a text
    suggest: Suggest | None = None  # what could be filled in, asked while somebody types; not beside choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The member who used a command."""

    id: str
    name: str
    roles: frozenset[str]
    administrator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCall:
    """One use of a command."""

    command: str
    channel: ChannelId
    caller: Caller
    language: Language  # the member's own, English for those we do not speak
    values: Mapping[str, str | int | bool] = field(default_factory=dict)

    def text(self, option: str) -> str | None:
        """Return what was filled in for an option, by its English name; None if nothing was."""
        value = self.values.get(option)
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the member sees: Discord's markdown, cut at 2000 characters; mentions in it ping nobody."""

    content: str
    ephemeral: bool = True  # only the member sees it; one that takes long is always like this


Handler: TypeAlias = Callable[[CommandCall], Awaitable[Answer]]
Suggest: TypeAlias = Callable[[CommandCall, str], Awaitable[Sequence[str]]]
"""Returns what could be filled in for an option that begins so; Discord shows 25 of them."""
Refuse: TypeAlias = Callable[[CommandCall], Answer | None]
"""Returns what a member is answered who may not use a command; None lets it run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command of the guild; ``failed`` is answered when its handler breaks.

    ``staff_only`` hides it from everybody but administrators until they grant it in Discord's settings.
    """

    name: Wording
    description: Wording
    handler: Handler
    failed: str
    options: tuple[Option, ...] = ()
    staff_only: bool = False


def definition(command: SlashCommand) -> dict[str, Any]:
    """Return a command as Discord keeps it, without what has its usual value."""
    return _sparse(
        {
            **_worded(command.name, command.description),
            "options": [_option(option) for option in command.options],
            "default_member_permissions": "0" if command.staff_only else None,
        }
    )


def kept(command: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Discord answers for a command in the form of :func:`definition`, to compare both."""
    return _sparse({name: command.get(name) for name in _COMPARED} | {"options": command.get("options")})


_LOCALIZED = ("name_localizations", "description_localizations")
_COMPARED = ("name", "description", *_LOCALIZED, "default_member_permissions")
_FILLED_IN = ("type", "required", "max_length", "autocomplete", "choices", "value")
_OPTION_KEYS = ("name", "description", *_LOCALIZED, *_FILLED_IN)


def _worded(name: Wording, description: Wording) -> dict[str, Any]:
    return {
        "name": name.en,
        "name_localizations": {"fr": name.fr},
        "description": description.en,
        "description_localizations": {"fr": description.fr},
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        **_worded(option.name, option.description),
        "type": int(option.kind),
        "required": option.required,
        "max_length": option.longest,
        "autocomplete": option.suggest is not None,
        "choices": [
            {"name": c.name.en, "name_localizations": {"fr": c.name.fr}, "value": c.value}
            for c in option.choices
        ],
    }


def _sparse(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without empty and false values; in lists, also without keys that are Discord's own."""
    return {key: _sparse_value(item) for key, item in value.items() if item}


def _sparse_value(value: object) -> object:
    if isinstance(value, list):
        return [_sparse({k: v for k, v in item.items() if k in _OPTION_KEYS}) for item in value]
    return _sparse(value) if isinstance(value, dict) else value
