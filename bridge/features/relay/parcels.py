"""Packs lines into Discord messages: under each speaker's own name, or many lines in one when behind.

Pure: no I/O and no clock. The order of lines never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile
from typing import Final

MESSAGE_LIMIT: Final = 2000  # characters of one Discord message
MOST_OWN_NAMES: Final = 4  # Discord lets a webhook speak about five times in two seconds
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to tell in a channel, in Discord's markdown; it may tell of several records."""

    positions: tuple[int, ...]  # of the records that it tells, in order
    at: datetime
    recorded_at: datetime  # by the bridge's own clock: lines that wait too long become late
    late: bool = False
    announced: bool = False  # an announcement: a message of its own, and never among the late lines
    role: str | None = None  # the role that an alert pings
    name: str | None = None  # whose name and head the message carries; None: the bridge's own
    avatar_url: str | None = None
    body: str  # as said under that name
    inline: str  # as said among other people's lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What the channel lets us use: names of their own, and which of them Discord has refused."""

    own_names: bool = True
    refused: frozenset[str] = frozenset()

    def name_of(self, line: Line) -> str | None:
        """Return the name under which the line is sent; None for the bridge's own."""
        if not self.own_names or line.name in self.refused:
            return None
        return line.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One delivery: some lines, and the messages that carry them (one, unless a line is very long)."""

    lines: tuple[Line, ...]
    contents: tuple[str, ...]
    name: str | None
    avatar_url: str | None
    role: str | None = None  # the one that may be pinged


def late_run(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the late lines at the beginning of *lines*."""
    return tuple(takewhile(lambda line: line.late and not line.announced, lines))


def next_parcel(lines: Sequence[Line], voice: Voice, *, heading: str | None = None) -> Parcel:
    """Return the next delivery from the beginning of *lines*, as full as Discord allows.

    Args:
        lines: What waits, in order; not empty.
        voice: Which names may be used.
        heading: A first line for a run of late lines; those are told together, whoever spoke.
    """
    first = lines[0]
    if first.announced:
        contents = split_markup(first.body)
        return Parcel(lines=(first,), contents=contents, name=None, avatar_url=None, role=first.role)
    if first.late:
        return _together(late_run(lines), heading)
    prompt = tuple(takewhile(lambda line: not line.late and not line.announced, lines))
    if _is_behind(lines, voice):
        return _together(prompt, None)
    name = voice.name_of(first)
    same = tuple(takewhile(lambda line: voice.name_of(line) == name, prompt))
    if name is None:
        return _together(same, None)
    taken, content = _fill((line.body for line in same), "")
    return Parcel(lines=same[:taken], contents=content, name=name, avatar_url=first.avatar_url)


def _is_behind(lines: Sequence[Line], voice: Voice) -> bool:
    """Tell whether so many speakers wait that Discord would not take a message for each in time."""
    runs = groupby(lines, key=voice.name_of)
    return sum(1 for _ in zip(runs, range(MOST_OWN_NAMES + 1), strict=False)) > MOST_OWN_NAMES


def _together(lines: tuple[Line, ...], heading: str | None) -> Parcel:
    taken, contents = _fill((line.inline for line in lines), f"{heading}\n" if heading else "")
    return Parcel(lines=lines[:taken], contents=contents, name=None, avatar_url=None)


def _fill(texts: Iterable[str], start: str) -> tuple[int, tuple[str, ...]]:
    """Return how many texts one message takes, and the message; a text too long for one takes several."""
    content, taken = start, 0
    for text in texts:
        longer = f"{content}\n{text}" if taken else content + text
        if len(longer) > MESSAGE_LIMIT:
            break
        content, taken = longer, taken + 1
    else:
        return taken, (content,)
    if taken:
        return taken, (content,)
    return 1, split_long(start + text)


def split_long(text: str, limit: int = MESSAGE_LIMIT) -> tuple[str, ...]:
    """Return *text* in pieces of at most *limit* characters, cut between lines or words if there are any."""
    pieces = []
    while len(text) > limit:
        borders = (text.rfind("\n", 1, limit), text.rfind(" ", 1, limit))
        cut = next((border for border in borders if border > limit // 2), limit)
        pieces.append(text[:cut])
        text = text[cut:].lstrip(" \n") or text[cut:]
    return (*pieces, text)


def split_markup(markup: str, limit: int = MESSAGE_LIMIT) -> tuple[str, ...]:
    """Return *markup* in messages of at most *limit* characters; code that is cut goes on as code."""
    if len(markup) <= limit:
        return (markup,)
    messages, inside = [], False
    for piece in split_long(markup, limit - 2 * len(f"{_FENCE}\n")):
        start = f"{_FENCE}\n" if inside else ""
        inside ^= piece.count(_FENCE) % 2 == 1
        if piece.strip():  # Discord takes no message without anything to see
            messages.append(f"{start}{piece}" + (f"\n{_FENCE}" if inside else ""))
    return tuple(messages)
