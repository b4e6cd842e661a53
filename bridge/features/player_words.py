"""Puts what is told of players' figures in several places into words. Shared by features."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.features.player_figures import GamesCount
from bridge.locales import Catalogue
from bridge.locales.figures import figure_name, figure_value
from bridge.statistics.basis import Basis
from bridge.statistics.periods import PeriodName
from bridge.statistics.streaks import Streaks
from bridge.store.times import from_ms
from bridge.text import Moment, MomentForm, RichText


def basis_words(catalogue: Catalogue, basis: Basis, period: PeriodName) -> RichText:
    """Return how much of a period was observed."""
    if basis.since_ms is None:
        return catalogue.text("playtime.basis.never")
    since = RichText.of(Moment(from_ms(basis.since_ms), MomentForm.LONG_DATE))
    return catalogue.text(f"playtime.basis.{period}", percent=basis.percent, since=since)


def game_words(catalogue: Catalogue, game: GamesCount) -> RichText:
    """Return how long a player has played by the game's own count, and why that differs from ours."""
    return catalogue.text(
        f"playtime.game.{game.verdict}",
        time=catalogue.duration(game.theirs_s),
        difference=catalogue.duration(abs(game.difference_s)),
    )


def streak_words(catalogue: Catalogue, streaks: Streaks) -> str:
    """Return how many days in a row a player has played."""
    now, longest = (catalogue.plain("playtime.count.days", count=days) for days in streaks)
    return catalogue.plain("playtime.page.streak-longest", now=now, longest=longest)


def game_rows(catalogue: Catalogue, counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Return the name of each figure of the game, and its value with a unit."""
    return tuple(
        (figure_name(catalogue, key), figure_value(catalogue, key, value)) for key, value in counts.items()
    )
