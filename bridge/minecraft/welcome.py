"""A server's message of the day as rich text: its colours and looks, without anything that could act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from bridge.text import RichText, Style, Text, clean

COLOURS: Final = {
    "0": 0x000000,
    "1": 0x0000AA,
    "2": 0x00AA00,
    "3": 0x00AAAA,
    "4": 0xAA0000,
    "5": 0xAA00AA,
    "6": 0xFFAA00,
    "7": 0xAAAAAA,
    "8": 0x555555,
    "9": 0x5555FF,
    "a": 0x55FF55,
    "b": 0x55FFFF,
    "c": 0xFF5555,
    "d": 0xFF55FF,
    "e": 0xFFFF55,
    "f": 0xFFFFFF,
}
"""The game's sixteen colours by their code."""

_LOOKS: Final = {"l": "bold", "o": "italic", "n": "underline", "m": "strikethrough"}
_PLAIN: Final = Style()
_GUARDS: Final = str.maketrans({"&": "\0&\0", "|": "\0|\0"})


def guarded(motd: Any) -> Any:  # noqa: ANN401 - whatever JSON the server sent
    """Return a message of the day whose ``&`` and ``|`` mcstatus takes for what they are.

    In the game only ``§`` begins a code; mcstatus would also take ``&a`` and ``|1`` for one, and a text that
    begins with ``&`` for a code altogether. The NULs that part them are no text and go with :func:`clean`.
    """
    match motd:
        case str():
            return motd.translate(_GUARDS)
        case list():
            return [guarded(part) for part in motd]
        case dict():
            return {key: guarded(part) if key in {"text", "extra"} else part for key, part in motd.items()}
    return motd


def read_welcome(parts: Iterable[object], *, most: int) -> RichText:
    """Return the parsed parts of a message of the day as at most *most* characters of rich text.

    Args:
        parts: Of a :func:`guarded` message: text as ``str``; colours and looks as mcstatus has them: with a
            code as their ``value``, or with their ``hex``. What is neither is passed over.
        most: How much of it is shown.
    """
    style, spans = _PLAIN, list[Text]()
    for part in parts:
        if isinstance(part, str):
            spans.append(Text(_shown(part), style))
        else:
            style = _styled(style, part)
    return RichText.of(*spans).truncate(most)


def _styled(style: Style, part: object) -> Style:
    code, colour = getattr(part, "value", None), getattr(part, "hex", None)
    if code == "r":
        return _PLAIN
    if code in _LOOKS:
        return msgspec.structs.replace(style, **{_LOOKS[code]: True})
    if code in COLOURS:  # in the game, a colour ends the looks before it
        return Style(colour=COLOURS[code])
    if isinstance(colour, str):
        return Style(colour=_hex(colour))
    return style


def _hex(written: str) -> int | None:
    try:
        return int(written.removeprefix("#"), 16) & 0xFFFFFF
    except ValueError:
        return None


def _shown(part: str) -> str:
    return clean(part).replace("§", "")
