"""The link to a pretend server's Management Protocol, and to odd ones."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bridge.config.settings import ManagementSettings
from bridge.events import (
    ListedPlayer,
    PlayerIdentified,
    PlayerJoined,
    PlayerLeft,
    ServerFollowed,
    ServerId,
    ServerListed,
    ServerMissed,
    ServerStarted,
    ServerStopping,
)
from bridge.journal.records import Journal, JournalError, Record
from bridge.minecraft.log.drafts import utc_now
from bridge.minecraft.management import ManagementLink
from bridge.minecraft.management_errors import (
    ManagementError,
    ManagementFailed,
    ManagementOddAnswer,
    ManagementRefused,
    ManagementTimeout,
    ManagementUnavailable,
    ManagementUnknownOutcome,
    ManagementUnsupported,
)
from bridge.minecraft.management_facts import ManagementFacts
from bridge.minecraft.rcon import LinkState
from bridge.simulator.game import SimGame
from bridge.simulator.game.management import SECRET
from bridge.simulator.game.values import offline_uuid

SURVIVAL = ServerId("survival")
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class MemoryJournal(Journal, Protocol):
    """The journal of this room's conftest."""

    records: list[Record]
    failures: list[JournalError]

    async def until(self, condition: Callable[[], bool]) -> None: ...


def player(name: str) -> ListedPlayer:
    return ListedPlayer(name=name, uuid=offline_uuid(name))


def kinds(journal: MemoryJournal) -> list[str]:
    return [record.event.kind for record in journal.records]


def names(link: ManagementLink) -> list[str] | None:
    return None if link.roster is None else [each.name for each in link.roster]


@pytest.fixture
async def game(tmp_path: Path) -> AsyncIterator[SimGame]:
    """A vanilla server with its Management Protocol on."""
    game = SimGame(tmp_path / "game", management_secret=SECRET, clock=lambda: datetime.now(UTC))
    await game.start()
    yield game
    await game.stop()


Running = Callable[..., AbstractAsyncContextManager[ManagementLink]]


@pytest.fixture
def running(game: SimGame) -> Running:
    """Return a context manager of a link that is kept connected, with short waits."""

    @contextlib.asynccontextmanager
    async def run(
        *,
        port: int | None = None,
        secret: str = SECRET,
        timeout_s: float = 5.0,
        journal: Journal | None = None,
        followed: Callable[[], bool] = lambda: False,
        tls: bool = False,
        ca_file: Path | None = None,
    ) -> AsyncIterator[ManagementLink]:
        settings = ManagementSettings.model_validate(
            {"port": port or game.management.port, "secret": secret, "timeout": timeout_s, "tls": tls}
            | ({"ca-file": ca_file} if ca_file else {})
        )
        facts = None
        if journal is not None:
            facts = ManagementFacts(SURVIVAL, journal, now=utc_now, followed=followed)
        link = ManagementLink(SURVIVAL, settings, facts=facts, refused_wait_s=0.02, most_wait_s=0.02)
        task = asyncio.create_task(link.run())
        try:
            yield link
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return run


async def test_it_knows_who_plays_from_the_first_moment_on(
    game: SimGame, running: Running, until: Until
) -> None:
    game.join("Mira")
    async with running() as link:
        await link.up.wait()
        assert link.roster == (player("Mira"),)
        assert link.state is not None
        assert (link.state.started, link.state.version, link.link) == (True, "1.21.11", LinkState.UP)
        game.join("Noah")
        game.leave("Mira")
        await until(lambda: names(link) == ["Noah"])
    assert link.roster is None
    assert link.state is None


async def test_the_calls_do_what_they_say(game: SimGame, running: Running) -> None:
    game.join("Mira")
    mira, noah = player("Mira"), player("Noah")
    async with running() as link:
        assert await link.ask_players() == (mira,)
        assert (await link.ask_state()).started
        assert await link.kick([mira, noah], "tired") == (mira,)
        assert not game.online
        until = datetime(2030, 1, 1, tzinfo=UTC)
        (ban,) = await link.ban(mira, reason="grief", source="Noah", expires=until)
        assert (ban.player, ban.reason, ban.source, ban.expires) == (mira, "grief", "Noah", until)
        assert await link.bans() == (ban,)
        assert await link.pardon(mira) == ()
        (operator,) = await link.make_operator(noah, level=3)
        assert (operator.player, operator.level) == (noah, 3)
        assert await link.operators() == (operator,)
        assert await link.unmake_operator(noah) == ()
        assert await link.allow(mira) == (mira,)
        assert await link.allowlist() == (mira,)
        assert await link.disallow(mira) == ()
        assert await link.say("hello")
        assert await link.save(flush=True)
        assert link.offer.version == "2.0.0"
        assert await link.stop()
    await game.stopped()
    assert not game.running


