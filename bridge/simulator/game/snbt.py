"""Reads the game's stringified NBT, in which commands write their text components since 1.21.5."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

Tag = str | int | float | bool | None | list["Tag"] | dict[str, "Tag"]
"""What a component can be made of, in JSON and in SNBT."""

MOST_DEPTH: Final = 200

_BARE: Final = re.compile(r"[A-Za-z0-9._+\-]+")
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9](?:_?\d)*)(?:[us]?[bsil])?", re.IGNORECASE)
_FLOAT: Final = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:e[+-]?\d+)?[fd]?", re.IGNORECASE)
_ESCAPES: Final = {
    "b": "\b", "s": " ", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_CODES: Final = {"x": 2, "u": 4, "U": 8}


class SnbtError(ValueError):
    """The text is not SNBT."""


def parse_snbt(text: str, at: int = 0) -> tuple[Tag, int]:
    """Return the value that begins at *at*, and where it ends.

    Raises:
        SnbtError: Not SNBT, or nested more than 200 deep.
    """
    reader = _Reader(text, at)
    value = reader.value(0)
    return value, reader.at


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _peek(self) -> str:
        self._space()
        return self.text[self.at : self.at + 1]

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise SnbtError(f"Expected {sign!r} at position {self.at}")
        self.at += 1

    def value(self, depth: int) -> Tag:
        if depth > MOST_DEPTH:
            raise SnbtError("Too deeply nested")
        self._space()
        sign = self._peek()
        if sign == "{":
            return self._compound(depth)
        if sign == "[":
            return self._list(depth)
        if sign in ('"', "'") and sign:
            return self._quoted(sign)
        return self._bare()

    def _compound(self, depth: int) -> dict[str, Tag]:
        self._expect("{")
        entries: dict[str, Tag] = {}
        while self._peek() != "}":
            key = self._key()
            self._expect(":")
            entries[key] = self.value(depth + 1)
            if self._peek() != ",":
                break
            self.at += 1  # a comma before the brace is allowed
        self._expect("}")
        return entries

    def _key(self) -> str:
        sign = self._peek()
        key = self._quoted(sign) if sign in ('"', "'") and sign else self._word()
        if not key:
            raise SnbtError("Key cannot be empty")
        return key

    def _list(self, depth: int) -> list[Tag]:
        self._expect("[")
        values: list[Tag] = []
        while self._peek() != "]":
            values.append(self.value(depth + 1))
            if self._peek() != ",":
                break
            self.at += 1
        self._expect("]")
        return values

    def _word(self) -> str:
        found = _BARE.match(self.text, self.at)
        if found is None:
            raise SnbtError(f"Expected a value at position {self.at}")
        self.at = found.end()
        return found[0]

    def _bare(self) -> Tag:
        word = self._word()
        if word in ("true", "false"):
            return word == "true"
        if _INTEGER.fullmatch(word):
            return int(word.rstrip("bsiluBSILU"))
        if _FLOAT.fullmatch(word):
            return float(word.rstrip("fdFD"))
        if word[0].isdigit() or word[0] in "+-":
            raise SnbtError("Unquoted strings can't start with digits 0-9, + or -")
        return word

    def _quoted(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            sign = self.text[self.at : self.at + 1]
            if not sign:
                raise SnbtError("Invalid string contents")
            self.at += 1
            if sign == quote:
                # \u escapes may come in surrogate pairs, as JSON writes them
                return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            parts.append(self._escape() if sign == "\\" else sign)

    def _escape(self) -> str:
        sign = self.text[self.at : self.at + 1]
        self.at += 1
        if sign in _ESCAPES:
            return _ESCAPES[sign]
        if sign in _CODES:
            digits = self.text[self.at : self.at + _CODES[sign]]
            self.at += len(digits)
            if not re.fullmatch(rf"[0-9A-Fa-f]{{{_CODES[sign]}}}", digits) or int(digits, 16) > 0x10FFFF:
                raise SnbtError("Invalid codepoint")
            return chr(int(digits, 16))
        if sign == "N":
            return self._named()
        raise SnbtError(f"Invalid escape sequence \\{sign}")

    def _named(self) -> str:
        found = re.compile(r"\{([A-Za-z0-9 \-]+)\}").match(self.text, self.at)
        if found is None:
            raise SnbtError("Invalid character name")
        self.at = found.end()
        try:
            return unicodedata.lookup(found[1])
        except KeyError as exc:
            raise SnbtError("Invalid character name") from exc
