"""Rich text as HTML for our pages: few tags, no styles, nothing that people typed left unescaped."""

from __future__ import annotations

from datetime import UTC, tzinfo
from html import escape

from bridge.text.address import safe_url
from bridge.text.clean import clean
from bridge.text.render_plain import moment_text
from bridge.text.value import (
    Break,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    Quote,
    RichText,
    Style,
    Styled,
    Text,
)


def to_html(rich: RichText, *, zone: tzinfo = UTC) -> str:
    """Return the text as HTML.

    Uses ``a br strong em u s code pre blockquote span time``; spoilers are ``span.spoiler``, mentions
    ``span.mention``, emoji ``span.emoji``; moments carry UTC in ``time[datetime]`` and show *zone*'s clock.
    """
    parts: list[str] = []
    for span in rich.spans:
        match span:
            case Break():
                parts.append("<br>")
            case CodeBlock():
                parts.append(f"<pre><code>{_escaped(span.text)}</code></pre>")
            case Quote():
                parts.append(f"<blockquote>{to_html(span.content, zone=zone)}</blockquote>")
            case _:
                parts.append(in_style(_content(span, zone), span.style))
    return "".join(parts)


def _escaped(text: str) -> str:
    return escape(clean(text), quote=True)


def _content(span: Styled, zone: tzinfo) -> str:
    match span:
        case Text():
            return _escaped(span.text)
        case Link():
            return _anchor(span)
        case Mentioned():
            return f'<span class="mention">{_escaped(span.shown)}</span>'
        case Emoji():
            return f'<span class="emoji">{_escaped(span.shown)}</span>'
        case Moment():
            at = span.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            form, shown = span.form.value, _escaped(moment_text(span, zone))
            return f'<time datetime="{at}" data-form="{form}">{shown}</time>'


def _anchor(link: Link) -> str:
    url = safe_url(clean(link.url))
    if url is None:
        shown = link.label if link.label == link.url else f"{link.label} ({link.url})"
        return _escaped(shown)
    title = "" if link.label == link.url else f' title="{_escaped(url)}"'
    return f'<a href="{_escaped(url)}" rel="nofollow noopener noreferrer"{title}>{_escaped(link.label)}</a>'


def in_style(content: str, style: Style) -> str:
    """Return HTML inside the tags of a style; colours have none."""
    if style.code:
        content = f"<code>{content}</code>"
    if style.strikethrough:
        content = f"<s>{content}</s>"
    if style.underline:
        content = f"<u>{content}</u>"
    if style.italic:
        content = f"<em>{content}</em>"
    if style.bold:
        content = f"<strong>{content}</strong>"
    if style.spoiler:
        content = f'<span class="spoiler">{content}</span>'
    return content
