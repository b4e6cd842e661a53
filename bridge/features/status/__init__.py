"""Tells how the servers are: on pages, badges and cards, in slash commands, and as metrics.

Consumes: every kind, to count them; otherwise looks at what each server last answered.  Owns: the pages
``/``, ``/servers/SERVER``, ``/badge/SERVER.svg`` and ``/embed/SERVER``, the commands ``/list``, ``/status``
and ``/uptime``, the reader ``metrics`` with the counters ``bridge_events/SERVER/KIND``.  Reads: the table
``happenings``, sessions and samples.  Settings: servers.*.status, servers.*.title, servers.*.address,
servers.*.restarts, website.show-players, website.frame-ancestors, notices, privacy.
"""

from bridge.features.status.feature import Status

__all__ = ["Status"]
