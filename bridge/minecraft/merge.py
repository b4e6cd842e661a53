"""Puts several chat lines into as few ``tellraw`` as fit, and shortens what fits in none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bridge.minecraft.commands import (
    EVERYONE,
    MOST_BYTES,
    VANILLA,
    Component,
    Syntax,
    Target,
    Tellraw,
    component_json,
    encode,
)

ELLIPSIS: Final = "…"
_BETWEEN: Final = "\n"
_JOINER: Final = "\u200d"
_EVENTS: Final = frozenset({"clickEvent", "hoverEvent", "click_event", "hover_event", "insertion"})


def merge_lines(
    components: Iterable[Component], *, target: Target = EVERYONE, syntax: Syntax = VANILLA
) -> list[tuple[Tellraw, int]]:
    """Return commands that show all lines in their order, each with the number of lines that it holds.

    Several lines share one command, one line break apart, as long as they fit. A single line that is too
    long first loses its links and hovers, then its end, which becomes an ellipsis.

    Raises:
        CommandRefused: A component holds what no command may hold, whatever its length.
    """
    empty = len(encode(Tellraw(target, ""), syntax)) - len('""')
    room = MOST_BYTES - empty
    merged: list[tuple[Tellraw, int]] = []
    waiting: list[Component] = []
    used = 0
    for component in components:
        line = _fitting(component, room)
        size = _size(line)
        if waiting and used + len(',"\\n",') + size > room:
            merged.append((_command(target, waiting), len(waiting)))
            waiting = []
        used = used + len(',"\\n",') + size if waiting else len('["",]') + size
        waiting.append(line)
    if waiting:
        merged.append((_command(target, waiting), len(waiting)))
    return merged


def _command(target: Target, lines: Sequence[Component]) -> Tellraw:
    if len(lines) == 1:
        return Tellraw(target, lines[0])
    # The first element is the parent of the others: an empty one, so that no line inherits a colour.
    together: list[object] = ["", lines[0]]
    for line in lines[1:]:
        together += [_BETWEEN, line]
    return Tellraw(target, together)


def _size(component: Component) -> int:
    return len(component_json(component).encode())


def _fitting(component: Component, room: int) -> Component:
    if _size(component) <= room:
        return component
    bare = _without_events(component)
    if _size(bare) <= room:
        return bare
    text = _visible(bare)
    low, high = 0, len(text)
    while low < high:  # the most characters that fit; measured after escaping, so tried out
        middle = (low + high + 1) // 2
        if _size(_cut(bare, middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return _cut(bare, _boundary(text, low))


def _boundary(text: str, kept: int) -> int:
    """Return the last place up to *kept* where no letter is parted from its accent, no emoji from itself."""
    while 0 < kept < len(text) and (
        unicodedata.combining(text[kept])
        or text[kept] in (_JOINER, "\ufe0e", "\ufe0f")
        or text[kept - 1] == _JOINER
        or 0x1F3FB <= ord(text[kept]) <= 0x1F3FF  # a skin tone
    ):
        kept -= 1
    return kept


def _without_events(component: object) -> Component:
    """Return a component of which only texts and their looks are left."""
    if isinstance(component, str):
        return component
    if isinstance(component, Mapping):
        return {
            key: [_without_events(inner) for inner in value] if key == "extra" else value
            for key, value in component.items()
            if key not in _EVENTS
        }
    if isinstance(component, Sequence):
        return [_without_events(inner) for inner in component]
    return str(component)


def _visible(component: Component) -> str:
    """Return what a player reads."""
    if isinstance(component, str):
        return component
    if isinstance(component, Mapping):
        return str(component.get("text", "")) + "".join(map(_visible, component.get("extra", ())))  # type: ignore[call-overload]  # "extra" is a list of components
    return "".join(map(_visible, component))  # type: ignore[arg-type]  # elements are components


def _cut(component: Component, kept: int) -> Component:
    """Return the component with its first *kept* characters and an ellipsis after them."""
    shortened, _left = _shortened(component, kept)
    return ["" if shortened is None else shortened, ELLIPSIS]


def _shortened(component: object, left: int) -> tuple[Component | None, int]:
    """Return what is left of a component within *left* characters, and how many remain for the next."""
    if isinstance(component, str):
        return component[:left] or None, max(0, left - len(component))
    if isinstance(component, Mapping):
        text = str(component.get("text", ""))
        kept: dict[str, object] = {**component, "text": text[:left]}
        left = max(0, left - len(text))
        inner, left = _shortened_all(component.get("extra", ()), left)
        kept.pop("extra", None)
        if inner:
            kept["extra"] = inner
        return (kept if inner or kept["text"] else None), left
    inner, left = _shortened_all(component, left)
    return (inner or None), left


def _shortened_all(components: object, left: int) -> tuple[list[object], int]:
    kept: list[object] = []
    for position, component in enumerate(components if isinstance(components, Sequence) else ()):
        part, left = _shortened(component, left)
        if part is None and position == 0:
            part = _empty(component)
        if part is not None:
            kept.append(part)
        if left == 0:
            break
    return (kept if any(kept) else []), left


def _empty(component: object) -> Component:
    """Return a component without its text: the first of a list gives the others their looks."""
    if isinstance(component, Mapping):
        return {**{key: value for key, value in component.items() if key != "extra"}, "text": ""}
    return ""
