"""YAML text to plain values, each with its line; everything YAML is famous for getting wrong is refused.

The values are text, whole numbers, true/false, nothing, lists and blocks. ``on``, ``off``, ``yes`` and
``no`` stay text here: a switch understands them, and a choice may have one of them as its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from bridge.config.problems import KeyPath, Problem, SettingsError, dotted
from bridge.config.syntax import compose

Scalar: TypeAlias = str | int | bool | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"

MOST_VALUES: Final = 20_000  # after anchors are followed, so that they cannot multiply

_WHOLE: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})")
_AMBIGUOUS: Final = re.compile(
    r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*|[1-9][0-9]*(?::[0-5]?[0-9])+)"
)
_SWITCH: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING: Final = frozenset(("", "~", "null", "Null", "NULL"))
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A settings file as plain values, with the line of each."""

    file: str
    data: dict[str, Value] = field(default_factory=dict)
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str, hint: str | None = None) -> Problem:
        """Return a problem at the place *path*, or at the nearest place above it that is in the file."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        return Problem(
            file=self.file, line=self.lines.get(at, 1), key=dotted(path), message=message, hint=hint
        )


def value_at(data: Value, path: KeyPath) -> Value:
    """Return the value at *path*, or None where there is none."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def read_document(text: str, file: str) -> tuple[Document, tuple[Problem, ...]]:
    """Return the values of a YAML text and what is wrong with single ones.

    Raises:
        SettingsError: The text as a whole cannot be read.
    """
    node = compose(text, file)
    if node is None:
        return Document(file), ()
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise SettingsError(
            [Problem(file=file, line=line, key="", message="settings begin with a key and ':'")]
        )
    builder = _Builder(file)
    data = builder.value(node, ())
    document = Document(file, data if isinstance(data, dict) else {}, builder.lines)
    return document, tuple(builder.problems)


class _Builder:
    """Makes plain values of YAML's nodes and notes lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._values = 0
        self._open: list[yaml.Node] = []

    def value(self, node: yaml.Node, path: KeyPath) -> Value:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._values += 1
        if self._values > MOST_VALUES:
            if self._values == MOST_VALUES + 1:
                self._complain(line, path, f"more than {MOST_VALUES} values, anchors included")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node in self._open:
            self._complain(line, path, "an anchor that contains itself")
            return None
        self._open.append(node)
        built: Value = (
            self._block(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        )
        self._open.pop()
        return built

    def _list(self, node: yaml.Node, path: KeyPath) -> list[Value]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _block(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Value]:
        block: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str) or _NOT_TEXT.search(key):
                self._complain(line, path, "a key must be a single word before ':'")
            elif key == "<<" and key_node.style is None:
                self._complain(line, path, "'<<' is not supported", "repeat the keys")
            elif key in block:
                first = self.lines[(*path, key)]
                self._complain(line, (*path, key), f"is set twice; the first time on line {first}")
            else:
                self.lines[(*path, key)] = line
                block[key] = self.value(value_node, (*path, key))
        return block

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Scalar:
        text = str(node.value)
        line = node.start_mark.line + 1
        if found := _NOT_TEXT.search(text):
            self._complain(line, path, f"contains a character that is no text (U+{ord(found.group()):04X})")
            return None
        if node.style is not None:
            return text
        if text in _NOTHING:
            return None
        if _AMBIGUOUS.fullmatch(text):
            hint = f'write "{text}" if it is a text or an id, else the number as it is usually written'
            self._complain(line, path, f"{text[:40]} is read differently by different programs", hint)
            return None
        if _WHOLE.fullmatch(text):
            return int(text)
        return _SWITCH.get(text, text)

    def _complain(self, line: int, path: KeyPath, message: str, hint: str | None = None) -> None:
        self.problems.append(
            Problem(file=self._file, line=line, key=dotted(path), message=message, hint=hint)
        )
