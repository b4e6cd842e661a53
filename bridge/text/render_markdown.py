"""Rich text as Discord's markdown: what people typed shows literally, whatever it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from bridge.text.address import safe_url
from bridge.text.clean import clean
from bridge.text.discord_markup import FENCE, URL, trimmed_url
from bridge.text.parse import parse_markdown
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
    Styled,
    Text,
)

# A colon before // is escaped where no link is meant: Discord would not unescape inside an address.
_SPECIAL: Final = re.compile(r"[\\*_~|`<\[]|:(?=//)")
_LINE_START: Final = re.compile(r"(\s*)(>|#{1,3}(?=\s|$)|-#(?=\s|$)|[-+](?=\s|$))")
_NUMBER_START: Final = re.compile(r"(\s*[0-9]{1,9})\.(?=\s|$)")
_MARKS: Final = (
    ("spoiler", "||"),
    ("bold", "**"),
    ("italic", "*"),
    ("underline", "__"),
    ("strikethrough", "~~"),
)


def to_markdown(rich: RichText) -> str:
    """Return the text as a Discord message's content.

    Everything in it shows as the characters it is, in the looks it has. Addresses stay clickable; mentions
    are names, not pings, and moments show in each reader's zone. Looks that Discord could not read without
    changing the text are left out. Its length is not limited here.
    """
    blocks: list[str] = []
    line: list[Styled] = []
    open_line = False
    for span in rich.spans:
        if isinstance(span, CodeBlock | Quote):
            if open_line or line:
                blocks.append(_line(line))
            blocks.append(_fenced(span) if isinstance(span, CodeBlock) else _quoted(span))
            line, open_line = [], False
        elif isinstance(span, Break):
            blocks.append(_line(line))
            line, open_line = [], True
        else:
            line.append(span)
    if open_line or line:
        blocks.append(_line(line))
    return "\n".join(blocks)


def _fenced(block: CodeBlock) -> str:
    content = clean(block.text).replace(FENCE, "\u02cb" * 3)  # the like of a backtick
    language = block.language if re.fullmatch(r"[A-Za-z0-9_+\-.#]{1,32}", block.language) else ""
    return f"{FENCE}{language}\n{content}\n{FENCE}"


def _quoted(quote: Quote) -> str:
    return "\n".join(f"> {line}" for line in to_markdown(quote.content).split("\n"))


def _line(spans: Sequence[Styled]) -> str:
    """Return one line; with its looks only if Discord would show the same characters then."""
    line = RichText.of(*_ready(spans))
    if all(_is_plain(span) for span in line.spans):
        return _joined(line.spans)
    styled = _wrapped(line.spans, _MARKS)
    shown = parse_markdown(styled)
    if shown.plain == line.plain and _links(shown) == _links(line):
        return styled
    return _joined([_unstyled(span) for span in line.spans])


def _ready(spans: Iterable[Styled]) -> Iterator[Span]:
    """Yield the spans as Discord can show them: no colours, foreign links with their address."""
    for span in spans:
        style = (
            msgspec.structs.replace(span.style, colour=None) if span.style.colour is not None else span.style
        )
        match span:
            case Text():
                yield Text(clean(span.text), style)
            case Mentioned():
                yield Text(clean(span.shown), style)
            case Emoji() if not span.id:
                yield Text(clean(span.shown), style)
            case Link():
                yield from _ready_link(span, style)
            case _:
                yield msgspec.structs.replace(span, style=style)


def _ready_link(link: Link, style: Style) -> Iterator[Span]:
    label, url = clean(link.label), clean(link.url)
    found = URL.fullmatch(url)
    if found is None or trimmed_url(url) != url:
        yield Text(label if label == url else f"{label} ({url})", style)
    elif label == url:
        yield Link(url, url, style)
    elif link.trusted and (safe := safe_url(url)) is not None and "://" not in label and label.strip():
        yield Link(label, safe.replace("(", "%28").replace(")", "%29"), style, trusted=True)
    else:
        yield Text(f"{label} (", style)
        yield Link(url, url, style)
        yield Text(")", style)


def _is_plain(span: Span) -> bool:
    return not isinstance(span, CodeBlock | Quote | Break) and span.style == PLAIN and not _is_masked(span)


def _is_masked(span: Span) -> bool:
    return isinstance(span, Link) and span.label != span.url


def _unstyled(span: Span) -> Span:
    if isinstance(span, CodeBlock | Quote | Break):
        return span
    if _is_masked(span) and isinstance(span, Link):
        return Text(span.label)
    return msgspec.structs.replace(span, style=PLAIN)


def _links(rich: RichText) -> list[str]:
    return [span.url for span in rich.spans if isinstance(span, Link)]


def _wrapped(spans: Sequence[Span], marks: Sequence[tuple[str, str]]) -> str:
    """Return the spans with each look's marks round the longest runs that have it."""
    if not marks:
        return _joined(spans)
    (field, mark), inner = marks[0], marks[1:]
    pieces: list[str] = []
    for has_look, run in _runs(spans, field):
        content = _wrapped(run, inner)
        core = content.strip(" ")
        if not has_look or not core:
            pieces.append(content)
            continue
        before = content[: len(content) - len(content.lstrip(" "))]
        after = content[len(content.rstrip(" ")) :]
        pieces.append(f"{before}{mark}{core}{mark}{after}")
    return "".join(pieces)


def _runs(spans: Sequence[Span], field: str) -> Iterator[tuple[bool, list[Span]]]:
    run: list[Span] = []
    run_has = False
    for span in spans:
        has = not isinstance(span, CodeBlock | Quote | Break) and bool(getattr(span.style, field))
        if run and has != run_has:
            yield run_has, run
            run = []
        run.append(span)
        run_has = has
    if run:
        yield run_has, run


def _joined(spans: Sequence[Span]) -> str:
    """Return the spans one after another, without looks except code; built from the end."""
    rest = ""
    for span in reversed(spans):
        rest = _written(span, rest) + rest
    return rest


def _written(span: Span, rest: str) -> str:
    match span:
        case Text(text=text):
            return _code(text) if span.style.code else _literal(text)
        case Link() if _is_masked(span):
            return f"[{_literal(span.label)}]({span.url})"
        case Link():
            return _bare(span.url, rest)
        case Emoji():
            return f"<{'a' if span.animated else ''}:{span.name}:{span.id}>"
        case Moment():
            return f"<t:{int(span.at.timestamp())}:{span.form.value}>"
        case _:
            return ""


def _literal(text: str) -> str:
    """Return *text* with a backslash before everything that Discord would read as markup."""
    text = _SPECIAL.sub(r"\\\g<0>", text)
    if found := _LINE_START.match(text):
        return f"{found[1]}\\{text[found.end(1) :]}"
    if found := _NUMBER_START.match(text):
        return f"{found[1]}\\{text[found.end(1) :]}"
    return text


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    if text.startswith("`") or text.endswith("`") or not text.strip():
        return _literal(text)
    fence = "`" * (longest + 1)
    return f"{fence}{text}{fence}"


def _bare(url: str, rest: str) -> str:
    """Return an address that Discord ends where it ends, whatever follows."""
    found = URL.match(url + rest)
    if found is not None and trimmed_url(found[0]) == url:
        return url
    return _literal(url) if ">" in url else f"<{url}>"