async def test_answers_find_their_calls_whatever_their_order(running: Running) -> None:
    async with running() as link:
        answers = await asyncio.gather(
            *(link.ask_state() if n % 2 else link.ask_players() for n in range(50))
        )
        assert all(isinstance(each, tuple) for each in answers[::2])
        assert all(not isinstance(each, tuple) for each in answers[1::2])


async def test_a_wrong_secret_is_told_once_and_in_words(
    game: SimGame, running: Running, until: Until
) -> None:
    with capture_logs() as lines:
        async with running(secret="wrong" * 8) as link:
            with pytest.raises(ManagementRefused, match="management-server-secret"):
                await link.ask_players()
            await until(lambda: game.management.refused >= 3)
            assert link.link is LinkState.REFUSED
    told = [line for line in lines if line["log_level"] == "warning"]
    assert len(told) == 1
    assert "wrongwrong" not in str(lines)


async def test_a_new_secret_is_used_at_once(running: Running) -> None:
    async with running(secret="wrong" * 8) as link:
        with pytest.raises(ManagementRefused):
            await link.ask_players()
        settings = ManagementSettings.model_validate({"port": link._settings.port, "secret": SECRET})
        link.reconfigure(settings)
        assert await link.ask_players() == ()


async def test_a_secret_that_cannot_be_sent_is_refused(running: Running) -> None:
    async with running(secret="with\nbreak") as link:
        with pytest.raises(ManagementRefused, match="cannot be sent"):
            await link.ask_players()


async def test_without_the_protocol_it_says_so_and_comes_back(game: SimGame, running: Running) -> None:
    await game.management.close()
    async with running() as link:
        with pytest.raises(ManagementUnavailable, match="Connection refused; nothing was sent"):
            await link.ask_players()
        assert link.link is LinkState.DOWN
        await game.management.listen()
        await asyncio.wait_for(link.up.wait(), 5)


async def test_a_port_of_something_else_is_told(game: SimGame, running: Running) -> None:
    async with running(port=game.status.port, timeout_s=0.3) as link:
        with pytest.raises(ManagementUnavailable):
            await link.ask_players()
    app = web.Application()
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with running(port=runner.addresses[0][1]) as link:
        with pytest.raises(ManagementUnavailable, match="opens no web socket"):
            await link.ask_players()
    await runner.cleanup()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("objects", [False, True])
async def test_old_names_and_shapes_are_understood(
    game: SimGame, running: Running, until: Until, old: bool, objects: bool
) -> None:
    faults = game.management.faults
    faults.old_names, faults.objects, faults.nested_errors = old, objects, old
    async with running() as link:
        await link.up.wait()
        game.join("Mira")
        await until(lambda: names(link) == ["Mira"])
        with pytest.raises(ManagementUnsupported):
            await link.call("minecraft:nothing")


async def test_a_version_that_tells_little_is_half_known(
    game: SimGame, running: Running, until: Until
) -> None:
    """Without discover and without a status it still knows who plays."""
    faults = game.management.faults
    faults.unknown = {"rpc.discover", "minecraft:server/status", "minecraft:bans"}
    game.join("Mira")
    async with running() as link:
        await link.up.wait()
        assert (names(link), link.state, link.offer.methods) == (["Mira"], None, None)
        with pytest.raises(ManagementUnsupported):
            await link.bans()
        game.join("Noah")
        await until(lambda: names(link) == ["Mira", "Noah"])


