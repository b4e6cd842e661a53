"""The one rich-text value: what people typed and what we say, before any outside world's markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from bridge.events import MentionKind

ELLIPSIS: Final = "…"
SIGILS: Final = {MentionKind.USER: "@", MentionKind.ROLE: "@", MentionKind.CHANNEL: "#"}


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How a run of text looks."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strikethrough: bool = False
    spoiler: bool = False
    code: bool = False
    colour: int | None = None  # 0xRRGGBB; only the game shows it

    def over(self, inner: Style) -> Style:
        """Return the style of something that has *inner* and stands inside this one."""
        if self == PLAIN:
            return inner
        return Style(
            bold=self.bold or inner.bold,
            italic=self.italic or inner.italic,
            underline=self.underline or inner.underline,
            strikethrough=self.strikethrough or inner.strikethrough,
            spoiler=self.spoiler or inner.spoiler,
            code=self.code or inner.code,
            colour=self.colour if inner.colour is None else inner.colour,
        )


PLAIN: Final = Style()


class Text(msgspec.Struct, frozen=True):
    """A run of characters in one style; holds no line break."""

    text: str
    style: Style = PLAIN


class Link(msgspec.Struct, frozen=True):
    """A link; its label equals its address when somebody simply wrote the address."""

    label: str
    url: str
    style: Style = PLAIN
    trusted: bool = False  # from our own sentences: only these may hide their address behind a label


class Mentioned(msgspec.Struct, frozen=True):
    """Somebody or something of Discord named in a message: shown by name, never a ping."""

    kind: MentionKind
    name: str
    id: str = ""
    style: Style = PLAIN

    @property
    def shown(self) -> str:
        """The name with its sign: ``@Mira`` or ``#general``."""
        return SIGILS[self.kind] + self.name


class Emoji(msgspec.Struct, frozen=True):
    """A guild's own emoji."""

    name: str
    id: str = ""
    animated: bool = False
    style: Style = PLAIN

    @property
    def shown(self) -> str:
        """The name between colons: ``:tada:``."""
        return f":{self.name}:"


class MomentForm(StrEnum):
    """The letters by which Discord chooses how a moment is written."""

    SHORT_TIME = "t"
    LONG_TIME = "T"
    SHORT_DATE = "d"
    LONG_DATE = "D"
    SHORT = "f"
    LONG = "F"
    COMPACT = "s"
    COMPACT_LONG = "S"
    RELATIVE = "R"


class Moment(msgspec.Struct, frozen=True):
    """A point in time that every reader sees in their own zone where that is possible."""

    at: datetime
    form: MomentForm = MomentForm.SHORT
    style: Style = PLAIN


class CodeBlock(msgspec.Struct, frozen=True):
    """Lines of code, shown as they are."""

    text: str
    language: str = ""


class Quote(msgspec.Struct, frozen=True):
    """Quoted lines."""

    content: RichText


class Break(msgspec.Struct, frozen=True):
    """A line break."""


Styled: TypeAlias = Text | Link | Mentioned | Emoji | Moment
Span: TypeAlias = Styled | CodeBlock | Quote | Break
BREAK: Final = Break()


