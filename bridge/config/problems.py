"""What is wrong with a settings file, in words that lead to the line to change."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is: ``("servers", "survival", "rcon", "port")``; whole numbers are places in lists."""

HIDDEN: Final = "(hidden)"
LOOKS_SECRET: Final = re.compile(r"[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}|/webhooks/")
_LONGEST_SHOWN: Final = 60
_PLAIN_KEY: Final = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to change in the settings; ``str()`` is the line that people read."""

    file: str
    line: int  # from 1; 0 when it is about the file as a whole
    key: str  # dotted, ``servers.survival.rcon.port``; empty when it is about the text itself
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{place}: {self.key}: {what}" if self.key else f"{place}: {what}"


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` has everything that is wrong, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def dotted(path: KeyPath) -> str:
    """Return a place as people write it: ``servers.survival.log.chat-patterns[0].pattern``."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in path]
    return "".join(parts).removeprefix(".")


def _key(step: str) -> str:
    return step if _PLAIN_KEY.fullmatch(step) else shown(step)


def shown(value: object) -> str:
    """Return a scalar as it is shown in a problem: on one line, at most 60 characters, no secrets."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if LOOKS_SECRET.search(text):
        return HIDDEN
    if len(text) > _LONGEST_SHOWN:
        text = f"{text[:_LONGEST_SHOWN]}…"
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return safe if isinstance(value, int) else f"'{safe}'"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean 'port'?`` for the known word that is most like *word*, if one is."""
    plain = {name.lower().replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(word.lower().replace("_", "-")[:80], plain, n=1, cutoff=0.6)
    return f"did you mean '{plain[near[0]]}'?" if near else None
