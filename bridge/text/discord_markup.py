"""Discord's markup as patterns: what begins where, each bounded so that hostile text stays cheap."""

from __future__ import annotations

import re
from typing import Final

SHRUG: Final = "¯\\_(ツ)_/¯"  # Discord spares its backslash

NEXT: Final = re.compile(r"https?://|[\\*_~|`<\[¯\n]")
ESCAPE: Final = re.compile(r"\\([^0-9A-Za-z\s])")
URL: Final = re.compile(r"https?://[^\s<]+[^<.,:;\"'\]\s]")

EMPHASIS_STAR: Final = re.compile(
    r"\*(?=\S)((?:\*\*|\\[\s\S]|\s++(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
)
EMPHASIS_LINE: Final = re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")
STRONG: Final = re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")
UNDERLINE: Final = re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")
STRIKE: Final = re.compile(r"~~([\s\S]+?)~~(?!_)")
SPOILER: Final = re.compile(r"\|\|([\s\S]+?)\|\|")

FENCE: Final = "```"
FENCE_LANGUAGE: Final = re.compile(r"([A-Za-z0-9_+\-.#]{1,32})\n")
TICKS: Final = re.compile("`+")

ENTITY: Final = re.compile(
    r"<(?:@!?(?P<user>[0-9]{1,20})>"
    r"|@&(?P<role>[0-9]{1,20})>"
    r"|#(?P<channel>[0-9]{1,20})>"
    r"|(?P<animated>a?):(?P<emoji>[A-Za-z0-9_]{1,32}):(?P<emoji_id>[0-9]{1,20})>"
    r"|/(?P<command>[^\s:<>][^:<>\n]{0,98}):[0-9]{1,20}>"
    r"|t:(?P<unix>-?[0-9]{1,13})(?::(?P<form>[tTdDfFsSR]))?>"
    r"|(?P<url>https?://[^\s<>]+)>)"
)
LINK_TARGET: Final = re.compile(
    r"\([ \t]*+(?:<(https?://[^\s<>]++)>|(https?://(?:[^\s<>()]|\([^\s<>()]*+\))*+))"
    r"(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?[ \t]*+\)"
)

QUOTE_REST: Final = re.compile(r" *+>>> +")
QUOTE_LINE: Final = re.compile(r" *+>(?!>>) +([^\n]*+)(?:\n|$)")
HEADING: Final = re.compile(r" *+#{1,3}[ \t]++(?=\S)")
SUBTEXT: Final = re.compile(r"-#[ \t]++(?=\S)")
LIST_ITEM: Final = re.compile(r"( *+)([*-]|[0-9]{1,9}\.) ++(?=\S)")


def trimmed_url(url: str) -> str:
    """Return *url* without the closing brackets at its end that were opened before it."""
    surplus = url.count(")") - url.count("(")
    while surplus > 0 and url.endswith(")"):
        url = url[:-1]
        surplus -= 1
    return url
