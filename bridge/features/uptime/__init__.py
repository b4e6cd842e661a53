"""Watches over the servers: minutes, incidents, uptime, maintenance, alerts.

Consumes: server.starting/started/stopping/sampled/overloaded; looks at ports, consoles and logs.  Appends:
server.stopped, server.crashed, server.hung, and alerts as announcement.made.  Owns: the tables samples,
sample_sums, incidents, watched and alerts, the reader ``uptime``, the page ``/staff/uptime``, three
operations of the API.  Settings: maintenance, alerts, servers.*.status, privacy.mask-addresses.
"""

from bridge.features.uptime.feature import Uptime

__all__ = ["Uptime"]
