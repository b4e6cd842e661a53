"""What can be asked of a server over the Management Protocol, each as a typed function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from bridge.events import ListedPlayer
from bridge.minecraft.management_errors import ManagementOddAnswer
from bridge.minecraft.management_wire import (
    AddressBan,
    Ban,
    Json,
    Operator,
    ServerState,
    player_value,
    read_address_bans,
    read_bans,
    read_operators,
    read_players,
    read_state,
)

T = TypeVar("T")


class ManagementCalls(ABC):
    """The calls; where and how they are sent is :meth:`call`'s affair.

    Every function raises what :meth:`call` raises, and ``ManagementOddAnswer`` where the answer makes no
    sense.
    Players are found by UUID where it is known. A call is never repeated by itself.
    """

    @abstractmethod
    async def call(self, method: str, *params: Json) -> Json:
        """Ask for something and return the answer.

        Raises:
            ManagementUnavailable: Not connected; nothing was sent.
            ManagementRefused: The server does not accept the secret; nothing was sent.
            ManagementTimeout: No answer in time; it may have been done.
            ManagementUnknownOutcome: The connection broke before the answer; it may have been done.
            ManagementUnsupported: This server cannot do it.
            ManagementFailed: The server did not do it.
            ValueError: The request cannot be sent; nothing was.
        """

    async def ask_state(self) -> ServerState:
        """Return how the server is, and who plays."""
        return _made(read_state, await self.call("minecraft:server/status"))

    async def ask_players(self) -> tuple[ListedPlayer, ...]:
        """Return who plays."""
        return _made(read_players, await self.call("minecraft:players"))

    async def kick(
        self, players: Sequence[ListedPlayer], reason: str | None = None
    ) -> tuple[ListedPlayer, ...]:
        """Remove players and return those who were there to be removed."""
        message: Json = {"message": {"literal": reason}} if reason else {}
        each = [{"player": player_value(player), **message} for player in players]
        return _made(read_players, await self.call("minecraft:players/kick", each))

    async def bans(self) -> tuple[Ban, ...]:
        """Return which players may not come in."""
        return _listed(read_bans, await self.call("minecraft:bans"))

    async def ban(
        self,
        player: ListedPlayer,
        *,
        reason: str | None = None,
        source: str | None = None,
        expires: datetime | None = None,
    ) -> tuple[Ban, ...]:
        """Let a player in no more, until *expires* if that is set; return all bans."""
        ban = {"player": player_value(player), **_terms(reason, source, expires)}
        return _listed(read_bans, await self.call("minecraft:bans/add", [ban]))

    async def pardon(self, player: ListedPlayer) -> tuple[Ban, ...]:
        """Let a player in again; return the bans that are left."""
        return _listed(read_bans, await self.call("minecraft:bans/remove", [player_value(player)]))

    async def address_bans(self) -> tuple[AddressBan, ...]:
        """Return from which addresses nobody may come in."""
        return _listed(read_address_bans, await self.call("minecraft:ip_bans"))

    async def ban_address(
        self,
        address: str,
        *,
        reason: str | None = None,
        source: str | None = None,
        expires: datetime | None = None,
    ) -> tuple[AddressBan, ...]:
        """Let nobody in from an address; return all such bans."""
        ban = {"ip": address, **_terms(reason, source, expires)}
        return _listed(read_address_bans, await self.call("minecraft:ip_bans/add", [ban]))

    async def pardon_address(self, address: str) -> tuple[AddressBan, ...]:
        """Let people in from an address again; return the bans that are left."""
        return _listed(read_address_bans, await self.call("minecraft:ip_bans/remove", [address]))

    async def operators(self) -> tuple[Operator, ...]:
        """Return who may use commands."""
        return _listed(read_operators, await self.call("minecraft:operators"))

    async def make_operator(self, player: ListedPlayer, *, level: int | None = None) -> tuple[Operator, ...]:
        """Let a player use commands, up to a level from 1 to 4; return all operators."""
        operator: Json = {"player": player_value(player)}
        if level is not None:
            operator["permissionLevel"] = level
        return _listed(read_operators, await self.call("minecraft:operators/add", [operator]))

    async def unmake_operator(self, player: ListedPlayer) -> tuple[Operator, ...]:
        """Let a player use commands no more; return the operators that are left."""
        return _listed(read_operators, await self.call("minecraft:operators/remove", [player_value(player)]))

    async def allowlist(self) -> tuple[ListedPlayer, ...]:
        """Return who may come in while the allow list is on."""
        return _made(read_players, await self.call("minecraft:allowlist"))

    async def allow(self, player: ListedPlayer) -> tuple[ListedPlayer, ...]:
        """Put a player on the allow list and return it."""
        return _made(read_players, await self.call("minecraft:allowlist/add", [player_value(player)]))

    async def disallow(self, player: ListedPlayer) -> tuple[ListedPlayer, ...]:
        """Take a player from the allow list and return it."""
        return _made(read_players, await self.call("minecraft:allowlist/remove", [player_value(player)]))

    async def say(self, text: str, players: Sequence[ListedPlayer] = ()) -> bool:
        """Show plain text to some players, or to everybody; tell whether the server did."""
        message: Json = {"message": {"literal": text}, "overlay": False}
        if players:
            message["receivingPlayers"] = [player_value(player) for player in players]
        return _made(_truth, await self.call("minecraft:server/system_message", message))

    async def save(self, *, flush: bool = False) -> bool:
        """Let the server write its world; with *flush* it waits until that is on the disk."""
        return _made(_truth, await self.call("minecraft:server/save", flush))

    async def stop(self) -> bool:
        """Let the server stop in good order; tell whether it will."""
        return _made(_truth, await self.call("minecraft:server/stop"))


def _terms(reason: str | None, source: str | None, expires: datetime | None) -> dict[str, Json]:
    moment = None
    if expires is not None:
        moment = expires.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    terms = {"reason": reason, "source": source, "expires": moment}
    return {key: value for key, value in terms.items() if value is not None}


def _made(read: Callable[[Json], T | None], answer: Json) -> T:
    value = read(answer)
    if value is None:
        raise ManagementOddAnswer("the server answered with something that makes no sense")
    return value


def _listed(read: Callable[[Json], tuple[T, ...]], answer: Json) -> tuple[T, ...]:
    if not isinstance(answer, list):
        raise ManagementOddAnswer("the server answered with something that is no list")
    return read(answer)


def _truth(answer: Json) -> bool | None:
    return answer if isinstance(answer, bool) else None
