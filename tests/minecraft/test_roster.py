"""Who is on by the console's list or the query port, and what the journal hears of what the log missed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import BridgeSettings, LogSettings, QuerySettings
from bridge.events import ListedPlayer, ServerId, ServerListed
from bridge.journal.records import Journal, JournalError, Record
from bridge.minecraft import GameServer
from bridge.minecraft.commands import Syntax
from bridge.minecraft.log.source import LogSource
from bridge.minecraft.query import QueryFailed, query
from bridge.minecraft.rcon import RconLink
from bridge.minecraft.roster import (
    ConsoleList,
    Follower,
    ListNotWanted,
    QueryList,
    RosterSource,
    read_listing,
)
from bridge.simulator.game import SimGame
from bridge.supervise import SourceLost

SERVER = ServerId("survival")
UUID = "11111111-2222-3333-4444-555555555555"
Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeLink = Callable[..., AbstractAsyncContextManager[RconLink]]


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]
    failures: list[JournalError]

    async def until(self, condition: Callable[[], bool]) -> None: ...


def lists(journal: MemoryJournal) -> list[list[str]]:
    """Return the names of each list in the journal."""
    events = [record.event for record in journal.records if isinstance(record.event, ServerListed)]
    return [sorted(player.name for player in event.players) for event in events]


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        ("There are 0 of a max of 20 players online: ", []),
        ("There are 2 of a max of 20 players online: Mira, Theo", ["Mira", "Theo"]),
        ("There are 1 of a max 20 players online: Mira", ["Mira"]),
        ("There are 2/20 players online:Mira, Theo", ["Mira", "Theo"]),
        (f"There are 1 of a max of 20 players online: .Some Body ({UUID})", [".Some Body"]),
        (
            "§6There are §c2§6 out of maximum §c20§6 players online.\n§6default§r: Mira, Theo",
            ["Mira", "Theo"],
        ),
        (
            "There are 2/1 out of maximum 20 players online.\nAdmins: [AFK]Mira\ndefault: Theo",
            ["Mira", "Theo"],
        ),
        ("There are 1 of a max of 20 players online: [Red] Mira", ["Mira"]),
    ],
)
def test_lists_in_every_wording(reply: str, names: list[str]) -> None:
    listed = read_listing(reply)
    assert listed is not None
    assert [player.name for player in listed] == names


def test_a_list_with_uuids() -> None:
    reply = f"There are 2 of a max of 20 players online: Mira ({UUID}), Theo (no uuid)"
    assert read_listing(reply) is None
    reply = f"There are 1 of a max of 20 players online: Mira ({UUID.replace('1', 'A')})"
    assert read_listing(reply) == (ListedPlayer(name="Mira", uuid=UUID.replace("1", "a")),)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Unknown or incomplete command. See below for error",
        "There are 3 of a max of 20 players online: Mira, Theo",  # somebody is hidden
        "There are 2 of a max of 20 players online: Mira, what is this: a name",
        "Online (2): Mira, Theo",
        "There are 1 out of maximum 20 players online.\ndefault: ~Bob",  # a nickname
    ],
)
def test_what_is_no_whole_list_is_not_believed(reply: str) -> None:
    assert read_listing(reply) is None


@given(st.text())
def test_a_list_never_has_more_names_than_it_says(rest: str) -> None:
    listed = read_listing(f"There are 3 of a max of 20 players online: {rest}")
    assert listed is None or len(listed) == 3


@pytest.fixture
async def log(game: SimGame, journal: MemoryJournal) -> AsyncIterator[LogSource]:
    """The game's log, followed."""
    settings = LogSettings.model_validate({"path": game.log.latest})
    source = LogSource(SERVER, settings, journal, zone=ZoneInfo("UTC"))
    task = asyncio.create_task(source.run())
    await asyncio.wait_for(source.caught_up.wait(), 5)
    yield source
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def console_list(game: SimGame, running_link: MakeLink) -> AsyncIterator[ConsoleList]:
    async with running_link(game.rcon.port) as link:
        await asyncio.wait_for(link.up.wait(), 5)
        yield ConsoleList(link)


async def at_once(_wait_s: float) -> None:
    """Wait for nothing."""


async def test_a_list_that_says_what_the_log_says_is_no_news(
    game: SimGame, journal: MemoryJournal, log: LogSource, running_link: MakeLink, until: Until
) -> None:
    game.join("Mira")
    await until(lambda: "Mira" in log.parser.online)
    before = lists(journal)
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal, follower=Follower(log), pause=at_once)
        await roster.check()
    assert lists(journal) == before
    assert roster.latest is not None


