"""Fills in what stands elsewhere: ``${NAME}`` from the environment and ``token-file:`` from a file."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.config.document import Document, Value
from bridge.config.problems import KeyPath, Problem, nearest
from bridge.config.shape import Kind, Spot, root

_PLACEHOLDER: Final = re.compile(r"\$(\$\{)|\$\{([^}]*)\}?")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_TEXT: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LARGEST_SECRET: Final = 4096  # bytes

EXAMPLES: Final = frozenset(
    ("change-me", "changeme", "change_me", "replace-me", "your-token", "your-password", "your-token-here")
)
"""What stands in examples, here and elsewhere, and must not be used, in any case."""


@dataclass(slots=True)
class Filled:
    """The settings' plain values with everything filled in, and what was found on the way."""

    data: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    spoiled: set[KeyPath] = field(default_factory=set)  # told about already: nothing more to say there
    written: dict[KeyPath, str] = field(default_factory=dict)  # as it is in the file, where that differs


def fill(document: Document, environ: Mapping[str, str], folder: Path) -> Filled:
    """Return the document's values with variables and files of secrets read; files relative to *folder*."""
    filler = _Filler(document, environ, folder)
    data = filler.value(document.data, (), root())
    filler.filled.data = data if isinstance(data, dict) else {}
    return filler.filled


class _Filler:
    """Walks the values and the shape of the settings side by side."""

    def __init__(self, document: Document, environ: Mapping[str, str], folder: Path) -> None:
        self.filled = Filled()
        self._document = document
        self._environ = environ
        self._folder = folder

    def value(self, value: Value, path: KeyPath, spot: Spot | None) -> Value:
        if isinstance(value, dict):
            return self._block(value, path, spot)
        if isinstance(value, list):
            inner = spot.item if spot else None
            return [self.value(item, (*path, index), inner) for index, item in enumerate(value)]
        if isinstance(value, str):
            return self._example(self._text(value, path), path, spot)
        if isinstance(value, bool) and spot is not None and spot.kind in (Kind.WHOLE, Kind.CHOICE):
            return "true" if value else "false"  # Python would take true for 1
        return value

    def _block(self, block: dict[str, Value], path: KeyPath, spot: Spot | None) -> dict[str, Value]:
        filled: dict[str, Value] = {}
        for key, value in block.items():
            inner = _below(spot, key)
            if key.endswith("-file") and (target := _secret_beside(spot, key)):
                self._secret_file(filled, block, path, target, value)
            elif value is None and inner is not None and spot is not None and spot.keys is not None:
                continue  # "relay:" with everything below it commented out: the default
            elif value is None and inner is not None and inner.keys is not None:
                filled[key] = {}  # "survival:" with everything below it commented out
            else:
                filled[key] = self.value(value, (*path, key), inner)
        return filled

    def _text(self, text: str, path: KeyPath) -> str | None:
        if "${" not in text:
            return text
        missing = False

        def replacement(found: re.Match[str]) -> str:
            nonlocal missing
            if found[1]:
                return found[1]
            value = self._variable(found, path)
            missing = missing or value is None
            return value or ""

        filled = _PLACEHOLDER.sub(replacement, text)
        if missing:
            return None
        if filled != text.replace("$${", "${"):
            self.filled.written[path] = text
        return filled

    def _variable(self, found: re.Match[str], path: KeyPath) -> str | None:
        name = found[2]
        if not found[0].endswith("}") or _VARIABLE.fullmatch(name) is None:
            self._complain(path, "has '${' without the name of a variable", "write $${ for the characters ${")
            return None
        value = self._environ.get(name)
        if not value:
            near = nearest(name, (key for key in self._environ if key != name))
            hint = near or f"set {name}, or write the value here in quotes"
            self._complain(path, f"the variable {name} is not set in the environment", hint)
            return None
        if _NOT_TEXT.search(value):
            self._complain(
                path, f"the variable {name} holds a line break or another character that is no text"
            )
            return None
        return value

    def _secret_file(
        self, filled: dict[str, Value], block: dict[str, Value], path: KeyPath, target: str, value: Value
    ) -> None:
        at = (*path, f"{target}-file")
        self.filled.spoiled.add((*path, target))  # a problem with the file is no missing secret
        if target in block:
            self._complain(at, f"is set beside {target}", "keep one of the two")
            return
        named = self.value(value, at, None)
        if at in self.filled.spoiled:
            return
        if not isinstance(named, str) or not named:
            self._complain(at, "is not a path")
            return
        secret = self._read_secret(self._folder / Path(named).expanduser(), at)
        secret = self._example(secret, at, Spot(kind=Kind.SECRET))
        if secret is not None:
            self.filled.spoiled.discard((*path, target))
            self.filled.written[(*path, target)] = named
            filled[target] = secret

    def _read_secret(self, file: Path, at: KeyPath) -> str | None:
        try:
            mode = file.stat().st_mode
            if not stat.S_ISREG(mode):  # before opening: a pipe would wait
                self._complain(at, "is not a file", f"looked for {file}")
                return None
            with file.open("rb") as stream:
                content = stream.read(LARGEST_SECRET + 1)
            text = content.decode("utf-8-sig").rstrip("\r\n")
        except OSError as exc:
            self._complain(
                at, f"cannot be read: {(exc.strerror or 'unknown reason').lower()}", f"looked for {file}"
            )
            return None
        except ValueError:
            self._complain(at, "is not a text file")
            return None
        if not text or len(content) > LARGEST_SECRET or _NOT_TEXT.search(text):
            what = "is empty" if not text else "is not one line with the secret"
            self._complain(at, what, f"looked into {file}")
            return None
        if mode & stat.S_IROTH:
            self._warn(at, "everybody on this machine can read it", f"chmod 600 {file}")
        return text

    def _example(self, text: str | None, path: KeyPath, spot: Spot | None) -> str | None:
        if text is None:
            return None
        if text.lower() in EXAMPLES or (len(text) >= 15 and not text.strip("0")):
            what = (
                "is still the example"
                if spot and spot.kind is Kind.SECRET
                else f"'{text}' is still the example"
            )
            self._complain(path, what, "write your own value")
            return None
        return text

    def _complain(self, path: KeyPath, message: str, hint: str | None = None) -> None:
        self.filled.spoiled.add(path)
        self.filled.problems.append(self._document.problem(path, message, hint))

    def _warn(self, path: KeyPath, message: str, hint: str) -> None:
        self.filled.warnings.append(self._document.problem(path, message, hint))


def _below(spot: Spot | None, key: str) -> Spot | None:
    if spot is None:
        return None
    return spot.keys.get(key) if spot.keys is not None else spot.item


def _secret_beside(spot: Spot | None, key: str) -> str | None:
    """Return the secret that ``<secret>-file`` would hold, where the block has such a secret."""
    target = key.removesuffix("-file")
    inner = _below(spot, target) if spot and spot.keys is not None else None
    return target if inner and inner.kind is Kind.SECRET else None
