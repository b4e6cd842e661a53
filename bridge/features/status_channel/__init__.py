"""Shows on Discord how the servers are, without anybody asking: messages, channels, the bot's presence.

Consumes: server.starting, server.started, server.stopping, server.stopped, server.crashed, server.lost,
server.recovered, to know since when a server is how it is.  Owns: the tables ``status_boards`` and
``status_signs``, the reader ``status-channel``.  Reads: who is on since when, and the samples of servers.
Settings: status-channel, servers.*.restarts, servers.*.address, privacy.hidden-players.
"""

from bridge.features.status_channel.feature import StatusChannel

__all__ = ["StatusChannel"]
