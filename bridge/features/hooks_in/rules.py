"""What the settings make of what a hook told: announcements, and commands for consoles. Pure.

Everything in a body is data: it is escaped, cut, never a mention; into a command it comes only as a
player's name, a whole number or a single word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from bridge.config.outside import HookThen
from bridge.config.settings import BridgeSettings
from bridge.events import ChannelId, HookReceived, ServerId
from bridge.features.announcing import announcement
from bridge.features.hooks_in.bodies import FIELD, Body, Scalar, scalar, written
from bridge.features.telling import Teller
from bridge.journal import Draft
from bridge.minecraft.commands import is_player
from bridge.text import Value, parse_game, template, to_markdown

log = structlog.get_logger(__name__)

MOST_IN_A_POST: Final = 1000  # characters of one value
MOST_SAID: Final = 150
_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LARGEST: Final = 2**63  # numbers that the game can hold

Lookup = Callable[[str], Scalar]


class Missing(Exception):
    """The body has no such field; the words name it."""


class Unfit(Exception):
    """A field is nothing that a command may hold; the words name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A console command that a hook asks for."""

    name: str  # of hooks.commands
    line: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Applies the rules of every hook."""

    settings: BridgeSettings
    teller: Teller

    def announcements(self, event: HookReceived, body: Body) -> list[Draft]:
        """Return what is to be told; a rule whose fields are not all there is passed over and logged."""
        drafts: list[Draft] = []
        for number, rule in self._fitting(event, body):
            try:
                self._require(rule, _lookup(event, body))
                drafts += self._told(event, number, rule, _lookup(event, body))
            except Missing as exc:
                log.warning("a rule of a hook was passed over", hook=event.hook, rule=number, why=str(exc))
        return drafts

    def runs(self, event: HookReceived, body: Body, server: ServerId) -> list[Run | None]:
        """Return the commands for a server's console, None for each that must not be run, which is logged.

        The same event gives the same number of them as long as the settings are the same.
        """
        runs: list[Run | None] = []
        for number, rule in self._fitting(event, body):
            if rule.command is None or rule.command.server != server:
                continue
            try:
                self._require(rule, _lookup(event, body))
                line = self._line(rule.command.run, server, _lookup(event, body))
                runs.append(Run(name=rule.command.run, line=line))
            except Missing:  # told when it came
                runs.append(None)
            except Unfit as exc:
                log.warning("a command of a hook is not run", hook=event.hook, rule=number, why=str(exc))
                runs.append(None)
        return runs

    def _fitting(self, event: HookReceived, body: Body) -> Iterator[tuple[int, HookThen]]:
        """Yield the rules whose conditions hold, numbered as people count."""
        hook = self.settings.hooks.incoming.get(event.hook)
        for number, rule in enumerate(hook.then if hook is not None else (), start=1):
            if all(_holds(event, body, path, wanted) for path, wanted in rule.when.items()):
                yield number, rule

    def _require(self, rule: HookThen, lookup: Lookup) -> None:
        """Look every field of a rule up, so that it is followed as a whole or not at all.

        Raises:
            Missing: One is not there.
        """
        command = self.settings.hooks.commands.get(rule.command.run) if rule.command is not None else None
        texts = [text.text for text in (rule.post, rule.say) if text is not None]
        for text in [*texts, command or ""]:
            for path in FIELD.findall(text):
                lookup(path)

    def _told(self, event: HookReceived, number: int, rule: HookThen, lookup: Lookup) -> Iterator[Draft]:
        """Yield the announcement of a rule: one, whoever is told, so that a room's page shows it once."""
        channel = self._channel(rule.post.channel) if rule.post is not None else None
        post = None
        if rule.post is not None and channel is not None:
            post = self._words(rule.post.text, lookup, _in_a_post)
        say, servers = None, list[ServerId]()
        if rule.say is not None:
            say = self._words(rule.say.text, lookup, _one_line)
            servers = [ServerId(name) for name in rule.say.servers or self.settings.servers]
        markup = say if post is None else post
        if markup is not None:
            yield announcement(
                f"hook:{event.hook}",
                f"{event.delivery}:{number}",
                at=event.at,
                markup=markup,
                channels=[channel] if channel is not None else [],
                servers=servers,
                line=say,
            )

    def _words(self, text: str, lookup: Lookup, shown: Callable[[Scalar], str]) -> str:
        """Return a text with its fields; the hidden stay unnamed, as pages show the game's lines, too."""

        def value(path: str) -> str:
            said = lookup(path)
            if self.teller.is_hidden(written(said)):
                return self.teller.catalogue.plain("relay.somebody")
            return shown(said)

        return _filled(text, value)

    def _channel(self, name: str) -> ChannelId | None:
        discord = self.settings.discord
        id_ = discord.channels.get(name) if discord is not None else None
        return ChannelId(id_) if id_ is not None else None

    def _line(self, name: str, server: ServerId, lookup: Lookup) -> str:
        """Return a command of the safe list with its fields.

        Raises:
            Unfit: One of them is nothing that a command may hold.
        """
        prefix = self.settings.servers[server].bedrock_prefix

        def fill(found: re.Match[str]) -> str:
            return _for_console(found[1], lookup(found[1]), prefix)

        return FIELD.sub(fill, self.settings.hooks.commands[name])


def _holds(event: HookReceived, body: Body, path: str, wanted: str) -> bool:
    value = scalar(body, event.event, path)
    return value is not None and written(value) == wanted


def _lookup(event: HookReceived, body: Body) -> Lookup:
    def lookup(path: str) -> Scalar:
        """Return the field at a path; raises Missing where there is none."""
        value = scalar(body, event.event, path)
        if value is None:
            raise Missing(f"the body has no text or number at {path}")
        return value

    return lookup


def _filled(text: str, value: Callable[[str], str]) -> str:
    """Return markdown of the settings with values that are none; web addresses in them can be clicked."""
    values: dict[str, Value] = {}

    def slot(found: re.Match[str]) -> str:
        """Note a field's value and return a placeholder that templates know."""
        name = f"field-{len(values)}"  # the templates know no dots and no capitals
        values[name] = parse_game(value(found[1]))
        return f"{{{name}}}"

    return to_markdown(template(FIELD.sub(slot, text), values))


def _in_a_post(value: Scalar) -> str:
    return _cut(written(value), MOST_IN_A_POST)


def _one_line(value: Scalar) -> str:
    return _cut(" ".join(written(value).split()), MOST_SAID)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _for_console(path: str, value: Scalar, bedrock_prefix: str) -> str:
    if isinstance(value, str) and (is_player(value, bedrock_prefix) or _WORD.fullmatch(value)):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -_LARGEST <= value < _LARGEST:
        return str(value)
    raise Unfit(f"{path} is not a player's name, a whole number or a single word")
