"""What is taken out of foreign text before anything else looks at it."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import msgspec

from bridge.text.value import CodeBlock, Link, Quote, RichText, Span, Text

ADDRESS: Final = "[address]"

_SPACES: Final = re.compile("\r\n?|[\t\u2028\u2029\u0085]")
# Controls, text direction, invisible fillers, tags, halves of surrogate pairs and what is no character.
# The two joiners stay (emoji and several scripts need them), but only one at a time and after something.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007f]+"
    "|(?:(?<=[\u200c\u200d\\s])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=\\s|$)"
)
_SECTION: Final = re.compile("§[0-9a-fk-orxA-FK-ORX]?")

_IPV4: Final = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\d)"
)
_IPV6_BODY: Final = r"[0-9A-Fa-f:]{2,39}+(?:\.\d{1,3}){0,3}+(?:%\w{1,16})?"
_IPV6: Final = re.compile(rf"\[({_IPV6_BODY})\]|(?<![\w:.])({_IPV6_BODY})(?![\w:])")


def clean(text: str) -> str:
    """Return *text* without control characters, invisible characters and changes of direction.

    Every line end becomes one line feed, a tab a space; running it again changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _SPACES.sub(lambda found: "\n" if found[0][0] == "\r" else " ", text)
    before = ""
    while before != text:  # taking one out may bring two joiners together
        before, text = text, _INVISIBLE.sub("", text)
    return text


def strip_codes(text: str) -> str:
    """Return *text* without the game's colour codes; no section sign is left."""
    return _SECTION.sub("", text) if "§" in text else text


def mask_addresses(rich: RichText) -> RichText:
    """Return the text with every IP address written as ``[address]``; links to one stop being links."""
    return RichText.of(*map(_masked_span, rich.spans))


def mask_text(text: str) -> str:
    """Return *text* with every IP address written as ``[address]``."""
    return _IPV4.sub(ADDRESS, _IPV6.sub(_masked_ipv6, text))


def _masked_span(span: Span) -> Span:
    match span:
        case Text():
            return Text(mask_text(span.text), span.style)
        case Link() if mask_text(span.url) != span.url:
            return Text(mask_text(span.label), span.style)
        case Link() | CodeBlock():
            field = "label" if isinstance(span, Link) else "text"
            return msgspec.structs.replace(span, **{field: mask_text(getattr(span, field))})
        case Quote():
            return Quote(mask_addresses(span.content))
        case _:
            return span


def _masked_ipv6(found: re.Match[str]) -> str:
    """Tell an address from a time or a C++ name: it is valid, and has a digit or three groups."""
    candidate = (found[1] or found[2]).partition("%")[0]
    try:
        ipaddress.IPv6Address(candidate)
    except ValueError:
        return found[0]
    groups = [group for group in candidate.split(":") if group]
    is_address = len(groups) > 2 or any(character.isdigit() for character in candidate)
    return ADDRESS if is_address else found[0]
