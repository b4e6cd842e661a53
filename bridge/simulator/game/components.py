"""Reads text components as strictly as the game does and renders them as its client would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from .dialects import version_key
from .snbt import SnbtError, Tag, parse_snbt
from .values import Format, Line, Run

COLOURS: Final = (
    "black", "dark_blue", "dark_green", "dark_aqua", "dark_red", "dark_purple", "gold", "gray",
    "dark_gray", "blue", "green", "aqua", "red", "light_purple", "yellow", "white",
)  # fmt: skip
_CODES: Final = dict(zip("0123456789abcdef", COLOURS, strict=True))
_FORMATS: Final = {
    "k": Format.OBFUSCATED,
    "l": Format.BOLD,
    "m": Format.STRIKETHROUGH,
    "n": Format.UNDERLINED,
    "o": Format.ITALIC,
}
_HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_CONTENTS: Final = ("text", "translate", "keybind", "score", "selector", "nbt", "sprite", "player")
_ACTIONS: Final = {  # since 1.21.5, each action has its own key
    "open_url": "url",
    "run_command": "command",
    "suggest_command": "command",
    "change_page": "page",
    "copy_to_clipboard": "value",
}
_HOVERS: Final = ("show_text", "show_item", "show_entity")
_LEGACY: Final = re.compile("§(.)", re.DOTALL)


class ComponentError(ValueError):
    """The game would refuse the component."""


Resolve = Callable[[str], str]
"""Turns a selector inside a component into names."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A component that the game accepts, and where its text ended in the command."""

    line: Line  # as the client draws it, ``§`` codes turned into styles
    plain: str  # as the server sees it
    end: int


def parse_component(text: str, at: int, *, version: str, resolve: Resolve = str) -> Parsed:
    """Read the component that begins at *at* in a command.

    Raises:
        ComponentError: The version's server would refuse it; the message says why.
    """
    numbers = version_key(version)
    value, end = _read(text, at, snbt=numbers >= (1, 21, 5))
    rules = _Rules(strict=numbers >= (1, 20, 3), new_keys=numbers >= (1, 21, 5), resolve=resolve)
    runs = rules.flatten(value, Run(text=""))
    return Parsed(Line(tuple(drawn for run in runs for drawn in _draw(run))), Line(tuple(runs)).plain, end)


def _read(text: str, at: int, *, snbt: bool) -> tuple[Tag, int]:
    try:
        if snbt:
            return parse_snbt(text, at)
        value, end = json.JSONDecoder(strict=False, parse_constant=_no_constant).raw_decode(text, at)
    except (SnbtError, ValueError, RecursionError) as exc:
        raise ComponentError(str(exc)) from exc
    return _repaired(value), end


