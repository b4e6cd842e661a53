"""Discord's markdown as a tree that a page can draw without ever trusting the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

_DEEPEST: Final = 10


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a message: plain text, or a kind with text or further pieces inside."""

    kind: str  # text, bold, italic, underline, strike, spoiler, code, block, quote, h1…h3, small, item,
    # link, user, role, channel, emoji, time, break
    text: str = ""
    href: str = ""
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What stands behind the snowflakes in a message."""

    users: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def parse_markup(text: str, names: Names | None = None) -> tuple[Node, ...]:
    """Return a message's pieces; any text gives a tree, and addresses in it are http or https."""
    return _Reader(names or Names()).blocks(text)


_FENCE: Final = re.compile(r"```(?:[a-zA-Z0-9_+\-]*\n)?(.+?)```", re.DOTALL)
_HEADS: Final = (
    (re.compile(r"### +(.+)"), "h3"),
    (re.compile(r"## +(.+)"), "h2"),
    (re.compile(r"# +(.+)"), "h1"),
    (re.compile(r"-# +(.+)"), "small"),
    (re.compile(r"[*-] +(.+)"), "item"),
    (re.compile(r"> (.*)"), "quote"),
)
_URL: Final = re.compile(r"https?://[^\s<>]+[^\s<>.,:;\"'\])]")
_Match = re.Match[str]


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._rules: tuple[tuple[re.Pattern[str], Callable[[_Match, int], Node]], ...] = (
            (re.compile(r"\\([^A-Za-z0-9\s])"), lambda found, _: Node("text", found[1])),
            (re.compile(r"``(.+?)``|`([^`]+)`", re.DOTALL), _code),
            (re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL), self._wrapped("bold")),
            (re.compile(r"__(.+?)__(?!_)", re.DOTALL), self._wrapped("underline")),
            (re.compile(r"\*(?=\S)(.+?)(?<![\s*])\*(?!\*)", re.DOTALL), self._wrapped("italic")),
            (re.compile(r"(?<!\w)_([^_].*?)_(?!\w)", re.DOTALL), self._wrapped("italic")),
            (re.compile(r"~~(.+?)~~", re.DOTALL), self._wrapped("strike")),
            (re.compile(r"\|\|(.+?)\|\|", re.DOTALL), self._wrapped("spoiler")),
            (re.compile(r"\[([^\[\]]+)\]\(<?(https?://[^\s()<>]+)>?\)"), self._masked),
            (re.compile(r"<(https?://[^\s<>]+)>"), lambda found, _: _link(found[1])),
            (_URL, lambda found, _: _link(found[0])),
            (re.compile(r"<@!?(\d+)>"), lambda found, _: self._named("user", "@", found[1])),
            (re.compile(r"<@&(\d+)>"), lambda found, _: self._named("role", "@", found[1])),
            (re.compile(r"<#(\d+)>"), lambda found, _: self._named("channel", "#", found[1])),
            (re.compile(r"<a?:(\w+):\d+>"), lambda found, _: Node("emoji", f":{found[1]}:")),
            (re.compile(r"<t:(-?\d{1,12}):R>"), lambda found, _: Node("ago", found[1])),
            (re.compile(r"<t:(-?\d{1,12})(?::[tTdDfFsS])?>"), lambda found, _: Node("time", found[1])),
        )

    def blocks(self, text: str) -> tuple[Node, ...]:
        """Return the pieces of a whole message: code blocks first, then line by line."""
        nodes: list[Node] = []
        last = 0
        for found in _FENCE.finditer(text):
            nodes += self._lines(text[last : found.start()].removesuffix("\n"))
            nodes.append(Node("block", found[1]))
            last = found.end()
        return (*nodes, *self._lines(text[last:].removeprefix("\n") if last else text))

    def _lines(self, text: str) -> list[Node]:
        nodes: list[Node] = []
        plain: list[str] = []
        for line in text.split("\n") if text else ():
            head = next(((found, kind) for rule, kind in _HEADS if (found := rule.fullmatch(line))), None)
            if head is None:
                plain.append(line)
                continue
            nodes += self._paragraph(plain)
            plain = []
            nodes.append(Node(head[1], nodes=self.inline(head[0][1], 0)))
        return nodes + self._paragraph(plain)

    def _paragraph(self, lines: list[str]) -> list[Node]:
        if not lines:
            return []
        # formats may span lines, so the break is put in afterwards, when drawing
        return [Node("line", nodes=self.inline("\n".join(lines), 0))]

    def inline(self, text: str, depth: int) -> tuple[Node, ...]:
        """Return the pieces within a line."""
        if depth > _DEEPEST:
            return (Node("text", text),)
        nodes: list[Node] = []
        plain_from = at = 0
        while (at := _next(text, at)) < len(text):
            for rule, build in self._rules:
                if found := rule.match(text, at):
                    if at > plain_from:
                        nodes.append(Node("text", text[plain_from:at]))
                    nodes.append(build(found, depth))
                    plain_from = at = found.end()
                    break
            else:
                at += 1
        if plain_from < len(text):
            nodes.append(Node("text", text[plain_from:]))
        return tuple(nodes)

    def _wrapped(self, kind: str) -> Callable[[_Match, int], Node]:
        return lambda found, depth: Node(kind, nodes=self.inline(found[1], depth + 1))

    def _masked(self, found: _Match, depth: int) -> Node:
        return Node("link", href=found[2], nodes=self.inline(found[1], depth + 1))

    def _named(self, kind: str, sign: str, snowflake: str) -> Node:
        known = {"user": self._names.users, "role": self._names.roles, "channel": self._names.channels}
        return Node(kind, sign + known[kind].get(snowflake, "unknown"))


_SIGN: Final = re.compile(r"[\\`*_~|\[<h]")


def _next(text: str, at: int) -> int:
    found = _SIGN.search(text, at)
    return found.start() if found else len(text)


def _code(found: _Match, _depth: int) -> Node:
    return Node("code", found[1] or found[2])


def _link(href: str) -> Node:
    return Node("link", href, href=href)
