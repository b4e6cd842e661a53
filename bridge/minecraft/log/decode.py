"""From the bytes of a log line to its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LONGEST_LINE: Final = 32 * 1024
"""Bytes of a line that are looked at; the game's own lines are far shorter."""

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_REDRAW: Final = re.compile(r"\r+")


def decode(raw: bytes, fallback: str = "cp1252") -> str:
    """Return the text of one line, without line end, colours of a terminal, NUL or redraws.

    The line is UTF-8 where it can be; *fallback* names the charset of the server's machine for all others.
    Never raises. Only the first :data:`LONGEST_LINE` bytes count.
    """
    if len(raw) > LONGEST_LINE:
        raw = _cut(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = _decode_as(raw, fallback)
    if text.isprintable():
        return text
    return clean(text)


def decode_lines(data: bytes, fallback: str = "cp1252") -> Iterable[tuple[bytes, str]]:
    """Return each line of *data*, which ends with a line break: its bytes without that, and its text.

    What most files are, UTF-8 without anything to clean, is decoded in one go.
    """
    raw = data.split(b"\n")
    raw.pop()  # what stands after the last line break: nothing
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\r"
    if "\r" in text or "\x1b" in text or "\x00" in text or len(max(raw, key=len, default=b"")) > LONGEST_LINE:
        return [(line, decode(line.removesuffix(b"\r"), fallback)) for line in raw]
    return zip(raw, text.split("\n"), strict=False)


def clean(text: str) -> str:
    """Return the line without line end, colours of a terminal, NUL or what a redraw overwrote."""
    text = text.rstrip("\r\n")
    if "\x00" in text:
        text = text.replace("\x00", "")
    if "\x1b" in text:
        text = _ANSI.sub("", text).replace("\x1b", "")
    if "\r" in text:
        text = _REDRAW.split(text)[-1]
    return text


def _cut(raw: bytes) -> bytes:
    end = LONGEST_LINE
    while end > LONGEST_LINE - 4 and raw[end] & 0xC0 == 0x80:  # not inside a character of UTF-8
        end -= 1
    return raw[:end]


def _decode_as(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, errors="replace")
    except LookupError:  # the settings check the name; a wrong one must not stop the reader
        return raw.decode("latin-1")
