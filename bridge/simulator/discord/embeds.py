"""Discord's limits on embeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.simulator.discord.errors import FormErrors
from bridge.simulator.discord.values import JsonObject

MOST_EMBEDS: Final = 10
MOST_FIELDS: Final = 25
MOST_CHARACTERS: Final = 6000  # over all embeds of a message

_TEXTS: Final = {"title": 256, "description": 4096}
_NESTED: Final = (("footer", "text", 2048), ("author", "name", 256))
_FIELD_TEXTS: Final = {"name": 256, "value": 1024}
_LINKS: Final = ("url", "image.url", "thumbnail.url", "footer.icon_url", "author.url", "author.icon_url")


def check_embeds(embeds: list[JsonObject], errors: FormErrors) -> None:
    """Note what Discord would refuse in a message's embeds."""
    if len(embeds) > MOST_EMBEDS:
        errors.bad_length("embeds", 0, MOST_EMBEDS)
    total = 0
    for index, embed in enumerate(embeds):
        for path, text, most, required in _texts(embed):
            trimmed = text.strip()
            total += len(trimmed)
            if len(trimmed) > most:
                errors.too_long(f"embeds.{index}.{path}", most)
            if required and not trimmed:
                errors.required(f"embeds.{index}.{path}")
        _check_links(embed, f"embeds.{index}", errors)
        if len(embed.get("fields") or ()) > MOST_FIELDS:
            errors.bad_length(f"embeds.{index}.fields", 0, MOST_FIELDS)
    if total > MOST_CHARACTERS:
        errors.add(
            "embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_CHARACTERS}"
        )


def _texts(embed: JsonObject) -> Iterator[tuple[str, str, int, bool]]:
    """Give path, text, greatest length and whether it must be there."""
    for key, most in _TEXTS.items():
        yield key, str(embed.get(key) or ""), most, False
    for outer, inner, most in _NESTED:
        part = embed.get(outer)
        if part:
            yield f"{outer}.{inner}", str(part.get(inner) or ""), most, False
    for index, field in enumerate(embed.get("fields") or ()):
        for key, most in _FIELD_TEXTS.items():
            yield f"fields.{index}.{key}", str(field.get(key) or ""), most, True


def _check_links(embed: JsonObject, where: str, errors: FormErrors) -> None:
    for path in _LINKS:
        value: object = embed
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and value and not value.startswith("attachment://"):
            check_link(value, f"{where}.{path}", errors)


def check_link(link: str, path: str, errors: FormErrors) -> None:
    """Note a link that is not an http or https address."""
    scheme, separator, rest = link.partition("://")
    if not separator or not rest or " " in link:
        errors.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif scheme.lower() not in {"http", "https"}:
        errors.add(path, "URL_TYPE_INVALID_SCHEME", f"Scheme \"{scheme}\" must be one of ('http', 'https').")
    elif len(link) > 2048:
        errors.too_long(path, 2048)
