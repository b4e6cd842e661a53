"""Why a log line means what it means, in values; ``explain:`` in the locales has the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bridge.config.settings import ChatPattern, DialectName
from bridge.events import (
    ChatBroadcast,
    ChatEmoted,
    ChatSaid,
    Event,
    PlayerAdvanced,
    PlayerCommanded,
    PlayerDied,
    PlayerIdentified,
    PlayerJoined,
    PlayerKicked,
    PlayerLeft,
    PlayerRefused,
    ServerId,
    ServerOverloaded,
    ServerStarted,
    ServerStarting,
    SpeakerKind,
)
from bridge.minecraft.log.clock import LineClock, today_in
from bridge.minecraft.log.decode import clean, decode
from bridge.minecraft.log.layouts import Parts, Role
from bridge.minecraft.log.parser import LogParser

_SERVER = ServerId("log")
_UTC = ZoneInfo("UTC")
_TEXTS: Final[dict[type[Event], str]] = {
    ChatSaid: "text",
    ChatEmoted: "text",
    ChatBroadcast: "text",
    PlayerDied: "text",
    PlayerAdvanced: "title",
    PlayerLeft: "reason",
    PlayerRefused: "reason",
    PlayerKicked: "reason",
    PlayerCommanded: "command",
    PlayerIdentified: "uuid",
    PlayerJoined: "formerly",
    ServerStarting: "version",
}
"""The field that a report shows as the event's text."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One line taken apart; ``None`` where the line has no such part."""

    line: str
    layout: str | None
    thread: str | None
    level: str | None
    logger: str | None
    message: str | None
    event: Event | None
    sentence: str
    """The key of the sentence that tells the meaning, under ``explain`` in the locales."""
    fields: dict[str, str]
    """The sentence's placeholders."""

    @property
    def kind(self) -> str | None:
        """The event's kind, such as ``chat.said``, or None when the line tells no event."""
        return None if self.event is None else self.event.kind


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one line of a whole log tells; written as one JSON object."""

    line: int  # from 1
    kind: str | None = None
    player: str | None = None  # who did, said or suffered it; the console's name for its announcements
    text: str | None = None  # words, cause of death, title, reason or the command's verb
    at: str | None = None  # UTC
    uuid: str | None = None
    key: str | None = None  # the game's own key of a death or an advancement
    killer: str | None = None
    item: str | None = None

    def json(self) -> str:
        """Return the report as one line of JSON."""
        return msgspec.json.encode(self).decode()


def explain(
    line: str,
    *,
    dialect: DialectName = DialectName.AUTO,
    chat_patterns: tuple[ChatPattern, ...] = (),
    bedrock_prefix: str = ".",
) -> Explanation:
    """Return what a single line means, without knowledge of the lines before it."""
    parser = LogParser(_SERVER, dialect=dialect, chat_patterns=chat_patterns, bedrock_prefix=bedrock_prefix)
    line = clean(line)
    event = parser.parse(line, LineClock(today_in(_UTC), _UTC))
    split = parser.split(line)
    if event is not None:
        sentence, fields = f"explain.{event.kind}", _fields(event)
    else:
        sentence, fields = _why_nothing(split, known=parser.counts.known > 0)
    header = split[2] if split else None
    return Explanation(
        line=line,
        layout=parser.layout if split else None,
        thread=header.thread if header else None,
        level=header.level if header else None,
        logger=header.logger if header else None,
        message=split[3] if split else None,
        event=event,
        sentence=sentence,
        fields=fields,
    )


def explain_file(
    lines: Iterable[bytes],
    *,
    dialect: DialectName = DialectName.AUTO,
    chat_patterns: tuple[ChatPattern, ...] = (),
    bedrock_prefix: str = ".",
    encoding: str = "cp1252",
    day: date | None = None,
    zone: ZoneInfo = _UTC,
) -> Iterator[LineReport]:
    r"""Yield one report for each line of a log, in order, whatever the line holds.

    Args:
        lines: Split at ``\n`` only, as iterating over a file opened in binary mode does.
        dialect: The log's dialect, where it is not to be found out.
        chat_patterns: The settings' patterns of chat plugins.
        bedrock_prefix: What Bedrock players' names begin with.
        encoding: For lines that are not UTF-8.
        day: The day the file was written on; today when not known.
        zone: The zone of the server's clock.
    """
    parser = LogParser(_SERVER, dialect=dialect, chat_patterns=chat_patterns, bedrock_prefix=bedrock_prefix)
    clock = LineClock(day or today_in(zone), zone)
    for number, raw in enumerate(lines, start=1):
        event = parser.parse(decode(raw, encoding), clock)
        yield LineReport(line=number) if event is None else report(number, event)


def report(number: int, event: Event) -> LineReport:
    """Return the report of a line that tells *event*."""
    return LineReport(
        line=number,
        kind=event.kind,
        player=_who(event),
        text=_text(event),
        at=event.at.isoformat(),
        uuid=getattr(event, "uuid", None),
        key=getattr(event, "key", None),
        killer=getattr(event, "killer", None),
        item=getattr(event, "item", None),
    )


def _who(event: Event) -> str | None:
    if isinstance(event, ChatSaid | ChatEmoted | ChatBroadcast):
        return event.speaker.name
    return getattr(event, "player", None)


def _text(event: Event) -> str | None:
    told = getattr(event, _TEXTS.get(type(event), ""), None)
    return told if isinstance(told, str) else None


def _fields(event: Event) -> dict[str, str]:
    """The placeholders of the sentence about *event*; what the line does not tell is a dash."""
    fields = {"player": _who(event) or "-", "text": _text(event) or "-"}
    match event:
        case ChatBroadcast(speaker=speaker):
            fields["speaker"] = "console" if speaker.kind is SpeakerKind.CONSOLE else "player"
        case PlayerKicked(by=by):
            fields["by"] = by or "-"
        case PlayerDied(key=key) | PlayerAdvanced(key=key):
            fields["key"] = key or "-"
        case ServerStarted(took_s=took_s):
            fields["seconds"] = "-" if took_s is None else f"{took_s:.1f}"
        case ServerOverloaded(behind_ms=behind_ms):
            fields["milliseconds"] = "-" if behind_ms is None else str(behind_ms)
        case _:
            pass
    return fields


def _why_nothing(split: Parts | None, *, known: bool) -> tuple[str, dict[str, str]]:
    if split is None:
        return "explain.nothing.continuation", {}
    _, _, header, message = split
    if known:
        return "explain.nothing.known", {}
    if header.foreign:
        return "explain.nothing.logger", {"logger": header.logger or "-"}
    if not header.info:
        return "explain.nothing.level", {"level": header.level}
    if header.role is Role.OTHER:
        return "explain.nothing.thread", {"thread": header.thread or "-"}
    return _why_no_event(header.role, message)


def _why_no_event(role: Role, message: str) -> tuple[str, dict[str, str]]:
    if role is Role.CHAT:
        return "explain.nothing.chat-thread", {}
    if message.startswith("[") and "]" in message:
        return "explain.nothing.plugin", {"plugin": message[1 : message.index("]")]}
    if message.startswith("*"):
        return "explain.nothing.banner", {}
    return "explain.nothing.unknown", {}
