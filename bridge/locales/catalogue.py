"""What the bridge says, in one language."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Final

import structlog

from bridge.events import PlayerAdvanced, PlayerDied
from bridge.locales import vanilla
from bridge.locales.files import BASE, Plural, Sentence, sentences
from bridge.locales.files import CatalogueError as CatalogueError  # noqa: PLC0414 - part of this module's API
from bridge.text import RichText, Value, placeholders, template, to_plain
from bridge.text.template import ALIASES

log = structlog.get_logger(__name__)

Overrides = Mapping[str, str | Mapping[str, str]]
_GROUPS: Final = {"en": ",", "fr": "\u202f"}  # between thousands


class Catalogue:
    """The sentences of one language, those of the settings first, English where one is missing."""

    def __init__(self, language: str, entries: Mapping[str, Sentence]) -> None:
        self.language = language
        self._entries = entries
        self._told: set[str] = set()

    @classmethod
    def load(cls, language: str = BASE, overrides: Overrides | None = None) -> Catalogue:
        """Return the catalogue of *language* with the settings' own sentences.

        Raises:
            CatalogueError: The language is unknown, or an override has a key that does not exist, a
                placeholder that gets no value, or the wrong form; tells all of them.
        """
        entries = {**sentences(BASE), **sentences(language)}
        problems: list[str] = []
        for key, value in (overrides or {}).items():
            problem = _problem(key, value, entries)
            if problem:
                problems.append(problem)
            else:
                entries[key] = value if isinstance(value, str) else Plural(value["one"], value["other"])
        if problems:
            raise CatalogueError(tuple(problems))
        return cls(language, entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> Collection[str]:
        """Return every key."""
        return self._entries.keys()

    def text(self, key: str, /, **values: Value) -> RichText:
        """Return a sentence with *values* in it, as data; ``count`` chooses between one and other.

        Whole numbers are grouped as the language does. A key that does not exist is shown as it is.
        """
        pattern = self._pattern(key, values.get("count"))
        return template(pattern, {name: self._said(value) for name, value in values.items()})

    def plain(self, key: str, /, **values: Value) -> str:
        """Return a sentence as plain text."""
        return to_plain(self.text(key, **values))

    def number(self, value: int) -> str:
        """Return a whole number with its thousands grouped."""
        return f"{value:,}".replace(",", _GROUPS[self.language])

    def duration(self, seconds: float) -> str:
        """Return a length of time in its two largest units, such as ``2 h 5 min``."""
        total = max(0, round(seconds))
        days, rest = divmod(total, 86_400)
        hours, rest = divmod(rest, 3_600)
        minutes, secs = divmod(rest, 60)
        amounts = (("days", days), ("hours", hours), ("minutes", minutes), ("seconds", secs))
        first = next((index for index, (_, amount) in enumerate(amounts) if amount), 3)
        shown = [pair for pair in amounts[first : first + 2] if pair[1]] or [("seconds", 0)]
        return " ".join(self.plain(f"time.{unit}", count=amount) for unit, amount in shown)

    def listed(self, names: Collection[str | RichText], *, most: int | None = None) -> RichText:
        """Return names as a list in words; beyond *most*, "…and 12 others"."""
        kept = list(names) if most is None else list(names)[:most]
        rest = len(names) - len(kept)
        if rest:
            return RichText.of(", ").join(kept) + " " + self.text("list.others", count=rest)
        if len(kept) < 2:
            return RichText.of(*kept)
        return self.text("list.and", names=RichText.of(", ").join(kept[:-1]), last=RichText.of(kept[-1]))

    def game(self, key: str, /, *args: RichText | str) -> RichText | None:
        """Return the game's own sentence for *key*; ``None`` if it is none of the game's."""
        return vanilla.sentence(self.language, key, args)

    def entity(self, name: str) -> str:
        """Return a mob's English name in this language; any other name as it is."""
        return vanilla.entity(self.language, name)

    def death(self, event: PlayerDied, *, players: Collection[str] = ()) -> RichText:
        """Return how a player died, in the game's words; those of the log where the game has none.

        Args:
            event: The death.
            players: Names that are players now, and are not translated even if a mob is called so.
        """
        return vanilla.death(self.language, event, players)

    def advancement(self, event: PlayerAdvanced) -> RichText:
        """Return what a player achieved; the title is the log's where the game has none for the key."""
        title = (self.game(event.key) if event.key else None) or RichText.of(event.title)
        return self.text(f"notice.frame.{event.frame.value}", player=event.player, title=title)

    def _said(self, value: Value) -> Value:
        return self.number(value) if isinstance(value, int) else value

    def _pattern(self, key: str, count: Value | None) -> str:
        entry = self._entries.get(key)
        if entry is None:
            if key not in self._told:
                self._told.add(key)
                log.error("sentence missing", key=key, language=self.language)
            return key.replace("_", "\\_")
        if isinstance(entry, str):
            return entry
        one = isinstance(count, int) and (count in {0, 1} if self.language == "fr" else count == 1)
        return entry.one if one else entry.other


def _problem(key: str, value: str | Mapping[str, str], entries: Mapping[str, Sentence]) -> str | None:
    """Say what is wrong with an override, if anything is."""
    known = entries.get(key)
    if known is None:
        near = difflib.get_close_matches(key, entries.keys(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"messages.{key}: is not a sentence of the bridge{hint}"
    if not isinstance(value, str) and (isinstance(known, str) or value.keys() != {"one", "other"}):
        expected = "one sentence" if isinstance(known, str) else "one sentence, or the pair one and other"
        return f"messages.{key}: expected {expected}"
    unknown = sorted(_asked(value) - _asked(known))
    if unknown:
        usable = ", ".join(sorted(f"{{{name}}}" for name in _asked(known))) or "no placeholders"
        return f"messages.{key}: nothing fills {{{unknown[0]}}}; this sentence knows {usable}"
    return None


def _asked(sentence: Sentence | Mapping[str, str]) -> frozenset[str]:
    """Return the placeholders of a sentence, under our names for them."""
    if isinstance(sentence, str):
        return frozenset(ALIASES.get(name, name) for name in placeholders(sentence))
    forms = (sentence.one, sentence.other) if isinstance(sentence, Plural) else tuple(sentence.values())
    return frozenset[str]().union(*map(_asked, forms))
