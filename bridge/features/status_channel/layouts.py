"""What boards show, laid out in each of the ways there are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bridge.config.status_channel import BoardLayout
from bridge.discord.boards import (
    ALL_CARDS_LIMIT,
    DESCRIPTION_LIMIT,
    FIELD_LIMIT,
    MOST_CARDS,
    MOST_FIELDS,
    Card,
    CardField,
    Panel,
    Picture,
)
from bridge.features.status_channel.scenes import Phase, Scene
from bridge.features.status_channel.wording import ago, phase_word, who_is_on
from bridge.locales import Catalogue
from bridge.text import RichText, Value, to_markdown

COLOURS: Final = {
    Phase.UP: 0x009E73,
    Phase.STARTING: 0xE69F00,
    Phase.MAINTENANCE: 0x56B4E9,
    Phase.DOWN: 0xD55E00,
    Phase.UNKNOWN: 0x999999,
}
"""Told apart by those, too, who see few colours; the phase is always said in words as well."""

SYMBOLS: Final = {
    Phase.UP: "\N{LARGE GREEN CIRCLE}",
    Phase.STARTING: "\N{LARGE YELLOW CIRCLE}",
    Phase.MAINTENANCE: "\N{LARGE BLUE CIRCLE}",
    Phase.DOWN: "\N{LARGE RED CIRCLE}",
    Phase.UNKNOWN: "\N{MEDIUM WHITE CIRCLE}",
}
PICTURED: Final = frozenset({BoardLayout.FULL, BoardLayout.CHART, BoardLayout.BOARD})
"""The layouts with a picture of who was on."""

_WORST: Final = (Phase.DOWN, Phase.MAINTENANCE, Phase.STARTING, Phase.UNKNOWN, Phase.UP)
_ROOM: Final = DESCRIPTION_LIMIT - 96  # for "and 12 others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """Everything that a board shows."""

    scenes: Sequence[Scene]
    layout: BoardLayout
    most_names: int
    message: str = ""  # the owner's own words, as Discord's markdown
    picture: Picture | None = None
    spark: str = ""  # stands in for the picture where none can be made
    page: str | None = None  # the website's address, without a slash at the end


def laid_out(exhibit: Exhibit, catalogue: Catalogue, *, at: datetime) -> Panel:
    """Return the panel; as many names are left out as Discord's limits ask for.

    Args:
        exhibit: What is shown.
        catalogue: In whose language.
        at: The moment of the change, shown below.
    """
    most = exhibit.most_names
    while True:
        made = _Layout(exhibit, catalogue, most).cards()[:MOST_CARDS]
        cards = _signed(made, exhibit, catalogue, at)
        if most == 0 or sum(card.size for card in cards) <= ALL_CARDS_LIMIT:
            break
        most //= 2
    while sum(card.size for card in cards) > ALL_CARDS_LIMIT:  # very many servers, or very long titles
        cards = (*cards[:-2], cards[-1])
    return Panel(content=exhibit.message, cards=cards, picture=exhibit.picture)


def _signed(cards: Sequence[Card], exhibit: Exhibit, catalogue: Catalogue, at: datetime) -> tuple[Card, ...]:
    """Give the last card what stands below them all."""
    last = replace(
        cards[-1],
        footer=catalogue.plain("status-channel.changed"),
        at=at,
        pictured=exhibit.picture is not None,
    )
    if exhibit.spark and exhibit.layout in PICTURED:
        spark = to_markdown(catalogue.text("status-channel.spark", line=RichText.of(exhibit.spark)))
        last = replace(last, description=f"{last.description}\n{spark}".strip())
    return (*cards[:-1], last)


@dataclass(frozen=True, slots=True)
class _Layout:
    exhibit: Exhibit
    catalogue: Catalogue
    most: int  # names

    def cards(self) -> list[Card]:
        """Return the cards; at least one."""
        one_each: dict[BoardLayout, Callable[[Scene], Card]] = {
            BoardLayout.FULL: self._full,
            BoardLayout.LIST: self._list,
        }
        make = one_each.get(self.exhibit.layout)
        if make is not None:
            return [make(scene) for scene in self.exhibit.scenes]
        return [self._board() if self.exhibit.layout is BoardLayout.BOARD else self._lines()]

    def _full(self, scene: Scene) -> Card:
        lines = [self._line(scene), *self._names(scene, ", ")]
        fields = tuple(CardField(name=name, value=value) for name, value in self._facts(scene))
        return replace(self._head(scene), description="\n".join(lines), fields=fields)

    def _list(self, scene: Scene) -> Card:
        return replace(
            self._head(scene), description="\n".join([self._line(scene), *self._names(scene, "\n")])
        )

    def _lines(self) -> Card:
        lines = [
            f"{SYMBOLS[scene.phase]} {self._say('line', server=scene.title, state=self._state(scene))}"
            for scene in self.exhibit.scenes
        ]
        return Card(description=_cut(lines), colour=self._colour())

    def _board(self) -> Card:
        fields = [
            CardField(
                name=_literal(scene.title) or scene.id, value="\n".join(self._cell(scene))[:FIELD_LIMIT]
            )
            for scene in self.exhibit.scenes[:MOST_FIELDS]
        ]
        return Card(title=self._say("board"), colour=self._colour(), fields=tuple(fields))

    def _cell(self, scene: Scene) -> Iterator[str]:
        yield self._line(scene)
        if scene.since is not None:
            yield self._say(f"since-{_side(scene)}", since=ago(scene.since))
        if scene.restart is not None:
            yield self._say("restart-in", at=ago(scene.restart))

    def _head(self, scene: Scene) -> Card:
        page = self.exhibit.page
        return Card(
            title=_literal(scene.title) or scene.id,
            colour=COLOURS[scene.phase],
            url=f"{page}/servers/{scene.id}" if page else None,
        )

    def _line(self, scene: Scene) -> str:
        return f"{SYMBOLS[scene.phase]} {to_markdown(self._state(scene))}"

    def _state(self, scene: Scene) -> RichText:
        """Return how a server is, with how many are on."""
        word = phase_word(scene.phase, self.catalogue)
        if scene.online is None:
            return RichText.of(word)
        if scene.maximum is None:
            return self.catalogue.text("status-channel.counted", state=word, count=scene.online)
        return self.catalogue.text("status-channel.full", state=word, count=scene.online, max=scene.maximum)

    def _names(self, scene: Scene, between: str) -> Iterator[str]:
        """Yield who is on, in one text, as far as it may have room; nothing for an empty server."""
        players = scene.players or ()
        said: list[str] = []
        room = _ROOM
        for present in players[: self.most]:
            name = who_is_on(present, self.catalogue)
            room -= len(name) + len(between)
            if room < 0:
                break
            said.append(name)
        others = len(players) - len(said) + scene.unnamed
        if said and others:
            said.append(self._say("others", count=others))
        if said:
            yield between.join(said)

    def _facts(self, scene: Scene) -> Iterator[tuple[str, str]]:
        if scene.since is not None:
            yield self._say(f"label.{_side(scene)}"), to_markdown(ago(scene.since))
        if scene.version:
            yield self._say("label.version"), _literal(scene.version)
        if scene.restart is not None:
            yield self._say("label.restart"), to_markdown(ago(scene.restart))
        if scene.address:
            yield self._say("label.address"), _literal(scene.address)

    def _colour(self) -> int:
        phases = {scene.phase for scene in self.exhibit.scenes}
        return COLOURS[next((phase for phase in _WORST if phase in phases), Phase.UNKNOWN)]

    def _say(self, key: str, **values: Value) -> str:
        return to_markdown(self.catalogue.text(f"status-channel.{key}", **values))


def _side(scene: Scene) -> str:
    """Return the key of what a server's time counts from."""
    return "up" if scene.phase is Phase.UP else "other"


def _literal(text: str) -> str:
    return to_markdown(RichText.of(text))


def _cut(lines: Sequence[str]) -> str:
    kept: list[str] = []
    room = DESCRIPTION_LIMIT
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)
