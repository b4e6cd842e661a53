"""One rich-text value; parse and render Discord's markdown, game components, HTML and plain text."""

from bridge.text.clean import clean, mask_addresses, mask_text
from bridge.text.parse import parse_game, parse_markdown
from bridge.text.render_component import Component, Keys, to_component
from bridge.text.render_html import to_html
from bridge.text.render_markdown import to_markdown
from bridge.text.render_plain import to_plain
from bridge.text.template import Value, placeholders, template
from bridge.text.value import (
    BREAK,
    Break,
    CodeBlock,
    Emoji,
    Link,
    Mentioned,
    Moment,
    MomentForm,
    Quote,
    RichText,
    Span,
    Style,
    Text,
    text,
)

__all__ = [
    "BREAK",
    "Break",
    "CodeBlock",
    "Component",
    "Emoji",
    "Keys",
    "Link",
    "Mentioned",
    "Moment",
    "MomentForm",
    "Quote",
    "RichText",
    "Span",
    "Style",
    "Text",
    "Value",
    "clean",
    "mask_addresses",
    "mask_text",
    "parse_game",
    "parse_markdown",
    "placeholders",
    "template",
    "text",
    "to_component",
    "to_html",
    "to_markdown",
    "to_plain",
]
