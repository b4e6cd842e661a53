"""What the commands about players answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridge.config.settings import BridgeSettings
from bridge.discord import Answer, CommandCall
from bridge.events import ServerId
from bridge.features.answers import answer, server_titles, spoken
from bridge.features.contract import Parts
from bridge.features.naming import Names
from bridge.features.player_figures import PlayerFigures, basis, find_player, player_figures, zone_of
from bridge.features.playtime.boards import read_board, suggested_names
from bridge.features.playtime.words import PlayerWords
from bridge.statistics.periods import PeriodName, period_now
from bridge.statistics.rankings import By
from bridge.store.statistics.accounts import EVERYWHERE, Account, numbers_of_servers
from bridge.store.statistics.players import figures_of
from bridge.store.times import to_ms
from bridge.text import RichText, to_markdown

_PLACES: Final = 10


class _Refused(Exception):
    """Carries what is answered instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.content)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers with what the settings allow."""

    parts: Parts
    settings: BridgeSettings

    async def names(self, typed: str, *, most: int) -> list[str]:
        """Return names of players that could be meant."""
        return await suggested_names(self.parts, self.settings, typed, most=most)

    async def give(self, command: str, call: CommandCall) -> Answer:
        """Return the answer to a command."""
        give = {
            "playtime": self._playtime,
            "stats": self._stats,
            "seen": self._seen,
            "leaderboard": self._leaderboard,
        }
        try:
            return _told(await give[command](call))
        except _Refused as refused:
            return refused.answer

    async def _playtime(self, call: CommandCall) -> list[RichText]:
        account, server, words = await self._player(call), self._server(call), self._words(call)
        now_ms = to_ms(self.parts.now())
        name = PeriodName(call.text("period") or PeriodName.ALL)
        period = period_now(name, now_ms=now_ms, zone=zone_of(self.settings))
        async with self.parts.store.reading() as conn:
            number = EVERYWHERE if server is None else (await numbers_of_servers(conn)).get(server)
            found = None if number is None else await figures_of(conn, account.number, period, number)
            based_on = await basis(conn, self.settings, period, server, now_ms=now_ms)
        return [words.played(account.name, found, name, server), words.basis(based_on, name)]

    async def _stats(self, call: CommandCall) -> list[RichText]:
        account = await self._player(call)
        return self._words(call).summary(await self._figures(account))

    async def _seen(self, call: CommandCall) -> list[RichText]:
        account = await self._player(call)
        return [self._words(call).seen(await self._figures(account))]

    async def _leaderboard(self, call: CommandCall) -> list[RichText]:
        server, words = self._server(call), self._words(call)
        by, period = By(call.text("by") or By.SECONDS), PeriodName(call.text("period") or PeriodName.WEEK)
        board = await read_board(self.parts, self.settings, by, period, server, most=_PLACES)
        return [*words.board(board), words.basis(board.basis, period)]

    async def _figures(self, account: Account) -> PlayerFigures:
        return await player_figures(self.parts, self.settings, account)

    async def _player(self, call: CommandCall) -> Account:
        """Return who is meant: without a name, the player who is called as the member is."""
        name = call.text("player") or call.caller.name
        async with self.parts.store.reading() as conn:
            account = await find_player(conn, self.settings, name)
        if account is None:
            key = "unknown-player" if call.text("player") else "which-player"
            raise _Refused(answer(call, f"playtime.command.{key}", player=name))
        return account

    def _server(self, call: CommandCall) -> ServerId | None:
        chosen = call.text("server")
        if chosen is None or chosen in self.settings.servers:
            return None if chosen is None else ServerId(chosen)
        known = ", ".join(server_titles(self.settings).values())
        raise _Refused(answer(call, "command.unknown-server", server=chosen, known=known))

    def _words(self, call: CommandCall) -> PlayerWords:
        return PlayerWords(spoken(call.language), Names(self.settings))


def _told(lines: list[RichText]) -> Answer:
    return Answer(content=to_markdown(RichText.of("\n").join(lines)))
