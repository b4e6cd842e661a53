"""What the pages about players show, made of their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from bridge.config.settings import BridgeSettings
from bridge.events import ServerId
from bridge.features.contract import Parts
from bridge.features.naming import Names
from bridge.features.player_figures import find_player, player_figures, zone_of
from bridge.features.player_words import game_rows, streak_words
from bridge.features.playtime.boards import read_board
from bridge.features.playtime.words import PlayerWords
from bridge.locales import Catalogue
from bridge.statistics.lives import Flag
from bridge.statistics.periods import PeriodName
from bridge.statistics.rankings import By
from bridge.store.statistics.accounts import numbers_of_servers
from bridge.store.statistics.players import (
    Figures,
    PastStay,
    names_beginning,
    names_of,
    names_seen_last,
    stays_of,
)
from bridge.store.times import from_ms, from_ms_or_none, to_ms
from bridge.text import RichText, to_html, to_plain

_SESSIONS: Final = 50
_FLAGS: Final = (
    (Flag.BEGAN_GUESSED, "began-guessed"),
    (Flag.BY_CRASH, "by-crash"),
    (Flag.BY_STOP, "by-stop"),
    (Flag.ENDED_GUESSED, "ended-guessed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBoard:
    """A leaderboard in words."""

    by: By
    period: PeriodName
    server: ServerId | None
    caption: str
    places: tuple[tuple[int, str, str], ...]  # place, name and figure
    basis: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStay:
    """One session in words."""

    server: str
    began: datetime
    ended: datetime | None
    lasted: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlayer:
    """Everything about a player in words."""

    name: str
    uuid: str | None
    aliases: tuple[str, ...]
    seen: Markup
    first: datetime | None
    last: datetime | None
    periods: tuple[tuple[str, Figures, str], ...]  # title, figures and play time, of periods and servers
    servers: tuple[tuple[str, Figures, str], ...]
    streak: str
    rank: tuple[int, int] | None
    beside: str | None  # why the game's own play time differs from ours
    game: tuple[tuple[str, str], ...]  # what the game itself has counted
    basis: Markup
    stays: tuple[ShownStay, ...]
    older_ms: int | None  # before which there are more


@dataclass(frozen=True, slots=True)
class Shown:
    """Makes what pages show, in one language."""

    parts: Parts
    settings: BridgeSettings
    catalogue: Catalogue

    async def board(self, by: By, period: PeriodName, server: ServerId | None, *, most: int) -> ShownBoard:
        """Return a leaderboard.

        Raises:
            StoreError: The database cannot be read.
        """
        board = await read_board(self.parts, self.settings, by, period, server, most=most)
        return ShownBoard(
            by=by,
            period=period,
            server=server,
            caption=to_plain(self._words.title(board)),
            places=tuple((each.place, each.name, self._words.value(by, each.value)) for each in board.places),
            basis=self._html(self._words.basis(board.basis, period)),
        )

    async def players(self, typed: str, *, most: int) -> list[tuple[str, datetime | None]]:
        """Return players whose names begin so; those who played last if nothing is typed, and when.

        Raises:
            StoreError: The database cannot be read.
        """
        async with self.parts.store.reading() as conn:
            if typed:
                return [(name, None) for name in await names_beginning(conn, typed, most=most)]
            return [(name, from_ms(last)) for name, last in await names_seen_last(conn, most=most)]

    async def player(self, name: str, *, before_ms: int | None) -> ShownPlayer | None:
        """Return a player with the sessions that began before a moment; None if nobody was called so.

        Raises:
            StoreError: The database cannot be read.
        """
        async with self.parts.store.reading() as conn:
            account = await find_player(conn, self.settings, name, everybody=True)
            if account is None:
                return None
            names = await names_of(conn, account.number)
            stays = await stays_of(conn, account.number, before_ms=before_ms, most=_SESSIONS + 1)
            ids = {number: server for server, number in (await numbers_of_servers(conn)).items()}
        found = await player_figures(self.parts, self.settings, account)
        known, words = found.known, self._words
        more = len(stays) > _SESSIONS
        return ShownPlayer(
            name=account.name,
            uuid=account.uuid,
            aliases=tuple(each for each in names if each != account.name.lower()),
            seen=self._html(words.seen(found)),
            first=from_ms(known.first_ms) if known else None,
            last=from_ms(known.last_ms) if known else None,
            periods=tuple(
                self._row(self.catalogue.plain(f"playtime.period.{name}"), each)
                for name, each in found.periods.items()
            ),
            servers=tuple(self._row(words.names.server(server), each) for server, each in found.by_server),
            streak=streak_words(self.catalogue, found.streaks),
            rank=(found.rank.place, found.rank.of) if found.rank else None,
            beside=to_plain(words.game(found.game)) if found.game else None,
            game=game_rows(self.catalogue, found.counts),
            basis=self._html(words.basis(found.basis, PeriodName.ALL)),
            stays=tuple(self._stay(each, ids) for each in stays[:_SESSIONS]),
            older_ms=stays[_SESSIONS - 1].session.began_ms if more else None,
        )

    @property
    def _words(self) -> PlayerWords:
        return PlayerWords(self.catalogue, Names(self.settings))

    def _html(self, text: RichText) -> Markup:
        return Markup(to_html(text, zone=zone_of(self.settings)))  # noqa: S704 - to_html escapes names

    def _row(self, title: str, figures: Figures) -> tuple[str, Figures, str]:
        return title, figures, self.catalogue.duration(figures.seconds)

    def _stay(self, stay: PastStay, ids: dict[int, ServerId]) -> ShownStay:
        session = stay.session
        ended_ms = to_ms(self.parts.now()) if session.ended_ms is None else session.ended_ms
        server = ids.get(stay.server)
        return ShownStay(
            server=self._words.names.server(server) if server is not None else str(stay.server),
            began=from_ms(session.began_ms),
            ended=from_ms_or_none(session.ended_ms),
            lasted=self.catalogue.duration((ended_ms - session.began_ms) // 1000),
            notes=", ".join(self._notes(stay)),
        )

    def _notes(self, stay: PastStay) -> Iterator[str]:
        names = [name for flag, name in _FLAGS if flag in stay.session.flags]
        for name in [*names, *(["relog"] if stay.relog else [])]:
            yield self.catalogue.plain(f"playtime.staff.flag.{name}")
