"""The commands a bridge may send, answered in the game's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .components import ComponentError, parse_component
from .values import SimPlayer

if TYPE_CHECKING:
    from .server import SimGame
    from .wording import Wording

_NAME: Final = re.compile(r"[\w.*\-]{1,40}")
_SELECTOR: Final = re.compile(r"@([aprsen])(?:\[([^\]]*)\])?")
_NO_PLAYER: Final = "No player was found"


class CommandFailed(Exception):
    """The command did nothing; the text is the answer."""


class Console:
    """Executes commands for RCON, the console and players; all answers are one string, as over RCON."""

    def __init__(self, game: SimGame) -> None:
        self._game = game
        self._commands: dict[str, Callable[[str, str], str]] = {
            "ban": self._ban,
            "deop": self._deop,
            "execute": self._execute,
            "kick": self._kick,
            "list": self._list,
            "me": self._me,
            "op": self._op,
            "pardon": self._pardon,
            "save-all": self._save,
            "say": self._say,
            "seed": self._seed,
            "stop": self._stop,
            "tellraw": self._tellraw,
            "whitelist": self._whitelist,
        }
        if game.wording.at_least("1.20.3"):
            self._commands["tick"] = self._tick
        if game.dialect.bukkit:
            self._commands |= {"mspt": self._mspt, "tps": self._tps}
        self._not_known = _not_known(game.wording)
        self._points = game.wording.at_least("1.16")

    def run(self, command: str, *, source: str) -> str:
        """Execute *command* and return everything it printed, without separators as vanilla does."""
        if not command and self._game.dialect.bukkit:
            return ""
        command = command.removeprefix("/")
        verb, _, rest = command.partition(" ")
        if self._game.dialect.bukkit:
            verb = verb.removeprefix("minecraft:")
        handler = self._commands.get(verb)
        try:
            return handler(rest, source) if handler else self._unknown(command, 0)
        except CommandFailed as failed:
            return str(failed)

    def _unknown(self, command: str, at: int) -> str:
        return self._not_known + (_pointer(command, at) if self._points else "")

    def _told(self, source: str, text: str) -> str:
        """Return a success's answer after telling the operators, and so the log."""
        if source != "Server":
            self._game.system_line(f"[{source}: {text}]")
        else:
            self._game.system_line(text)
        return text

    def _targets(self, selector: str) -> list[SimPlayer]:
        online = list(self._game.online.values())
        found = _SELECTOR.fullmatch(selector)
        if found is None:
            if not _NAME.fullmatch(selector):
                raise CommandFailed("Invalid name or UUID" + _pointer(selector, 0))
            return [each for each in online if selector in (each.name, each.uuid)]
        if found[1] == "s":
            raise CommandFailed("An entity is required to run this command here")
        name = re.search(r"(?:^|,)name=\"?([^,\"]+)\"?", found[2] or "")
        chosen = [each for each in online if name is None or each.name == name[1]]
        return chosen if found[1] in "ae" else chosen[:1]

    def _some(self, selector: str) -> list[SimPlayer]:
        targets = self._targets(selector)
        if not targets:
            raise CommandFailed(_NO_PLAYER)
        return targets

    def _list(self, rest: str, _source: str) -> str:
        game = self._game
        names = [
            f"{each.name} ({each.uuid})" if rest == "uuids" else each.name for each in game.online.values()
        ]
        shown = ", ".join(names)
        if not game.wording.at_least("1.13"):
            return f"There are {len(names)}/{game.most_players} players online:{shown}"
        of = "of a max of" if game.wording.at_least("1.16") else "of a max"
        return f"There are {len(names)} {of} {game.most_players} players online: {shown}"

    def _tellraw(self, rest: str, _source: str) -> str:
        selector, _, text = rest.partition(" ")
        if not text:
            raise CommandFailed(self._unknown(f"tellraw {rest}", len(f"tellraw {rest}")))
        at = len("tellraw ") + len(selector) + 1
        command = f"tellraw {rest}"
        try:
            parsed = parse_component(command, at, version=self._game.version, resolve=self._resolved)
        except ComponentError as exc:
            raise CommandFailed(f"Invalid chat component: {exc}" + _pointer(command, at)) from exc
        if command[parsed.end :].strip():
            words = "Expected whitespace to end one argument, but found trailing data"
            raise CommandFailed(words + _pointer(command, parsed.end))
        players = self._some(selector)
        self._game.deliver(selector, players, parsed, text)
        return ""

    def _resolved(self, selector: str) -> str:
        return ", ".join(each.name for each in self._targets(selector))

    def _execute(self, rest: str, source: str) -> str:
        found = re.match(r"(?:at|as) (\S+) run (.+)", rest, re.DOTALL)
        if found is None:
            raise CommandFailed(self._unknown(f"execute {rest}", len(f"execute {rest}")))
        return "".join(self.run(found[2], source=source) for _ in self._targets(found[1]))

    def _say(self, rest: str, source: str) -> str:
        self._game.say(source, rest)
        return ""

    def _me(self, rest: str, source: str) -> str:
        self._game.emote(source, rest)
        return ""

    def _kick(self, rest: str, source: str) -> str:
        selector, _, reason = rest.partition(" ")
        reason = reason or "Kicked by an operator"
        answers = []
        for player in self._some(selector):
            self._game.leave(player.name, reason=reason)
            answers.append(self._told(source, f"Kicked {player.name}: {reason}"))
        return "".join(answers)

    def _ban(self, rest: str, source: str) -> str:
        name, _, reason = rest.partition(" ")
        reason = reason or "Banned by an operator."
        if name in self._game.banned:
            raise CommandFailed("Nothing changed. The player is already banned")
        self._game.banned.add(name)
        if name in self._game.online:
            self._game.leave(name, reason="You are banned from this server")
        return self._told(source, f"Banned {name}: {reason}")

    def _pardon(self, rest: str, source: str) -> str:
        if rest not in self._game.banned:
            raise CommandFailed("Nothing changed. The player isn't banned")
        self._game.banned.discard(rest)
        return self._told(source, f"Unbanned {rest}")

    def _whitelist(self, rest: str, source: str) -> str:
        verb, _, name = rest.partition(" ")
        listed = self._game.whitelisted
        match verb:
            case "list" if listed:
                return f"There are {len(listed)} whitelisted player(s): {', '.join(sorted(listed))}"
            case "list":
                return "There are no whitelisted players"
            case "add" if name in listed:
                raise CommandFailed("Player is already whitelisted")
            case "add" if _NAME.fullmatch(name):
                listed.add(name)
                return self._told(source, f"Added {name} to the whitelist")
            case "add":
                raise CommandFailed("That player does not exist")
            case "remove" if name not in listed:
                raise CommandFailed("Player is not whitelisted")
            case "remove":
                listed.discard(name)
                return self._told(source, f"Removed {name} from the whitelist")
            case "reload":
                return self._told(source, "Reloaded the whitelist")
        raise CommandFailed(self._unknown(f"whitelist {rest}", len(f"whitelist {rest}")))

    def _op(self, rest: str, source: str) -> str:
        if rest in self._game.operators:
            raise CommandFailed("Nothing changed. The player already is an operator")
        self._game.operators.add(rest)
        return self._told(source, f"Made {rest} a server operator")

    def _deop(self, rest: str, source: str) -> str:
        if rest not in self._game.operators:
            raise CommandFailed("Nothing changed. The player is not an operator")
        self._game.operators.discard(rest)
        return self._told(source, f"Made {rest} no longer a server operator")

    def _save(self, _rest: str, source: str) -> str:
        self._game.save()
        texts = ("Saving the game (this may take a moment!)", "Saved the game")
        return "".join(self._told(source, text) for text in texts)

    def _seed(self, _rest: str, _source: str) -> str:
        return "Seed: [-4172144997902289642]"

    def _stop(self, _rest: str, source: str) -> str:
        answer = self._told(source, "Stopping the server")
        self._game.stop_soon()
        return answer

    def _tick(self, rest: str, _source: str) -> str:
        if rest != "query":
            raise CommandFailed(self._unknown(f"tick {rest}", len(f"tick {rest}")))
        return (
            "The game is running normallyTarget tick rate: 20.0 per second.\n"
            "Average time per tick: 12.4ms (Target: 50.0ms)"
            "Percentiles: P50: 11.8ms P95: 17.2ms P99: 24.9ms. Sample: 100"
        )

    def _tps(self, _rest: str, _source: str) -> str:
        return "§6TPS from last 1m, 5m, 15m: §a20.0, §a20.0, §a19.98\n"

    def _mspt(self, _rest: str, _source: str) -> str:
        return (
            "§6Server tick times §e(§7avg§e/§7min§e/§7max§e)§6 from last 5s§7,§6 10s§7,§6 1m§e:\n"
            "§6◴ §a8.2§7/§a5.1§7/§a21.7§e, §a8.4§7/§a5.0§7/§a23.9§e, §a9.6§7/§a4.8§7/§e61.3\n"
        )


def _not_known(wording: Wording) -> str:
    """Return what the version answers to a command that it does not know, before the place of the error."""
    if wording.at_least("1.21.9"):
        return "Unknown or incomplete command. See below for error"
    if wording.at_least("1.16"):
        return "Unknown or incomplete command, see below for error"
    if wording.at_least("1.13"):
        return "Unknown command"
    return "Unknown command. Try /help for a list of commands"


def _pointer(command: str, at: int) -> str:
    """Return the place of an error as the game shows it: ten characters before, the rest, a marker."""
    before = command[max(0, at - 10) : at]
    return ("..." if at > 10 else "") + before + command[at:] + "<--[HERE]"
