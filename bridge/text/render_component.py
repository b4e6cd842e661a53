"""Rich text as the game's text component, for ``tellraw``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import Any, Final, Literal, TypeAlias

from bridge.text.address import safe_url
from bridge.text.clean import clean, strip_codes
from bridge.text.render_plain import moment_text
from bridge.text.value import (
    PLAIN,
    Break,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    Quote,
    RichText,
    Span,
    Style,
    Text,
)

Component: TypeAlias = str | dict[str, Any] | list[Any]
"""What ``json.dumps`` turns into a component: a string, an object, or a list whose first part is empty."""

Keys: TypeAlias = Literal["old", "new", "both"]
"""``new`` from Minecraft 1.21.5 on (``click_event``), ``old`` before (``clickEvent``)."""

_NAMED: Final = {
    0x000000: "black",
    0x0000AA: "dark_blue",
    0x00AA00: "dark_green",
    0x00AAAA: "dark_aqua",
    0xAA0000: "dark_red",
    0xAA00AA: "dark_purple",
    0xFFAA00: "gold",
    0xAAAAAA: "gray",
    0x555555: "dark_gray",
    0x5555FF: "blue",
    0x55FF55: "green",
    0x55FFFF: "aqua",
    0xFF5555: "red",
    0xFF55FF: "light_purple",
    0xFFFF55: "yellow",
    0xFFFFFF: "white",
}
_GREY: Final = 0xAAAAAA
_LINK: Final = 0x55FFFF
_MENTION: Final = 0x8EA1E1
_COVER: Final = "▒▒▒▒"  # what stands where a spoiler is
_LONGEST_ADDRESS: Final = 56  # characters of an address that are shown; a click opens all of it


def to_component(rich: RichText, *, keys: Keys = "both", zone: tzinfo = UTC) -> Component:
    """Return the text as one line of chat.

    Line breaks become spaces, since a second line could pass for somebody else's; use
    :meth:`RichText.lines` to send several. Spoilers open under the pointer.

    Args:
        rich: What to show.
        keys: Which names the game version knows; ``both`` costs more bytes.
        zone: The clock on which moments are told.
    """
    parts = _Parts(keys, zone)
    parts.add(rich.spans, PLAIN)
    return parts.component()


def flat(text: str) -> str:
    """Return *text* as the game may show it: one line, no colour codes, no control characters."""
    return strip_codes(clean(text)).replace("\n", " ")


class _Parts:
    """The parts of one component, plain ones merged."""

    def __init__(self, keys: Keys, zone: tzinfo) -> None:
        self._keys = keys
        self._zone = zone
        self._parts: list[str | dict[str, Any]] = []
        self._spoiler: list[str] = []

    def component(self) -> Component:
        """Return what was added in its shortest form."""
        self._close_spoiler()
        if len(self._parts) == 1:
            return self._parts[0]
        if self._parts and isinstance(self._parts[0], str):
            return [*self._parts]
        return ["", *self._parts] if self._parts else ""

    def add(self, spans: Iterable[Span], outer: Style) -> None:
        """Add *spans* inside the style *outer*."""
        for span in spans:
            match span:
                case Break():
                    self._put(" ", {}, spoiler=bool(self._spoiler))
                case CodeBlock():
                    self._block((Text(span.text, Style(code=True)),), outer)
                case Quote():
                    self._block((Text("> "), *span.content.spans), Style(colour=_GREY).over(outer))
                case Link():
                    self._link(span, outer.over(span.style))
                case _:
                    self._run(span, outer.over(span.style))

    def _run(self, span: Text | Mentioned | Emoji | Moment, style: Style) -> None:
        if isinstance(span, Moment):
            shown = moment_text(span, self._zone)
        else:
            shown = span.text if isinstance(span, Text) else span.shown
        if isinstance(span, Mentioned):
            style = style.over(Style(colour=_MENTION))
        self._put(flat(shown), _looks(style), spoiler=style.spoiler)

    def _block(self, spans: Iterable[Span], style: Style) -> None:
        if self._parts:
            self._put(" ", {}, spoiler=False)
        self.add(spans, style)
        self._put(" ", {}, spoiler=False)

    def _link(self, link: Link, style: Style) -> None:
        url = safe_url(clean(link.url))
        label = flat(link.label)
        bare = link.label == link.url
        if url is None or style.spoiler:
            shown = label if bare else f"{label} ({flat(link.url)})"
            self._put(shown, _looks(style), spoiler=style.spoiler)
            return
        looks = _looks(Style(colour=_LINK, underline=True).over(style)) | self._click(url)
        if not bare:
            looks |= self._hover(url)
        self._put(_shortened(label) if bare else label, looks, spoiler=False)

    def _put(self, shown: str, looks: dict[str, Any], *, spoiler: bool) -> None:
        if spoiler:
            self._spoiler.append(shown)
            return
        self._close_spoiler()
        if not shown:
            return
        if looks:
            self._parts.append({"text": shown, **looks})
        elif self._parts and isinstance(self._parts[-1], str):
            self._parts[-1] += shown
        else:
            self._parts.append(shown)

    def _close_spoiler(self) -> None:
        if self._spoiler:
            hidden = "".join(self._spoiler)
            self._spoiler = []
            self._parts.append({"text": _COVER, "color": "dark_gray", **self._hover(hidden)})

    def _click(self, url: str) -> dict[str, Any]:
        event: dict[str, Any] = {}
        if self._keys != "new":
            event["clickEvent"] = {"action": "open_url", "value": url}
        if self._keys != "old":
            event["click_event"] = {"action": "open_url", "url": url}
        return event

    def _hover(self, shown: str) -> dict[str, Any]:
        event: dict[str, Any] = {}
        if self._keys != "new":
            event["hoverEvent"] = {"action": "show_text", "value": shown}
        if self._keys != "old":
            event["hover_event"] = {"action": "show_text", "value": shown}
        return event


def _looks(style: Style) -> dict[str, Any]:
    looks: dict[str, Any] = {}
    colour = _GREY if style.code and style.colour is None else style.colour
    if colour is not None:
        looks["color"] = _NAMED.get(colour, f"#{colour & 0xFFFFFF:06x}")
    if style.bold:
        looks["bold"] = True
    if style.italic:
        looks["italic"] = True
    if style.underline:
        looks["underlined"] = True
    if style.strikethrough:
        looks["strikethrough"] = True
    return looks


def _shortened(address: str) -> str:
    if len(address) <= _LONGEST_ADDRESS:
        return address
    return f"{address[: _LONGEST_ADDRESS - 13]}…{address[-12:]}"
