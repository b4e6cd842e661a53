"""The dialects by name: which layouts each one writes, and how a stream's layout is found."""

from __future__ import annotations

from typing import Final

from bridge.config.settings import DialectName
from bridge.minecraft.log.decode import clean
from bridge.minecraft.log.layouts import Parts, Splitter, Threaded, split_clocked, split_console, split_dated
from bridge.minecraft.log.wrappers import unwrap

THREADED: Final = "[time] [thread/LEVEL]: "
CONSOLE: Final = "[time LEVEL]: "
DATED: Final = "date time [LEVEL] "
CLOCKED: Final = "time [LEVEL] "

DIALECTS: Final[dict[DialectName, tuple[str, ...]]] = {
    DialectName.AUTO: (THREADED, CONSOLE, DATED, CLOCKED),
    DialectName.VANILLA: (THREADED, DATED),  # 1.7 and newer; older
    DialectName.BUKKIT: (THREADED, CONSOLE, DATED),  # file; console; before 1.7
    DialectName.FORGE: (THREADED, CONSOLE, DATED),  # with logger, date and milliseconds; console; before 1.7
    DialectName.FABRIC: (THREADED,),
    DialectName.HYBRID: (THREADED, CONSOLE),
    DialectName.VELOCITY: (THREADED, CONSOLE),
    DialectName.BUNGEECORD: (CLOCKED, THREADED, CONSOLE),
}
"""Which layouts a dialect's lines can have, the usual one first."""

PROXIES: Final = frozenset({DialectName.VELOCITY, DialectName.BUNGEECORD})


def _splitter(layout: str) -> Splitter:
    match layout:
        case "[time] [thread/LEVEL]: ":
            return Threaded().split
        case "[time LEVEL]: ":
            return split_console
        case "date time [LEVEL] ":
            return split_dated
        case _:
            return split_clocked


class LineSplitter:
    """Takes the prefix off each line of one stream; remembers which layout and wrapper the last line had."""

    def __init__(self, dialect: DialectName = DialectName.AUTO) -> None:
        self._splitters = {layout: _splitter(layout) for layout in DIALECTS[dialect]}
        self.layout = DIALECTS[dialect][0]
        self.current: Splitter = self._splitters[self.layout]
        self.wrapped = False

    def other(self, line: str) -> Parts | None:
        """Return the parts of a line that :attr:`current` could not split, or None when no layout fits.

        The layout that fits is the current one from then on.
        """
        if "[" not in line or line[0] in "\t ":
            return None  # the rest of a message, most often a stack trace: every prefix has a bracket
        found = None if self.wrapped else self._try(line)
        if found is None and (inner := unwrap(line)) is not None and (found := self._try(clean(inner))):
            self.wrapped = True
            return found
        if found is None and self.wrapped and (found := self._try(line)):
            self.wrapped = False
        return found

    def _try(self, line: str) -> Parts | None:
        if not line:
            return None
        for layout, splitter in self._splitters.items():
            if (found := splitter(line)) is not None:
                self.layout, self.current = layout, splitter
                return found
        return None
