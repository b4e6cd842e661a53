"""What the routes, the gateway and the control share: the world, the limits and what went wrong."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.clock import Clock, Snowflake
from bridge.simulator.discord.forms import NameRules
from bridge.simulator.discord.limits import Buckets, RateLimits
from bridge.simulator.discord.oauth import OAuthDesk
from bridge.simulator.discord.values import Intent, JsonObject
from bridge.simulator.discord.world import World

_KEPT_NONCES: Final = 10_000


class Core:
    """The parts behind the sockets."""

    def __init__(
        self,
        *,
        world: World,
        token: str,
        rates: RateLimits,
        names: NameRules,
        granted: Intent,
        nonce_window_s: float,
    ) -> None:
        self.world = world
        self.token: str | None = token  # None: revoked
        self.rates = rates
        self.names = names
        self.granted = granted
        self.buckets = Buckets(world.clock)
        self.oauth = OAuthDesk(world)
        self.errors: list[Exception] = []
        self.commands = CommandTable()
        self._nonce_window_s = nonce_window_s
        self._nonces: dict[tuple[Snowflake, str], tuple[float, Snowflake]] = {}

    @property
    def clock(self) -> Clock:
        """The simulator's clocks."""
        return self.world.clock

    def note(self, problem: Exception) -> None:
        """Keep a problem that the owner of the simulator must hear of."""
        self.errors.append(problem)

    def sent_before(self, author: Snowflake, nonce: str) -> Snowflake | None:
        """Return the message that this author sent with this nonce a short while ago."""
        sent_at, message = self._nonces.get((author, nonce), (0.0, None))
        fresh = message is not None and self.clock.steady() - sent_at < self._nonce_window_s
        return message if fresh else None

    def remember_nonce(self, author: Snowflake, nonce: str, message: Snowflake) -> None:
        """Remember which message this nonce made."""
        self._nonces[author, nonce] = (self.clock.steady(), message)
        if len(self._nonces) > _KEPT_NONCES:
            del self._nonces[next(iter(self._nonces))]


class CommandTable:
    """The application's commands: one set for everywhere, one for the guild."""

    def __init__(self) -> None:
        self.everywhere: dict[Snowflake, JsonObject] = {}
        self.guild: dict[Snowflake, JsonObject] = {}

    def scope(self, guild: Snowflake | None) -> dict[Snowflake, JsonObject]:
        """Return the commands of the guild, or those for everywhere."""
        return self.everywhere if guild is None else self.guild

    def find(self, name: str) -> JsonObject | None:
        """Return a slash command by name; the guild's own come first."""
        for commands in (self.guild, self.everywhere):
            for command in commands.values():
                if command["name"] == name and command.get("type", 1) == 1:
                    return command
        return None
