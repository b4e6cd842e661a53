"""One game server, without a plugin inside it.

Four rooms in one: ``log/`` follows the server's log and tells what happened; ``rcon`` is its console, with
``commands`` as the values that may be sent and ``merge`` to put several chat lines into one; ``status``
asks the port that players connect to; ``management`` speaks the Management Protocol; ``console`` reads a
container's console in place of the log; ``twice`` keeps one fact from two ways one record; ``server`` puts
together what one server's settings name.

Consumes: ``servers.<name>`` and the times of ``relay`` from the settings. Appends: what the log tells
(source ``log:<name>``), what the pings tell (source ``status:<name>``), and what the management tells while
the log cannot (source ``management:<name>``). Acts: only through
:class:`RconLink`. Knows nothing of features, Discord or the website; what a file, a socket or a library
raises becomes one of the errors named here.
"""

from bridge.minecraft.commands import CommandRefused, CommandTooLong
from bridge.minecraft.rcon import (
    LinkState,
    Priority,
    RconError,
    RconLink,
    RconRefused,
    RconTimeout,
    RconUnavailable,
    RconUnknownOutcome,
)
from bridge.minecraft.server import GameServer
from bridge.minecraft.status import Failure, ServerStatus, StatusFailed, ping

__all__ = [
    "CommandRefused",
    "CommandTooLong",
    "Failure",
    "GameServer",
    "LinkState",
    "Priority",
    "RconError",
    "RconLink",
    "RconRefused",
    "RconTimeout",
    "RconUnavailable",
    "RconUnknownOutcome",
    "ServerStatus",
    "StatusFailed",
    "ping",
]
