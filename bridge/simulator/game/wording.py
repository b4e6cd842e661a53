"""The sentences of the game's log, by dialect and version; each is a thread, a level and a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from .dialects import MAIN, Dialect, version_key
from .values import SimPlayer


class LogLine(NamedTuple):
    """A message on its way into the log."""

    thread: str
    text: str
    level: str = "INFO"


_FRAMES: Final = {
    "task": "has made the advancement",
    "challenge": "has completed the challenge",
    "goal": "has reached the goal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words what happens as one kind of server of one version does."""

    dialect: Dialect
    version: str
    secure_chat: bool = False  # whether clients sign what they say

    def at_least(self, version: str) -> bool:
        """Whether the server is of that version or newer."""
        return version_key(self.version) >= version_key(version)

    def system(self, text: str) -> LogLine:
        """A message of the game itself; 26.3 marks those, and only those."""
        return LogLine(MAIN, f"System chat: {text}" if self.at_least("26.3") else text)

    def _signed(self, text: str) -> str:
        marked = self.at_least("1.19.1") and not self.secure_chat
        return f"[Not Secure] {text}" if marked else text

    def chat(self, name: str, text: str) -> LogLine:
        """A player's line of chat."""
        return LogLine(self.dialect.chat_thread, self._signed(f"<{name}> {text}"))

    def emote(self, name: str, text: str) -> LogLine:
        """A ``/me``."""
        return LogLine(MAIN, self._signed(f"* {name} {text}"))

    def say(self, name: str, text: str) -> LogLine:
        """A ``/say`` of the console (``Server``), of RCON (``Rcon``) or of a player."""
        return LogLine(MAIN, self._signed(f"[{name}] {text}"))

    def login(self, player: SimPlayer) -> list[LogLine]:
        """Everything the log tells when a player comes, in this server's order."""
        x, z = player.entity_id % 97 + 0.5, player.entity_id % 61 - 30.5
        world = "[world]" if self.dialect.bukkit else ""
        came = LogLine(
            MAIN,
            f"{player.name}[/{player.address}] logged in with entity id {player.entity_id}"
            f" at ({world}{x}, 68.0, {z})",
        )
        joined = self.system(f"{player.name} joined the game")
        order = [came, joined]
        if self.dialect.bukkit:  # up to 1.17.1 the log has no second line there
            order = [joined, came] if self.at_least("1.18") else [came]
        known = LogLine("User Authenticator #1", f"UUID of player {player.name} is {player.uuid}")
        return [known, *order]

    def logout(self, name: str, reason: str) -> list[LogLine]:
        """Both lines of a leave."""
        if not self.at_least("1.12"):
            reason = f"TextComponent{{text='{reason}', siblings=[], style=Style{{hasParent=false}}}}"
        dot = "." if self.dialect.bukkit and not self.at_least("1.9") else ""
        return [
            LogLine(MAIN, f"{name} lost connection: {reason}"),
            self.system(f"{name} left the game{dot}"),
        ]

    def refused(self, name: str, reason: str) -> list[LogLine]:
        """A login that never got in."""
        who = f"{name} (/127.0.0.1:50999)"
        return [
            LogLine(MAIN, f"Disconnecting {who}: {reason}"),
            LogLine(MAIN, f"{who} lost connection: {reason}"),
        ]

    def advanced(self, name: str, title: str, frame: str) -> str:
        """The sentence about an advancement.

        Raises:
            KeyError: *frame* is not task, challenge or goal.
        """
        verb = _FRAMES[frame] if self.at_least("1.12") else "has just earned the achievement"
        return f"{name} {verb} [{title}]"

    def commanded(self, name: str, command: str) -> list[LogLine]:
        """A player's command: only Bukkit's family logs it."""
        line = LogLine(MAIN, f"{name} issued server command: {command}")
        return [line] if self.dialect.bukkit else []

    def starting(self, *, game_port: int, rcon_port: int | None) -> list[LogLine]:
        """A start, from the first line to ``Done``, with the RCON listener's lines."""
        texts = [
            f"Starting minecraft server version {self.version}",
            "Loading properties",
            *([f"This server is running Paper version {self.version}-DEV"] if self.dialect.bukkit else []),
            "Default game type: SURVIVAL",
            "Generating keypair",
            f"Starting Minecraft server on 127.0.0.1:{game_port}",
            'Preparing level "world"',
            'Done (2.418s)! For help, type "help"',
        ]
        lines = [LogLine(MAIN, text) for text in texts]
        if rcon_port is not None:
            lines += [
                LogLine(MAIN, "Starting remote control listener"),
                LogLine(MAIN, "Thread RCON Listener started"),
                LogLine(MAIN, f"RCON running on 127.0.0.1:{rcon_port}"),
            ]
        return lines

    def stopping(self) -> list[LogLine]:
        """The first lines of a stop."""
        return [LogLine(MAIN, text) for text in ("Stopping server", "Saving players")]

    def stopped(self) -> list[LogLine]:
        """The last lines of a stop."""
        return [
            LogLine(MAIN, "Saving worlds"),
            LogLine(MAIN, "Saving chunks for level 'ServerLevel[world]'/minecraft:overworld"),
            LogLine(MAIN, "ThreadedAnvilChunkStorage: All dimensions are saved"),
        ]