def _repaired(value: Tag) -> Tag:
    """Replace halves of surrogate pairs, which JSON can write and no encoder takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_repaired(each) for each in value]
    if isinstance(value, dict):
        return {key: _repaired(each) for key, each in value.items()}
    return value


def _no_constant(name: str) -> Tag:
    raise ValueError(f"{name} is not JSON")


def _draw(run: Run) -> list[Run]:
    """Split a run at its ``§`` codes, which the client still obeys."""
    if "§" not in run.text:
        return [run] if run.text else []
    style, drawn, last = run, [], 0
    for found in _LEGACY.finditer(run.text):
        drawn.append(replace(style, text=run.text[last : found.start()]))
        last, style = found.end(), _restyled(style, run, found[1].lower())
    drawn.append(replace(style, text=run.text[last:]))
    return [each for each in drawn if each.text]


def _restyled(style: Run, base: Run, code: str) -> Run:
    if code in _FORMATS:
        return replace(style, formats=style.formats | {_FORMATS[code]})
    if code in _CODES:
        return replace(base, colour=_CODES[code], formats=frozenset())
    return base if code == "r" else style


@dataclass(frozen=True, slots=True)
class _Rules:
    strict: bool
    new_keys: bool
    resolve: Resolve

    def flatten(self, value: Tag, style: Run) -> list[Run]:
        """Return the runs of a component, each in its inherited style."""
        if isinstance(value, str):
            return [replace(style, text=value)]
        if isinstance(value, list):
            return self._sequence(value, style)
        if isinstance(value, dict):
            return self._object(value, style)
        if self.strict or value is None:
            raise ComponentError(f"Not a string, a list or an object: {json.dumps(value)}")
        return [replace(style, text=json.dumps(value))]

    def _sequence(self, values: list[Tag], style: Run) -> list[Run]:
        if not values:
            raise ComponentError("List must have contents")
        first = self.flatten(values[0], style)
        inherited = replace(first[0], text="") if first else style
        runs = first
        for value in values[1:]:
            runs = runs + self.flatten(value, inherited)
        return runs

    def _object(self, value: Mapping[str, Tag], style: Run) -> list[Run]:
        own = self._style(value, style)
        runs = [replace(own, text=self._contents(value))]
        if "with" in value and not isinstance(value["with"], list):
            raise ComponentError("Not a list: with")
        extra = value.get("extra", [])
        if not isinstance(extra, list) or ("extra" in value and not extra):
            raise ComponentError("List must have contents")
        for each in extra:
            runs += self.flatten(each, own)
        return runs

    def _contents(self, value: Mapping[str, Tag]) -> str:
        key = next((key for key in _CONTENTS if key in value), None)
        if key is None:
            raise ComponentError(f"No matching codec found in {json.dumps(dict(value))}")
        content = value[key]
        if not isinstance(content, str):
            if not self.strict and key == "text":
                return json.dumps(content)
            if key != "score":
                raise ComponentError(f"Not a string: {json.dumps(content)}")
            return ""
        if key == "selector":
            return self.resolve(content)
        return content if key in ("text", "translate", "keybind") else ""

    def _style(self, value: Mapping[str, Tag], style: Run) -> Run:
        for flag in Format:
            if flag in value:
                on = {flag} if self._flag(value[flag]) else set()
                style = replace(style, formats=style.formats - {flag} | on)
        if "color" in value:
            style = replace(style, colour=self._colour(value["color"]))
        click = value.get("click_event" if self.new_keys else "clickEvent")
        if click is not None:
            style = self._clicked(click, style)
        hover = value.get("hover_event" if self.new_keys else "hoverEvent")
        if hover is not None:
            style = replace(style, hover=self._hover(hover))
        return style

    def _flag(self, value: Tag) -> bool:
        if isinstance(value, bool):
            return value
        if self.new_keys and isinstance(value, int):
            return value != 0  # NBT has no booleans
        raise ComponentError(f"Not a boolean: {json.dumps(value)}")

    def _colour(self, value: Tag) -> str | None:
        if value == "reset" and not self.strict:
            return None
        if not isinstance(value, str) or not (value in COLOURS or _HEX.fullmatch(value)):
            raise ComponentError(f"Invalid color name: {value}")
        return value

    def _clicked(self, event: Tag, style: Run) -> Run:
        if not isinstance(event, dict):
            raise ComponentError("Not a map: click event")
        action = event.get("action")
        if not isinstance(action, str) or action not in _ACTIONS:
            raise ComponentError(f"Unknown click action: {action}")
        key = _ACTIONS[action] if self.new_keys else "value"
        target = event.get(key)
        if isinstance(target, int) and action == "change_page":
            target = str(target)
        if not isinstance(target, str):
            raise ComponentError(f"No key {key} in click event")
        if action != "open_url":
            return replace(style, click=f"{action} {target}")
        return replace(style, link=_checked_url(target, strict=self.new_keys))

    def _hover(self, event: Tag) -> str | None:
        if not isinstance(event, dict) or event.get("action") not in (
            "show_text",
            "show_item",
            "show_entity",
        ):
            raise ComponentError("Unknown hover action")
        if event["action"] != "show_text":
            return None
        value = event.get("value") if self.new_keys else event.get("contents", event.get("value"))
        if value is None:
            raise ComponentError("No key value in hover event")
        return Line(tuple(self.flatten(value, Run(text="")))).plain


def _checked_url(url: str, *, strict: bool) -> str | None:
    """Return the address when the client would open it; since 1.21.5 the server refuses others."""
    try:
        good = urlsplit(url).scheme in ("http", "https") and not re.search(r"[\s\"<>\\^`{|}]", url)
    except ValueError:
        good = False
    if not good and strict:
        raise ComponentError(f"Not an http or https address: {url}")
    return url if good else None
