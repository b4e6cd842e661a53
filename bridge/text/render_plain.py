"""Rich text as plain text, and moments as words for where nothing else shows them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Final

from bridge.text.value import (
    Break,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    MomentForm,
    Quote,
    RichText,
    Text,
)

_FORMATS: Final = {
    MomentForm.SHORT_TIME: "%H:%M",
    MomentForm.LONG_TIME: "%H:%M:%S",
    MomentForm.SHORT_DATE: "%Y-%m-%d",
    MomentForm.LONG_DATE: "%Y-%m-%d",
    MomentForm.COMPACT_LONG: "%Y-%m-%d %H:%M:%S",
}


def moment_text(moment: Moment, zone: tzinfo = UTC) -> str:
    """Return the moment on *zone*'s clock, as ``2026-11-22 14:02`` or the part of it that was asked for."""
    try:
        local = moment.at.astimezone(zone)
    except OverflowError:  # the first and last hours that a datetime can hold
        local = moment.at
    return local.strftime(_FORMATS.get(moment.form, "%Y-%m-%d %H:%M"))


def to_plain(rich: RichText, *, zone: tzinfo = UTC) -> str:
    """Return the text without looks; links with a label of their own tell their address, too."""
    parts: list[str] = []
    for span in rich.spans:
        if parts and isinstance(span, CodeBlock | Quote) and not parts[-1].endswith("\n"):
            parts.append("\n")
        match span:
            case Text():
                parts.append(span.text)
            case Link():
                parts.append(span.label if span.label == span.url else f"{span.label} ({span.url})")
            case Mentioned() | Emoji():
                parts.append(span.shown)
            case Moment():
                parts.append(moment_text(span, zone))
            case CodeBlock():
                parts.append(span.text + "\n")
            case Quote():
                parts.extend(f"> {line}\n" for line in to_plain(span.content, zone=zone).split("\n"))
            case Break():
                parts.append("\n")
    plain = "".join(parts)
    ends_in_block = bool(rich.spans) and isinstance(rich.spans[-1], CodeBlock | Quote)
    return plain.removesuffix("\n") if ends_in_block else plain