class RichText(msgspec.Struct, frozen=True):
    """Text with its looks and meanings; build it with :meth:`of`, ``+``, :meth:`join` or a parser."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, *parts: RichText | Span | str) -> RichText:
        """Put parts together; a plain string becomes text, its line ends become breaks."""
        return cls(tuple(_merged(_flattened(parts))))

    def __add__(self, other: RichText | Span | str) -> RichText:
        return RichText.of(self, other)

    def __radd__(self, other: Span | str) -> RichText:
        return RichText.of(other, self)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __len__(self) -> int:
        return sum(_length(span) for span in self.spans)

    @property
    def plain(self) -> str:
        """What a reader sees, without looks; links show their label only."""
        return "".join(map(_shown, self.spans))

    def join(self, parts: Iterable[RichText | Span | str]) -> RichText:
        """Return the parts with this text between each two of them."""
        pieces: list[RichText | Span | str] = []
        for part in parts:
            if pieces:
                pieces.append(self)
            pieces.append(part)
        return RichText.of(*pieces)

    def truncate(self, most: int) -> RichText:
        """Return at most *most* visible characters, the last of them an ellipsis if something was cut."""
        if most < 1:
            return RichText()
        if len(self) <= most:
            return self
        kept: list[Span] = []
        left = most - 1
        for span in self.spans:
            size = _length(span)
            if size > left:
                kept.extend(_cut(span, left))
                break
            kept.append(span)
            left -= size
        return RichText.of(*kept, ELLIPSIS)

    def styled(self, style: Style) -> RichText:
        """Return this text inside *style*."""
        return RichText.of(*(_restyled(span, style) for span in self.spans))

    def lines(self) -> list[RichText]:
        """Return the lines one by one; code blocks and quotes become lines of their own."""
        lines: list[list[Span]] = [[]]
        for span in self.spans:
            if isinstance(span, Break):
                lines.append([])
            elif isinstance(span, CodeBlock | Quote):
                lines.extend([list(line.spans) for line in _block_lines(span)])
                lines.append([])
            else:
                lines[-1].append(span)
        return [RichText(tuple(line)) for line in lines if line]


def text(
    content: str, *, bold: bool = False, italic: bool = False, code: bool = False, colour: int | None = None
) -> RichText:
    """Return *content* in one style."""
    style = Style(bold=bold, italic=italic, code=code, colour=colour)
    return RichText.of(content).styled(style)


def _flattened(parts: Iterable[RichText | Span | str]) -> Iterator[Span]:
    for part in parts:
        if isinstance(part, RichText):
            yield from part.spans
        elif isinstance(part, str):
            yield from _lines_of(part, PLAIN)
        elif isinstance(part, Text) and "\n" in part.text:
            yield from _lines_of(part.text, part.style)
        else:
            yield part


def _lines_of(content: str, style: Style) -> Iterator[Span]:
    for number, line in enumerate(content.split("\n")):
        if number:
            yield BREAK
        if line:
            yield Text(line, style)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    run: list[str] = []
    style = PLAIN
    for span in spans:
        if isinstance(span, Text):
            if run and span.style != style:
                yield Text("".join(run), style)
                run.clear()
            style = span.style
            if span.text:
                run.append(span.text)
            continue
        if run:
            yield Text("".join(run), style)
            run.clear()
        yield span
    if run:
        yield Text("".join(run), style)


def _shown(span: Span) -> str:
    if isinstance(span, Text | CodeBlock):
        return span.text
    if isinstance(span, Mentioned | Emoji):
        return span.shown
    match span:
        case Link():
            return span.label
        case Moment():
            return span.at.strftime("%Y-%m-%d %H:%M")
        case Quote():
            return span.content.plain
    return "\n"


def _length(span: Span) -> int:
    if isinstance(span, Text):
        return len(span.text)
    return len(span.content) if isinstance(span, Quote) else len(_shown(span))


def _cut(span: Span, most: int) -> tuple[Span, ...]:
    """Return the span's first characters; what cannot be cut is left out."""
    if most < 1:
        return ()
    match span:
        case Text():
            return (Text(span.text[:most], span.style),)
        case Link():
            return (msgspec.structs.replace(span, label=span.label[:most]),)
        case CodeBlock():
            return (CodeBlock(span.text[:most], span.language),)
        case Quote():
            return (Quote(span.content.truncate(most)),)
        case _:
            return ()


def _restyled(span: Span, style: Style) -> Span:
    if isinstance(span, CodeBlock | Break):
        return span
    if isinstance(span, Quote):
        return Quote(span.content.styled(style))
    return msgspec.structs.replace(span, style=style.over(span.style))


def _block_lines(block: CodeBlock | Quote) -> list[RichText]:
    if isinstance(block, CodeBlock):
        return [text(line, code=True) for line in block.text.split("\n")]
    return [Text("> ") + line for line in block.content.lines()]
