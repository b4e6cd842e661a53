"""What a player's page shows of their figures, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from bridge.config.settings import BridgeSettings, PlayerField
from bridge.features.contract import Parts
from bridge.features.player_figures import PlayerFigures, find_player, player_figures, zone_of
from bridge.features.player_words import basis_words, game_rows, game_words, streak_words
from bridge.locales import Catalogue
from bridge.statistics.periods import PeriodName
from bridge.text import to_html, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigures:
    """A player's public figures, each with what it is called; what is private is not among them."""

    rows: tuple[tuple[str, str], ...]
    game: tuple[tuple[str, str], ...]  # what the game itself has counted
    beside: str | None  # why its play time differs from ours
    basis: Markup


async def read_figures(parts: Parts, settings: BridgeSettings, name: str) -> PlayerFigures | None:
    """Return the figures of the player who has a name now; None if nobody has.

    Raises:
        StoreError: The database cannot be read.
    """
    async with parts.store.reading() as conn:
        account = await find_player(conn, settings, name)
    if account is None or account.name != name:
        return None
    return await player_figures(parts, settings, account)


def shown_figures(
    found: PlayerFigures, fields: Collection[PlayerField], settings: BridgeSettings, catalogue: Catalogue
) -> ShownFigures:
    """Return what the settings make public of a player's figures, in a language."""
    statistics = PlayerField.STATISTICS in fields
    played = statistics and PlayerField.PLAYTIME in fields and found.game is not None
    basis = to_html(basis_words(catalogue, found.basis, PeriodName.ALL), zone=zone_of(settings))
    return ShownFigures(
        rows=tuple(_rows(found, fields, catalogue)),
        game=game_rows(catalogue, found.counts) if statistics else (),
        beside=to_plain(game_words(catalogue, found.game)) if played and found.game is not None else None,
        basis=Markup(basis),  # noqa: S704 - numbers and a date
    )


def _rows(
    found: PlayerFigures, fields: Collection[PlayerField], catalogue: Catalogue
) -> Iterator[tuple[str, str]]:
    ever = found.ever
    if PlayerField.PLAYTIME in fields:
        time, week, month = (
            catalogue.duration(found.periods[name].seconds)
            for name in (PeriodName.ALL, PeriodName.WEEK, PeriodName.MONTH)
        )
        played = catalogue.plain("playtime.page.played", time=time, week=week, month=month)
        yield catalogue.plain("playtime.by.seconds"), played
    if PlayerField.SESSIONS in fields:
        yield catalogue.plain("playtime.page.sessions"), catalogue.number(ever.starts)
    if PlayerField.STREAK in fields:
        yield catalogue.plain("playtime.page.streak"), streak_words(catalogue, found.streaks)
    if PlayerField.DEATHS in fields:
        yield catalogue.plain("playtime.by.deaths"), catalogue.number(ever.deaths)
    if PlayerField.ADVANCEMENTS in fields:
        yield catalogue.plain("playtime.by.advancements"), catalogue.number(ever.advancements)
