"""Checks of the status channel, like those of :mod:`bridge.config.checks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.config.document import Value, value_at
from bridge.config.findings import Finding, Findings, block_at, name_at, names_at, texts_at, unknown_name
from bridge.config.problems import KeyPath, nearest
from bridge.config.status_channel import PLACEHOLDERS, TOPIC_EVERY_S
from bridge.config.values import format_duration, parse_duration
from bridge.text.template import ALIASES, placeholders

_BLOCK: Final = "status-channel"


def _status_names(data: dict[str, Value]) -> Findings:
    channels = block_at(data, "discord", "channels")
    for board in block_at(data, _BLOCK, "boards"):
        yield from name_at(data, (_BLOCK, "boards", board, "channel"), "discord", "channels")
        yield from names_at(data, (_BLOCK, "boards", board, "servers"), "servers")
    for sign in block_at(data, _BLOCK, "signs"):
        if sign not in channels:
            yield unknown_name((_BLOCK, "signs", sign), sign, "discord.channels", channels)
        yield from names_at(data, (_BLOCK, "signs", sign, "servers"), "servers")
    yield from names_at(data, (_BLOCK, "presence", "servers"), "servers")


def _own_texts(data: dict[str, Value]) -> Iterator[tuple[KeyPath, Value]]:
    """Yield every text of the owner's own that has placeholders."""
    for board in block_at(data, _BLOCK, "boards"):
        path: KeyPath = (_BLOCK, "boards", board, "message")
        yield path, value_at(data, path)
    for sign in block_at(data, _BLOCK, "signs"):
        for key in ("name", "topic"):
            path = (_BLOCK, "signs", sign, key)
            yield path, value_at(data, path)
    yield from texts_at(data, _BLOCK, "presence", "lines")


def _status_texts(data: dict[str, Value]) -> Findings:
    for path, text in _own_texts(data):
        for name in sorted(placeholders(text)) if isinstance(text, str) else ():
            if name not in PLACEHOLDERS and ALIASES.get(name) not in PLACEHOLDERS:
                hint = f"nothing fills it here; known are {', '.join(f'{{{one}}}' for one in PLACEHOLDERS)}"
                yield Finding(path, f"uses {{{name}}}", nearest(name, PLACEHOLDERS) or hint)


def _status_works(data: dict[str, Value]) -> Findings:
    """Boards and signs need Discord, and a sign something to tell."""
    if block_at(data, _BLOCK) and not block_at(data, "discord"):
        yield Finding((_BLOCK,), "needs the block discord, where the channels are")
    for sign, own in block_at(data, _BLOCK, "signs").items():
        if isinstance(own, dict) and not own.get("name") and not own.get("topic"):
            yield Finding((_BLOCK, "signs", sign), "needs name or topic, or both")
        if isinstance(own, dict) and own.get("topic") and _too_often(own.get("every")):
            hint = (
                f"Discord lets a channel change twice in ten minutes; write {format_duration(TOPIC_EVERY_S)}"
            )
            yield Finding((_BLOCK, "signs", sign, "every"), "is too short for a topic", hint)


def _too_often(every: Value) -> bool:
    try:
        return every is not None and parse_duration(every) < TOPIC_EVERY_S
    except ValueError:  # what is wrong with it is told where its form is checked
        return False


def _status_places(data: dict[str, Value]) -> Findings:
    """A board among people's lines is soon out of sight."""
    chatted = {
        name: room
        for room in block_at(data, "rooms")
        for _, name in texts_at(data, "rooms", room, "channels")
    }
    for board in block_at(data, _BLOCK, "boards"):
        path = (_BLOCK, "boards", board, "channel")
        channel = value_at(data, path)
        if isinstance(channel, str) and channel in chatted:
            hint = "give it a channel of its own where only the bot may write"
            yield Finding(path, f"is a channel of the room '{chatted[channel]}'", hint, advice=True)


STATUS_CHECKS: Final = (_status_names, _status_texts, _status_works, _status_places)
