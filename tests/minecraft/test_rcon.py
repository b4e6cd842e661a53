"""The RCON client against a pretend server with the game's own rules, and against odd ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from structlog.testing import capture_logs

from bridge.config.settings import RconSettings
from bridge.events import ServerId
from bridge.minecraft.commands import CommandRefused, ListPlayers, Raw
from bridge.minecraft.rcon import (
    LinkState,
    Priority,
    RconLink,
    RconRefused,
    RconTimeout,
    RconUnavailable,
    RconUnknownOutcome,
)
from bridge.minecraft.rcon_wire import PacketReader, pack
from bridge.simulator.game import Drop, SimGame

MakeLink = Callable[..., AbstractAsyncContextManager[RconLink]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


def ran(game: SimGame) -> list[str]:
    """Return the commands that the server executed, in order."""
    return [command.text for command in game.commands]


@pytest.fixture
def echo(game: SimGame) -> SimGame:
    """A server that answers each command with its own text."""

    def run(text: str) -> str:
        game.command(text, source="Rcon")
        return text

    game.rcon.run = run
    return game


async def test_a_command_gets_its_reply(game: SimGame, running_link: MakeLink) -> None:
    async with running_link(game.rcon.port) as link:
        game.join("Mira")
        assert await link.command(ListPlayers()) == "There are 1 of a max of 20 players online: Mira"
        assert link.state is LinkState.UP


async def test_commands_at_once_share_one_connection_and_never_a_packet(
    echo: SimGame, running_link: MakeLink
) -> None:
    """The server hangs up when two packets arrive together; every reply belongs to its command."""
    async with running_link(echo.rcon.port) as link:
        await link.up.wait()
        texts = [f"say {number}" for number in range(200)]
        assert await asyncio.gather(*(link.command(Raw(text)) for text in texts)) == texts
    assert ran(echo) == texts
    assert echo.rcon.connected == 1


@pytest.mark.parametrize(
    "text", ["é" * 9003, "x" * 4096, "x" * 4095, "x" * 2000, "ab" * 30_000, "§cred\n" * 900, ""]
)
async def test_a_reply_of_any_length_is_whole(game: SimGame, running_link: MakeLink, text: str) -> None:
    game.rcon.run = lambda command: {"long": text, "": ""}.get(command, "short")
    async with running_link(game.rcon.port) as link:
        assert await link.command(Raw("long")) == text
        assert await link.command(Raw("other")) == "short"
        assert await link.command(Raw("long")) == text


async def test_a_reply_may_arrive_in_crumbs(game: SimGame, running_link: MakeLink) -> None:
    game.rcon.run = lambda command: "é" * 2500 if command else ""
    game.rcon.faults.reply_piece_bytes = 400
    async with running_link(game.rcon.port) as link:
        assert await link.command(Raw("long")) == "é" * 2500


async def test_the_longest_command_fits_one_read(echo: SimGame, running_link: MakeLink) -> None:
    async with running_link(echo.rcon.port) as link:
        longest = "s" * 1446
        assert await link.command(Raw(longest)) == longest


async def test_what_must_not_reach_a_console_does_not(game: SimGame, running_link: MakeLink) -> None:
    async with running_link(game.rcon.port) as link:
        with pytest.raises(CommandRefused):
            await link.command(Raw("say\nstop"))
        assert await link.command(Raw("seed"))
    assert ran(game) == ["seed"]


async def test_an_absent_server_means_nothing_was_sent_and_heals(
    game: SimGame, running_link: MakeLink
) -> None:
    await game.rcon.close()
    async with running_link(game.rcon.port) as link:
        with pytest.raises(RconUnavailable, match="nothing was sent") as caught:
            await link.command(ListPlayers())
        assert "127.0.0.1" not in str(caught.value)
        assert link.state is LinkState.DOWN
        await game.rcon.listen()
        await asyncio.wait_for(link.up.wait(), 5)
        assert await link.command(ListPlayers())
    assert ran(game) == ["list"]


async def test_a_waiting_command_hastens_the_next_attempt(game: SimGame) -> None:
    """With the longest pause ahead, a command does not wait for its end."""
    await game.rcon.close()
    settings = RconSettings.model_validate({"port": game.rcon.port, "password": "simulated"})
    link = RconLink(ServerId("survival"), settings, most_wait_s=3600.0)
    task = asyncio.create_task(link.run())
    with pytest.raises(RconUnavailable):
        await link.command(ListPlayers())
    await game.rcon.listen()
    assert await link.command(ListPlayers())
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("where", [Drop.BEFORE_RUN, Drop.AFTER_RUN])
async def test_a_command_that_lost_its_reply_is_not_sent_again(
    game: SimGame, running_link: MakeLink, where: Drop
) -> None:
    async with running_link(game.rcon.port) as link:
        await link.up.wait()
        game.rcon.faults.drop = where
        with pytest.raises(RconUnknownOutcome, match="may have run"):
            await link.command(Raw("give Mira diamond"))
        assert await link.command(Raw("seed"))
    assert ran(game) == (["give Mira diamond", "seed"] if where is Drop.AFTER_RUN else ["seed"])


async def test_those_behind_a_lost_command_were_not_sent(game: SimGame, running_link: MakeLink) -> None:
    async with running_link(game.rcon.port) as link:
        await link.up.wait()
        game.rcon.faults.drop = Drop.AFTER_RUN
        first, second = (
            asyncio.create_task(link.command(Raw("seed"))),
            asyncio.create_task(link.command(Raw("list"))),
        )
        with pytest.raises(RconUnknownOutcome):
            await first
        with pytest.raises(RconUnavailable, match="nothing was sent"):
            await second
    assert ran(game) == ["seed"]


async def test_a_server_that_hangs_ends_the_connection(echo: SimGame, running_link: MakeLink) -> None:
    """A late reply would belong to the next command, so the next one goes over a new connection."""
    async with running_link(echo.rcon.port, timeout_s=0.2) as link:
        await link.up.wait()
        echo.rcon.faults.hang_commands = 1
        with pytest.raises(RconTimeout, match=r"0\.2 s"):
            await link.command(Raw("give Mira diamond"))
        assert await link.command(Raw("seed"), timeout_s=5.0) == "seed"
    assert ran(echo) == ["seed"]
    assert echo.rcon.connected == 2


async def test_a_server_that_hangs_at_the_log_in_is_a_lost_one(game: SimGame, running_link: MakeLink) -> None:
    game.rcon.faults.hang_connections = True
    async with running_link(game.rcon.port, timeout_s=0.1) as link:
        with pytest.raises(RconUnavailable):
            await link.command(ListPlayers(), timeout_s=0.3)
        game.rcon.faults.hang_connections = False
        await asyncio.wait_for(link.up.wait(), 5)


async def test_a_server_that_hangs_up_after_each_command_loses_none(
    echo: SimGame, running_link: MakeLink
) -> None:
    echo.rcon.faults.close_after = 1
    async with running_link(echo.rcon.port) as link:
        for number in range(3):
            while True:
                await asyncio.wait_for(link.up.wait(), 5)
                try:
                    assert await link.command(Raw(f"say {number}")) == f"say {number}"
                except RconUnavailable:
                    continue  # the connection ended before the command left
                break
    assert ran(echo) == ["say 0", "say 1", "say 2"]


async def test_a_wrong_password_is_told_once_and_heals(
    game: SimGame, running_link: MakeLink, until: Until
) -> None:
    async with running_link(game.rcon.port) as link:
        await link.up.wait()
        game.rcon.password = "changed"
        with capture_logs() as lines:
            game.rcon.drop_all()
            await until(lambda: link.state is LinkState.REFUSED)
            with pytest.raises(RconRefused, match="does not accept the RCON password"):
                await link.command(ListPlayers())
            refusals = game.rcon.connected
            await until(lambda: game.rcon.connected >= refusals + 3)
        told = [
            line for line in lines if "password" in line.get("problem", "") and line["log_level"] == "warning"
        ]
        assert len(told) == 1
        assert "changed" not in str(lines)
        game.rcon.password = "simulated"
        await asyncio.wait_for(link.up.wait(), 5)
        assert await link.command(ListPlayers())


async def test_new_settings_replace_the_connection(game: SimGame, running_link: MakeLink) -> None:
    game.rcon.password = "changed"
    async with running_link(game.rcon.port, refused_wait_s=3600.0) as link:
        with pytest.raises(RconRefused):
            await link.command(ListPlayers())
        link.reconfigure(RconSettings.model_validate({"port": game.rcon.port, "password": "changed"}))
        await asyncio.wait_for(link.up.wait(), 5)
        assert await link.command(ListPlayers())


async def test_a_password_that_cannot_be_sent_is_a_refusal_that_says_so(
    game: SimGame, running_link: MakeLink
) -> None:
    async with running_link(game.rcon.port, password="x" * 1447) as link:
        with pytest.raises(RconRefused, match=r"rcon\.password"):
            await link.command(ListPlayers())


async def test_staff_goes_before_chat_before_housekeeping(echo: SimGame, running_link: MakeLink) -> None:
    async with running_link(echo.rcon.port) as link:
        await link.up.wait()
        urgency = (Priority.CHAT, Priority.HOUSEKEEPING, Priority.CHAT, Priority.STAFF, Priority.HOUSEKEEPING)
        await asyncio.gather(
            *(
                link.command(Raw(f"{number} {each.name}"), priority=each)
                for number, each in enumerate(urgency)
            )
        )
    assert ran(echo) == ["0 CHAT", "3 STAFF", "2 CHAT", "1 HOUSEKEEPING", "4 HOUSEKEEPING"]


async def test_a_cancelled_caller_takes_its_waiting_command_back(
    echo: SimGame, running_link: MakeLink
) -> None:
    """One that has left runs, and its reply reaches nobody else."""
    async with running_link(echo.rcon.port) as link:
        await link.up.wait()
        left, waiting, third = (
            asyncio.create_task(link.command(Raw(text))) for text in ("one", "two", "three")
        )
        await asyncio.sleep(0)
        assert link.waiting == 2
        left.cancel()
        waiting.cancel()
        assert await third == "three"
        assert await asyncio.gather(left, waiting, return_exceptions=True)
    assert ran(echo) == ["one", "three"]


class OddServer(asyncio.Protocol):
    """Answers the log-in well and everything else in a way of its own."""

    def __init__(self, answer: Callable[[int, bytes], bytes]) -> None:
        self._answer = answer
        self._reader = PacketReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        for packet in self._reader.feed(data):
            login = packet.type == 3
            self._transport.write(pack(packet.id, 2, b"") if login else self._answer(packet.id, packet.body))


@contextlib.asynccontextmanager
async def odd_server(answer: Callable[[int, bytes], bytes]) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(lambda: OddServer(answer), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_second_packet_for_each_command_is_dropped(running_link: MakeLink) -> None:
    """As Cuberite answers: the output, then an empty packet of the same id."""

    def twice(request: int, body: bytes) -> bytes:
        return pack(request, 2, body) + pack(request, 2, b"")

    async with odd_server(twice) as port, running_link(port) as link:
        for text in ("a", "b" * 1400, "c"):
            assert await link.command(Raw(text)) == text


async def test_a_reply_cut_at_2048_inside_a_character_is_whole(running_link: MakeLink) -> None:
    """As proxies cut theirs; finding the end costs short replies nothing."""
    asked: list[bytes] = []
    whole = ("é" * 3000).encode()

    def cut(request: int, body: bytes) -> bytes:
        asked.append(body)
        if body != b"long":
            return pack(request, 0, body)
        return b"".join(pack(request, 0, whole[at : at + 2047]) for at in range(0, len(whole), 2047))

    async with odd_server(cut) as port, running_link(port) as link:
        assert await link.command(Raw("long")) == "é" * 3000
        assert await link.command(Raw("short")) == "short"
    assert asked == [b"long", b"", b"short"]


async def test_ids_that_answer_nothing_are_dropped(running_link: MakeLink) -> None:
    def strays(request: int, body: bytes) -> bytes:
        return pack(request + 1000, 0, b"stray") + pack(request, 0, body) + pack(0, 0, b"stray")

    async with odd_server(strays) as port, running_link(port) as link:
        assert [await link.command(Raw(text)) for text in "abc"] == ["a", "b", "c"]


async def test_a_log_in_that_is_lost_later_is_a_refusal(running_link: MakeLink) -> None:
    async with odd_server(lambda _request, _body: pack(-1, 2, b"")) as port, running_link(port) as link:
        with pytest.raises(RconRefused):
            await link.command(Raw("seed"))


@pytest.mark.parametrize("noise", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xff\xff\x7f" * 4])
async def test_something_else_on_the_port_ends_the_connection(running_link: MakeLink, noise: bytes) -> None:
    async with odd_server(lambda _request, _body: noise) as port, running_link(port) as link:
        with pytest.raises(RconUnknownOutcome, match="RCON port"):
            await link.command(Raw("seed"))


async def test_a_reply_without_end_is_given_up(running_link: MakeLink) -> None:
    def flood(request: int, body: bytes) -> bytes:
        return b"" if not body else pack(request, 0, b"x" * 60_000) * 20

    async with odd_server(flood) as port, running_link(port) as link:
        with pytest.raises(RconUnknownOutcome, match="longer than"):
            await link.command(Raw("seed"))