async def test_a_version_without_a_list_still_tells_who_comes(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    game.management.faults.unknown = {"rpc.discover", "minecraft:server/status", "minecraft:players"}
    async with running(journal=journal) as link:
        await link.up.wait()
        assert link.roster is None
        game.join("Mira")
        await journal.until(lambda: kinds(journal) == ["player.identified", "player.joined"])


async def test_what_discover_leaves_out_is_not_sent(game: SimGame, running: Running) -> None:
    game.management.faults.unknown = {"minecraft:bans"}
    async with running() as link:
        await link.up.wait()
        with pytest.raises(ManagementUnsupported):
            await link.bans()
    assert "minecraft:bans" not in game.management.requests


async def test_a_hung_server_costs_a_timeout_and_not_the_link(game: SimGame, running: Running) -> None:
    async with running(timeout_s=0.2) as link:
        await link.up.wait()
        game.management.faults.hang = True
        with pytest.raises(ManagementTimeout, match="no answer to minecraft:players within"):
            await link.ask_players()
        game.management.faults.hang = False
        assert await link.ask_players() == ()
        assert game.management.requests.count("rpc.discover") == 1  # the same connection


async def test_a_server_that_hangs_at_the_beginning_is_tried_again(game: SimGame, running: Running) -> None:
    game.management.faults.hang = True
    async with running(timeout_s=0.1) as link:
        with pytest.raises(ManagementUnavailable):
            await link.ask_players()
        game.management.faults.hang = False
        await asyncio.wait_for(link.up.wait(), 5)


@pytest.mark.parametrize("moment", ["before-run", "after-run"])
async def test_a_connection_that_breaks_leaves_the_outcome_open(
    game: SimGame, running: Running, moment: str
) -> None:
    game.join("Mira")
    async with running() as link:
        await link.up.wait()
        game.management.faults.drop_next = moment
        with pytest.raises(ManagementUnknownOutcome):
            await link.kick([player("Mira")])
        assert ("Mira" in game.online) is (moment == "before-run")
        assert len(await link.ask_players()) == len(game.online)
    assert game.management.requests.count("minecraft:players/kick") == 1


async def test_garbage_is_passed_over_and_told_once(game: SimGame, running: Running, until: Until) -> None:
    with capture_logs() as lines:
        async with running() as link:
            await link.up.wait()
            for text in (
                "no JSON",
                "[]",
                '{"jsonrpc":"2.0","id":99,"result":1}',
                '{"id":null,"error":{}}',
                "{",
            ):
                game.management.send_raw(text)
            game.join("Mira")
            await until(lambda: names(link) == ["Mira"])
    assert len([line for line in lines if "no message" in line["event"]]) == 1


async def test_an_odd_answer_is_told(game: SimGame, running: Running) -> None:
    methods = game.management._methods
    async with running() as link:
        await link.up.wait()
        methods["minecraft:players"] = (None, lambda _: "nobody")
        methods["minecraft:bans"] = (None, lambda _: 5)
        with pytest.raises(ManagementOddAnswer):
            await link.ask_players()
        with pytest.raises(ManagementOddAnswer):
            await link.bans()


async def test_a_call_that_the_server_refuses_says_why(running: Running) -> None:
    async with running() as link:
        with pytest.raises(ManagementFailed, match="Invalid params") as told:
            await link.call("minecraft:players/kick")
        assert told.value.code == -32602
        with pytest.raises(ValueError, match="longer than"):
            await link.say("x" * 100_000)
        assert issubclass(ManagementUnsupported, ManagementError)


async def test_somebody_without_a_name_makes_it_ask_who_plays(
    game: SimGame, running: Running, until: Until
) -> None:
    game.management.faults.silent = True
    async with running() as link:
        await link.up.wait()
        game.join("Mira")
        game.management.faults.silent = False
        game.management.notify("players/joined", {"id": offline_uuid("Mira")})
        await until(lambda: names(link) == ["Mira"])


async def test_the_heartbeat_mends_what_was_not_told(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    game.management.faults.silent = True
    async with running(journal=journal) as link:
        await link.up.wait()
        game.join("Mira")
        game.management.faults.silent = False
        game.management.notify("server/status", game.management.state())
        await journal.until(lambda: kinds(journal)[2:] == ["server.listed"])
        assert names(link) == ["Mira"]


async def test_a_flood_makes_it_ask_anew(
    game: SimGame, running: Running, journal: MemoryJournal, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the journal takes nothing, what the server tells waits; but not without end."""
    monkeypatch.setattr("bridge.minecraft.management_connection.MOST_WAITING", 20)
    async with running(journal=journal) as link:
        await link.up.wait()
        journal.failures = [JournalError("locked")] * 2
        game.join("Mira")
        for _ in range(25):
            game.management.notify("server/saved")
        await until(lambda: game.management.requests.count("rpc.discover") == 2)
        await asyncio.wait_for(link.up.wait(), 5)
        assert names(link) == ["Mira"]


# Over TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key behind it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    made, key = tmp_path / "made.pem", tmp_path / "key.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        [openssl, *asked.split(), "-addext", names, "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture
def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


async def test_tls_needs_a_certificate_that_is_trusted(
    game: SimGame, running: Running, served: ssl.SSLContext, certificate: Path
) -> None:
    await game.management.close()
    game.management.tls = served
    await game.management.listen()
    async with running(tls=True) as link:
        with pytest.raises(ManagementRefused, match="set ca-file"):
            await link.ask_players()
    async with running(tls=True, ca_file=certificate) as link:
        assert await link.ask_players() == ()
    async with running(tls=False) as link:
        with pytest.raises(ManagementUnavailable):
            await link.ask_players()


async def test_tls_with_a_server_that_has_none(running: Running) -> None:
    async with running(tls=True) as link:
        with pytest.raises(ManagementUnavailable, match="does the setting tls fit"):
            await link.ask_players()


@pytest.mark.parametrize("text", [None, "no certificate"])
async def test_a_ca_file_that_is_none_is_told(running: Running, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    async with running(tls=True, ca_file=file) as link:
        with pytest.raises(ManagementRefused, match="cannot use the ca-file"):
            await link.ask_players()


# What becomes a fact


async def test_without_a_log_it_tells_who_comes_and_goes(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    game.join("Mira")
    async with running(journal=journal) as link:
        await link.up.wait()
        game.join("Noah")
        game.leave("Mira")
        await journal.until(lambda: kinds(journal)[-1:] == ["player.left"])
    followed, listed, identified, joined, left = (record.event for record in journal.records)
    assert isinstance(followed, ServerFollowed)
    assert isinstance(listed, ServerListed)
    assert listed.players == (player("Mira"),)
    assert isinstance(identified, PlayerIdentified)
    assert isinstance(joined, PlayerJoined)
    assert (
        (identified.player, identified.uuid) == (joined.player, joined.uuid) == ("Noah", offline_uuid("Noah"))
    )
    assert isinstance(left, PlayerLeft)
    assert (left.player, left.uuid) == ("Mira", offline_uuid("Mira"))
    assert {record.source for record in journal.records} == {"management:survival"}


async def test_with_a_log_it_tells_nothing(
    game: SimGame, running: Running, journal: MemoryJournal, until: Until
) -> None:
    async with running(journal=journal, followed=lambda: True) as link:
        await link.up.wait()
        game.join("Mira")
        await until(lambda: names(link) == ["Mira"])
        await game.restart()
        await until(lambda: names(link) == [] and link.up.is_set())
    assert journal.records == []


async def test_a_restart_is_told_without_a_hole(
    game: SimGame, running: Running, journal: MemoryJournal, until: Until
) -> None:
    """Nothing happens on a server that is down; the start itself was not seen, as nobody was connected."""
    async with running(journal=journal) as link:
        await link.up.wait()
        game.join("Mira")
        await until(lambda: names(link) == ["Mira"])
        await game.restart()
        await journal.until(lambda: "server.started" in kinds(journal))
    assert kinds(journal)[4:] == ["server.stopping", "player.left", "server.started"]
    stopping, started = journal.records[4].event, journal.records[6].event
    assert isinstance(stopping, ServerStopping)
    assert isinstance(started, ServerStarted)


async def test_a_gap_in_which_people_changed_is_a_hole(
    game: SimGame, running: Running, journal: MemoryJournal, until: Until
) -> None:
    game.join("Mira")
    async with running(journal=journal) as link:
        await link.up.wait()
        await game.management.close()
        await until(lambda: not link.up.is_set())
        game.leave("Mira")
        game.join("Noah")
        await game.management.listen()
        await journal.until(lambda: kinds(journal)[2:] == ["server.missed", "server.listed"])
    missed, listed = journal.records[2].event, journal.records[3].event
    assert isinstance(missed, ServerMissed)
    assert isinstance(listed, ServerListed)
    assert journal.records[1].event.at <= missed.since <= missed.at == listed.at
    assert listed.players == (player("Noah"),)


async def test_a_short_gap_that_changed_nothing_is_none(
    game: SimGame, running: Running, journal: MemoryJournal, until: Until
) -> None:
    game.join("Mira")
    async with running(journal=journal) as link:
        await link.up.wait()
        game.management.drop_all()
        await until(lambda: game.management.requests.count("rpc.discover") == 2 and link.up.is_set())
    assert kinds(journal) == ["server.followed", "server.listed"]


async def test_after_a_restart_of_the_bridge_it_compares_with_what_the_journal_knows(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    game.join("Mira")
    async with running(journal=journal) as link:
        await link.up.wait()
    async with running(journal=journal) as link:
        await link.up.wait()
    assert kinds(journal) == ["server.followed", "server.listed"]
    game.join("Noah")
    async with running(journal=journal) as link:
        await link.up.wait()
    assert kinds(journal)[2:] == ["server.missed", "server.listed"]


async def test_a_server_that_is_not_ready_yet(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    """From protocol 3.0 on it answers before its world is loaded."""
    game.running = False
    async with running(journal=journal) as link:
        await link.up.wait()
        assert link.state is not None
        assert (link.state.started, link.roster) == (False, ())
        game.running = True
        game.management.notify("server/started")
        await journal.until(lambda: "server.started" in kinds(journal))
    assert kinds(journal) == ["server.followed", "server.starting", "server.listed", "server.started"]


async def test_a_journal_that_takes_nothing_is_waited_for(
    game: SimGame, running: Running, journal: MemoryJournal
) -> None:
    async with running(journal=journal) as link:
        await link.up.wait()
        with capture_logs() as lines:
            journal.failures = [JournalError("locked")]
            game.join("Mira")
            await journal.until(lambda: "player.joined" in kinds(journal))
    assert len([line for line in lines if line["log_level"] == "error"]) == 1