async def test_a_join_that_no_line_told_is_mended(
    game: SimGame, journal: MemoryJournal, log: LogSource, running_link: MakeLink, until: Until
) -> None:
    game.join("Theo")
    player = game.join("Mira")
    await until(lambda: "Mira" in log.parser.online)
    log.parser.correct(["Theo", "Nobody"])  # as if lines were missing
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal, follower=Follower(log), pause=at_once)
        await roster.check()
        await roster.check()
    assert lists(journal)[-1] == ["Mira", "Theo"]
    (record,) = [each for each in journal.records if each.source == "roster:survival"]
    assert isinstance(record.event, ServerListed)
    assert ListedPlayer(name="Mira", uuid=player.uuid) in record.event.players
    assert sorted(log.parser.online) == ["Mira", "Theo"]


async def test_somebody_who_is_just_leaving_is_no_mistake_of_the_log(
    game: SimGame, journal: MemoryJournal, log: LogSource, running_link: MakeLink
) -> None:
    waited: list[float] = []

    async def meanwhile(wait_s: float) -> None:
        waited.append(wait_s)
        log.parser.correct([])  # as if the line had come

    log.parser.correct(["Odo"])
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal, follower=Follower(log), pause=meanwhile)
        await roster.check()
    assert waited == [10.0]
    assert [record for record in journal.records if record.source == roster.name] == []


async def test_without_a_log_each_change_is_told(
    game: SimGame, journal: MemoryJournal, running_link: MakeLink
) -> None:
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal)
        await roster.check()
        await roster.check()
        game.join("Mira")
        journal.failures = [JournalError("locked")]
        await roster.check()
        await roster.check()
        await roster.check()
    assert lists(journal) == [[], ["Mira"]]


async def test_a_log_that_cannot_be_read_leaves_the_list_alone(
    game: SimGame, journal: MemoryJournal, running_link: MakeLink, tmp_path: Path
) -> None:
    """Then each change is told, as without a log."""
    folder = tmp_path / "latest.log"
    folder.mkdir()
    settings = LogSettings.model_validate({"path": folder})
    source = LogSource(SERVER, settings, journal, zone=ZoneInfo("UTC"))
    with pytest.raises(SourceLost):
        await source.run_session(lambda: None)
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal, follower=Follower(source))
        assert roster.alone
        await roster.check()
        game.join("Mira")
        await roster.check()
    assert lists(journal)[-2:] == [[], ["Mira"]]


async def test_a_log_that_is_being_read_is_waited_for(
    game: SimGame, journal: MemoryJournal, running_link: MakeLink
) -> None:
    settings = LogSettings.model_validate({"path": game.log.latest})
    source = LogSource(SERVER, settings, journal, zone=ZoneInfo("UTC"))
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal, follower=Follower(source))
        await roster.check()
    assert (roster.latest, lists(journal)) == (None, [])


async def test_an_old_server_knows_no_uuids(game: SimGame, running_link: MakeLink) -> None:
    game.join("Mira")
    game._console._commands["list"] = lambda rest, _source: (
        "Incorrect argument for command" if rest else "There are 1/20 players online:Mira"
    )
    async with console_list(game, running_link) as asked:
        assert await asked.ask() == (ListedPlayer(name="Mira"),)
        assert await asked.ask() == (ListedPlayer(name="Mira"),)
    assert [command.text for command in game.commands] == ["list uuids", "list", "list"]


async def test_uuids_are_asked_for_again_when_the_command_is_another(
    game: SimGame, running_link: MakeLink
) -> None:
    game.join("Mira")
    mine = game._console._commands["list"]
    async with console_list(game, running_link) as asked:
        game._console._commands["list"] = lambda rest, source: "Unknown group" if rest else mine(rest, source)
        (player,) = await asked.ask()
        assert player.uuid is None
        game._console._commands["list"] = mine
        asked._rcon.syntax = Syntax(bedrock_prefix=".")
        (player,) = await asked.ask()
        assert player.uuid is not None


async def test_a_plugin_that_answers_otherwise_is_told(
    game: SimGame, journal: MemoryJournal, running_link: MakeLink
) -> None:
    game._console._commands["list"] = lambda _rest, _source: "Online: everybody"
    async with console_list(game, running_link) as asked:
        roster = RosterSource(SERVER, asked, journal)
        await roster.check()
    assert roster.problem == "the console's answer to 'list' is no list of everybody"
    assert lists(journal) == []


