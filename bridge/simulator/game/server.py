"""A pretend game server: a log file, an RCON port and a status port that behave as the real ones."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from .broadcast import Broadcast, Inbox
from .components import Parsed
from .console import Console
from .console_socket import ConsolePort
from .datagrams import BedrockPort, QueryPort
from .dialects import DIALECTS, MAIN
from .files import GameFiles
from .logfile import LogFolder
from .management import ManagementPort, as_value
from .rcon import RconPort
from .status import StatusFacts, StatusPort
from .values import (
    GameEvent,
    Line,
    Logged,
    RanCommand,
    Received,
    Roster,
    Run,
    Shown,
    ShownKind,
    SimPlayer,
    offline_uuid,
)
from .wording import LogLine, Wording

_MOST_KEPT: Final = 100_000


def _now() -> datetime:
    return datetime.now(tz=UTC).astimezone()


class SimGame:
    """One game server in *folder*; its log is ``folder/logs/latest.log``.

    Players act through methods (:meth:`join`, :meth:`chat`, …), each of which writes the log as the
    dialect words it. What other programs did to the server is in :attr:`received` and :attr:`commands`.
    *players* are there after every start. The ports :attr:`query` and :attr:`bedrock` are closed until their
    ``listen`` is called.
    """

    def __init__(
        self,
        folder: Path,
        *,
        dialect: str = "vanilla",
        version: str | None = None,
        rcon_port: int = 0,
        rcon_password: str = "simulated",  # noqa: S107 - a pretend server on loopback
        status_port: int = 0,
        management_secret: str | None = None,
        management_port: int = 0,
        console_password: str | None = None,
        console_port: int = 0,
        motd: str = "A pretend server",
        most_players: int = 20,
        secure_chat: bool = False,
        players: Sequence[str] = (),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"{dialect!r} is not a dialect; there are {', '.join(DIALECTS)}")
        self.dialect = DIALECTS[dialect]
        self.version = version or self.dialect.version
        self.wording = Wording(dialect=self.dialect, version=self.version, secure_chat=secure_chat)
        self.folder = folder
        self.motd = motd
        self.most_players = most_players
        self.running = False
        self.online: dict[str, SimPlayer] = {}
        self.whitelisted: set[str] = set()
        self.operators: set[str] = set()
        self.banned: set[str] = set()
        self.received: list[Received] = []
        self.commands: deque[RanCommand] = deque(maxlen=_MOST_KEPT)
        self.log = LogFolder(folder / "logs", clock=clock, keep_per_day=self.dialect.keep_per_day)
        self.rcon = RconPort(
            run=lambda text: self.command(text, source="Rcon"),
            note=self._rcon_note,
            password=rcon_password,
            port=rcon_port,
        )
        self.status = StatusPort(self._status, port=status_port)
        self.management = ManagementPort(self, secret=management_secret, port=management_port)
        self.console = ConsolePort(run=self.command, password=console_password, port=console_port)
        self.query = QueryPort(self._status)
        self.bedrock = BedrockPort(self._status)
        self.hide_players = False
        self.files = GameFiles(self, clock)
        self._clock = clock
        self._residents = tuple(players)
        self._console = Console(self)
        self._events: Broadcast[GameEvent] = Broadcast()
        self._entities = 100
        self._ending: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()

    # Its life

    async def start(self) -> None:
        """Start as a new process does: rotate the log, tell the start, open the ports.

        Raises:
            OSError: A port is taken.
        """
        if self.running:
            return
        self.log.open()
        await self.status.listen()
        if self.rcon.password:  # an empty one keeps the game from starting RCON
            await self.rcon.listen()
        await self.management.listen()
        await self.console.listen()
        self.write_properties()
        self.running = True
        rcon_port = self.rcon.port if self.rcon.password else None
        self._write(self.wording.starting(game_port=self.status.port, rcon_port=rcon_port))
        self.management.notify("server/started")
        self._told_roster()
        for name in self._residents:
            self.join(name)

    async def stop(self) -> None:
        """Stop in good order: everybody leaves, the log tells it, the ports close."""
        if self.running:
            self._write(self.wording.stopping())
            self.management.notify("server/stopping")
            for name in list(self.online):
                self.leave(name, reason="Server closed")
            self._write(self.wording.stopped())
        await self._down()

    async def crash(self) -> None:
        """End at once, as ``kill -9`` does: no stop lines, broken connections."""
        self.online.clear()
        await self._down()

    async def restart(self) -> None:
        """Stop and start on the same ports."""
        await self.stop()
        await self.start()

    async def _down(self) -> None:
        self.running = False
        await self.rcon.close()
        await self.status.close()
        await self.query.close()
        await self.bedrock.close()
        await self.management.close()
        await self.console.close()
        await asyncio.sleep(0)  # the broken connections' last lines, which nothing writes any more
        self.log.close()
        await self.log.packed()
        self._told_roster()

    def stop_soon(self) -> None:
        """Stop after the reply that is being written."""
        if self._ending is None or self._ending.done():
            self._ending = asyncio.get_running_loop().create_task(self.stop())

    async def stopped(self) -> None:
        """Wait for the end that a ``stop`` command began."""
        if self._ending is not None:
            await self._ending

    def save(self) -> None:
        """Write what is known of everybody online, as at an autosave."""
        for player in self.online.values():
            self.files.save(player)

    def write_properties(self) -> None:
        """Write ``server.properties`` with the ports in use."""
        lines = (
            "#Minecraft server properties",
            "level-name=world",
            f"server-port={self.status.port}",
            f"enable-rcon={'true' if self.rcon.password else 'false'}",
            f"rcon.port={self.rcon.port}",
            f"rcon.password={self.rcon.password}",
            f"management-server-enabled={'true' if self.management.secret else 'false'}",
            f"management-server-port={self.management.port}",
            f"management-server-secret={self.management.secret or ''}",
            "management-server-tls-enabled=false",
            f"max-players={self.most_players}",
            f"motd={self.motd}",
        )
        (self.folder / "server.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")

    # What players do

    def join(self, name: str, *, uuid: str | None = None) -> SimPlayer:
        """Let a player in and return them; who is online already stays as they are."""
        if name in self.online:
            return self.online[name]
        self._entities += 7
        address = f"127.0.0.1:{50_000 + self._entities % 10_000}"
        known = uuid or offline_uuid(name)
        player = SimPlayer(name=name, uuid=known, address=address, entity_id=self._entities)
        self.online[name] = player
        self.files.joined(player)
        self._write(self.wording.login(player))
        self.management.notify("players/joined", as_value(player))
        self._show_system(f"{name} joined the game", colour="yellow")
        self._told_roster()
        return player

    def leave(self, name: str, *, reason: str = "Disconnected") -> None:
        """Let a player go; nothing happens when they are not online."""
        player = self.online.pop(name, None)
        if player is None:
            return
        self._write(self.wording.logout(name, reason))
        self.management.notify("players/left", as_value(player))
        self.files.left(player)
        self._show_system(f"{name} left the game", colour="yellow")
        self._told_roster()

    def refuse(self, name: str, *, reason: str = "You are not white-listed on this server!") -> None:
        """Send away somebody who tried to log in."""
        self._write(self.wording.refused(name, reason))

    def chat(self, name: str, text: str) -> None:
        """A player says something."""
        self._write([self.wording.chat(name, text)])
        self._show(ShownKind.CHAT, (Run(text=f"<{name}> {text}"),), speaker=name)

    def emote(self, name: str, text: str) -> None:
        """A player uses ``/me``."""
        self._write([self.wording.emote(name, text)])
        self._show(ShownKind.CHAT, (Run(text=f"* {name} {text}"),), speaker=name)

    def say(self, name: str, text: str) -> None:
        """The console (``Server``), RCON (``Rcon``) or a player uses ``/say``."""
        self._write([self.wording.say(name, text)])
        self._show(ShownKind.CHAT, (Run(text=f"[{name}] {text}"),), speaker=name)

    def die(self, name: str, text: str) -> None:
        """A player dies; *text* is the sentence after the name (``was slain by Zombie``)."""
        if name in self.online:
            self.files.count(self.online[name].uuid, "custom", "deaths")
        self.system_line(f"{name} {text}")
        self._show_system(f"{name} {text}")

    def advance(self, name: str, title: str, *, frame: str = "task") -> None:
        """A player makes an advancement; *frame* is task, challenge or goal."""
        if name in self.online:
            self.files.advance(self.online[name].uuid, title)
        text = self.wording.advanced(name, title, frame)
        self.system_line(text)
        colour = "dark_purple" if frame == "challenge" else "green"
        head = text.removesuffix(f"[{title}]")
        self._show(ShownKind.SYSTEM, (Run(text=head), Run(text=f"[{title}]", colour=colour)))

    def issue(self, name: str, command: str) -> None:
        """A player runs a command (with its slash); only Bukkit's family logs it."""
        self._write(self.wording.commanded(name, command))

    def type(self, name: str, text: str) -> str:
        """What the client does with a line in its chat box: say it, or run a few harmless commands.

        Returns what only that player sees: the answer to a command.
        """
        verb, _, rest = text.partition(" ")
        match verb:
            case "/me" if rest:
                self.issue(name, text)
                self.emote(name, rest)
            case "/list":
                self.issue(name, text)
                return self._console.run("list", source=name)
            case _ if text.startswith("/"):
                self.issue(name, text)
                return "Unknown or incomplete command. See below for error"
            case _:
                self.chat(name, text)
        return ""

    # What the server itself does

    def log_line(self, thread: str, level: str, text: str) -> None:
        """Write any line with this dialect's prefix."""
        self._write([LogLine(thread, text, level)])

    def system_line(self, text: str) -> None:
        """Write a message of the game itself, marked where the version marks them."""
        self._write([self.wording.system(text)])

    def overload(self, *, behind_ms: int = 2500) -> None:
        """Fall behind."""
        ticks = behind_ms // 50
        text = f"Can't keep up! Is the server overloaded? Running {behind_ms}ms or {ticks} ticks behind"
        self.log_line(MAIN, "WARN", text)

    def rotate(self, day: date | None = None, *, compress: bool = True) -> Path:
        """Rotate the log and return the archive's path; ``log.packed()`` waits for the compression."""
        return self.log.rotate(day, compress=compress)

    def command(self, text: str, *, source: str = "Server") -> str:
        """Run a console command and return what it printed."""
        reply = self._console.run(text, source=source)
        self.files.write_lists()
        self.commands.append(RanCommand(text=text, source=source, reply=reply, at_s=time.monotonic()))
        return reply

    def deliver(self, selector: str, players: list[SimPlayer], parsed: Parsed, source: str) -> None:
        """Put a ``tellraw`` on the players' screens."""
        names, now = tuple(each.name for each in players), self._clock()
        received = Received(
            number=len(self.received),
            selector=selector,
            players=names,
            component=parsed.line,
            plain=parsed.plain,
            source=source,
            at_s=time.monotonic(),
            time=now,
        )
        self.received.append(received)
        everybody = len(names) == len(self.online)
        seen_by = None if everybody else names
        self._events.send(Shown(time=now, kind=ShownKind.TELLRAW, line=parsed.line, players=seen_by))
        self._arrived.set()

    async def received_where(self, wanted: Callable[[Received], bool], *, timeout_s: float = 5.0) -> Received:
        """Return the first ``tellraw`` that fits, waiting for one.

        Raises:
            TimeoutError: None came in time; the message lists what did.
        """
        looked_at = 0
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    self._arrived.clear()
                    for received in self.received[looked_at:]:
                        looked_at += 1
                        if wanted(received):
                            return received
                    await self._arrived.wait()
        except TimeoutError as exc:
            raise TimeoutError(f"no such line among {[each.plain for each in self.received]}") from exc

    def listen(self) -> AbstractContextManager[Inbox[GameEvent]]:
        """Give an inbox of everything that happens while the block is open."""
        return self._events.listen()

    def _write(self, lines: list[LogLine]) -> None:
        for thread, text, level in lines:
            now = self._clock()
            self.log.append(self.dialect.prefix(now, thread, level) + text)
            self.console.write(self.dialect.console_prefix(now, thread, level) + text + "\n")
            self._events.send(Logged(time=now, thread=thread, level=level, text=text))

    def _rcon_note(self, thread: str, text: str) -> None:
        if self.running:
            self.log_line(thread, "INFO", text)

    def _show_system(self, text: str, *, colour: str | None = None) -> None:
        self._show(ShownKind.SYSTEM, (Run(text=text, colour=colour),))

    def _show(self, kind: ShownKind, runs: tuple[Run, ...], *, speaker: str | None = None) -> None:
        self._events.send(Shown(time=self._clock(), kind=kind, line=Line(runs), speaker=speaker))

    def _told_roster(self) -> None:
        self._events.send(Roster(players=tuple(self.online), running=self.running))

    def _status(self) -> StatusFacts:
        return StatusFacts(
            version=self.version,
            players=tuple(self.online.values()),
            most_players=self.most_players,
            motd=self.motd,
            secure_chat=self.wording.secure_chat,
            hide_players=self.hide_players,
        )
