"""Puts players' figures into sentences, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridge.events import ServerId
from bridge.features.naming import Names
from bridge.features.player_figures import GamesCount, PlayerFigures
from bridge.features.player_words import basis_words, game_words
from bridge.features.playtime.boards import Board
from bridge.locales import Catalogue
from bridge.statistics.basis import Basis
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.store.statistics.players import Figures, Place
from bridge.store.times import from_ms
from bridge.text import Moment, MomentForm, RichText

_UNITS: Final[Mapping[By, str]] = {By.DEATHS: "deaths", By.ADVANCEMENTS: "advancements", By.SAID: "said"}


@dataclass(frozen=True, slots=True)
class PlayerWords:
    """Words figures for a reader of one language."""

    catalogue: Catalogue
    names: Names

    def played(
        self, player: str, figures: Figures | None, period: PeriodName, server: ServerId | None
    ) -> RichText:
        """Return how long a player has played."""
        values: dict[str, RichText | str] = {
            "player": player,
            "period": self._when(period),
            "where": self._where(server),
        }
        if figures is None or not (figures.seconds or figures.starts):
            return self._say("played.nothing", **values)
        time, sessions = self.catalogue.duration(figures.seconds), self.count("sessions", figures.starts)
        return self._say("played.time", time=time, sessions=sessions, **values)

    def summary(self, found: PlayerFigures) -> list[RichText]:
        """Return everything about a player, a line each."""
        ever, duration = found.ever, self.catalogue.duration
        lines = [
            self._say("stats.player", player=found.account.name),
            self._say(
                "stats.played",
                time=duration(ever.seconds),
                sessions=self.count("sessions", ever.starts),
                day=duration(found.periods[PeriodName.DAY].seconds),
                week=duration(found.periods[PeriodName.WEEK].seconds),
                month=duration(found.periods[PeriodName.MONTH].seconds),
            ),
            self._say(
                "stats.streak",
                now=self.count("days", found.streaks.now),
                longest=self.count("days", found.streaks.longest),
            ),
            self._say(
                "stats.deeds", **{unit: self.count(unit, getattr(ever, unit)) for unit in _UNITS.values()}
            ),
        ]
        if found.rank is not None:
            lines.append(self._say("stats.rank", place=found.rank.place, of=found.rank.of))
        if len(found.by_server) > 1:
            pairs = [self._on_server(server, each) for server, each in found.by_server]
            lines.append(self._say("stats.servers", servers=RichText.of(", ").join(pairs)))
        if found.game is not None:
            lines.append(self.game(found.game))
        return [*lines, self.seen(found), self.basis(found.basis, PeriodName.ALL)]

    def seen(self, found: PlayerFigures) -> RichText:
        """Return where a player is, or when they were last seen."""
        if found.on:
            server, since_ms = found.on[0]
            where, since = self._where(server), moment(from_ms(since_ms), MomentForm.RELATIVE)
            return self._say("seen.now", player=found.account.name, where=where, since=since)
        if found.known is None:
            return self._say("seen.never", player=found.account.name)
        return self._say(
            "seen.last",
            player=found.account.name,
            last=moment(from_ms(found.known.last_ms), MomentForm.RELATIVE),
            first=moment(from_ms(found.known.first_ms), MomentForm.LONG_DATE),
        )

    def board(self, board: Board) -> list[RichText]:
        """Return who did most, a line each, under a title."""
        lines = [self._place(board.by, place) for place in board.places] or [self._say("board.empty")]
        return [self.title(board), *lines]

    def title(self, board: Board) -> RichText:
        """Return what a leaderboard is about."""
        return self._say(
            "board.title",
            by=self.catalogue.plain(f"playtime.by.{board.by}"),
            period=self._when(board.period.name),
            where=self._where(board.server),
        )

    def value(self, by: By, value: int) -> str:
        """Return a figure with its unit."""
        return self.catalogue.duration(value) if by is By.SECONDS else self.count(_UNITS[by], value)

    def basis(self, basis: Basis, period: PeriodName) -> RichText:
        """Return how much of a period was observed."""
        return basis_words(self.catalogue, basis, period)

    def game(self, game: GamesCount) -> RichText:
        """Return what the game itself has counted, and why that differs."""
        return game_words(self.catalogue, game)

    def count(self, unit: str, count: int) -> str:
        """Return so many of something."""
        return self.catalogue.plain(f"playtime.count.{unit}", count=count)

    def _place(self, by: By, place: Place) -> RichText:
        return self._say(
            "board.line", place=place.place, player=place.name, value=self.value(by, place.value)
        )

    def _on_server(self, server: ServerId, figures: Figures) -> RichText:
        time = self.catalogue.duration(figures.seconds)
        return self._say("stats.server", server=self.names.server(server), time=time)

    def _when(self, period: PeriodName) -> str:
        return self.catalogue.plain(f"playtime.when.{period}")

    def _where(self, server: ServerId | None) -> RichText:
        if server is None:
            return self._say("where.all")
        return self._say("where.one", server=self.names.server(server))

    def _say(self, key: str, **values: RichText | str | int) -> RichText:
        return self.catalogue.text(f"playtime.{key}", **values)


def moment(at: datetime, form: MomentForm) -> RichText:
    """Return a point in time as part of a sentence."""
    return RichText.of(Moment(at, form))