async def test_a_console_that_is_down_is_told_elsewhere(game: SimGame, journal: MemoryJournal) -> None:
    settings = BridgeSettings.model_validate(
        {"servers": {SERVER: {"rcon": {"port": game.rcon.port, "password": "simulated"}}}}
    )
    server = GameServer(SERVER, settings, journal)
    assert server.rcon is not None
    assert server.roster is not None
    with pytest.raises(ListNotWanted):
        await ConsoleList(server.rcon).ask()
    await server.roster.check()
    assert (server.roster.problem, server.roster.latest) == ("", None)


async def test_the_console_is_asked_whenever_it_comes_up(game: SimGame, journal: MemoryJournal) -> None:
    settings = BridgeSettings.model_validate(
        {"servers": {SERVER: {"rcon": {"port": game.rcon.port, "password": "simulated"}}}}
    )
    server = GameServer(SERVER, settings, journal)
    assert server.roster is not None
    server.roster._spacing_s = 0.0
    game.join("Mira")
    task = asyncio.create_task(server.run())
    await journal.until(lambda: lists(journal) == [["Mira"]])
    await game.restart()
    await journal.until(lambda: lists(journal) == [["Mira"], []])
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_console_that_hangs_up_again_and_again_is_not_asked_each_time(
    game: SimGame, journal: MemoryJournal, until: Until
) -> None:
    settings = BridgeSettings.model_validate(
        {"servers": {SERVER: {"rcon": {"port": game.rcon.port, "password": "simulated"}}}}
    )
    server = GameServer(SERVER, settings, journal)
    task = asyncio.create_task(server.run())
    await journal.until(lambda: lists(journal) == [[]])
    for _ in range(3):
        connected = game.rcon.connected
        await game.rcon.close()
        await game.rcon.listen()
        await until(lambda before=connected: game.rcon.connected > before)  # type: ignore[misc]  # mypy cannot type defaults of a lambda
    assert [command.text for command in game.commands].count("list uuids") == 1
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_lists_are_not_asked_for_where_something_better_tells(
    game: SimGame, journal: MemoryJournal
) -> None:
    asked = QueryList(QuerySettings.model_validate({"port": game.status.port}))
    roster = RosterSource(SERVER, asked, journal, wanted=lambda: False)
    await roster.check()
    assert (roster.problem, lists(journal)) == ("", [])


async def test_the_query_port_names_everybody(game: SimGame, journal: MemoryJournal) -> None:
    await game.query.listen()
    for number in range(40):
        game.join(f"Player{number}")
    settings = QuerySettings.model_validate({"port": game.query.port})
    for host in ("127.0.0.1", "localhost"):
        settings = QuerySettings.model_validate({"host": host, "port": game.query.port})
        answer = await query(settings)
        assert (answer.online, len(answer.names), answer.version) == (40, 40, game.version)
    roster = RosterSource(SERVER, QueryList(settings), journal)
    await roster.check()
    assert len(lists(journal)[-1]) == 40


async def test_a_query_port_that_hides_somebody_is_not_believed(
    game: SimGame, journal: MemoryJournal
) -> None:
    await game.query.listen()
    game.join("Mira")
    game.hide_players = True
    roster = RosterSource(SERVER, QueryList(QuerySettings.model_validate({"port": game.query.port})), journal)
    await roster.check()
    assert roster.problem == "the query port does not name everybody"
    assert lists(journal) == []


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("silent", "no answer within"),
        ("garbage", "makes no sense|does not answer"),
        ("closed", "no answer within"),
    ],
)
async def test_a_query_port_that_fails_says_why(game: SimGame, how: str, problem: str) -> None:
    await game.query.listen()
    game.query.silent, game.query.garbage = how == "silent", how == "garbage"
    if how == "closed":
        await game.query.close()
    settings = QuerySettings.model_validate({"port": game.query.port, "timeout": "200ms"})
    with pytest.raises(QueryFailed, match=problem) as caught:
        await query(settings)
    assert "127.0.0.1" not in str(caught.value)


async def test_the_management_protocol_makes_lists_needless(game: SimGame, journal: MemoryJournal) -> None:
    settings = BridgeSettings.model_validate(
        {
            "servers": {
                SERVER: {
                    "query": {"port": game.status.port},
                    "management": {"port": 1, "secret": "x" * 40},
                    "status": {},
                }
            }
        }
    )
    server = GameServer(SERVER, settings, journal)
    assert server.management is not None
    assert server._wants_lists()
    server.management.up.set()
    assert not server._wants_lists()
