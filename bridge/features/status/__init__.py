"""Tells how the servers are: on pages, badges and cards, in ``/list`` and ``/status``, and as metrics.

Consumes: every kind, to count them; otherwise looks at what each server last answered.  Owns: the pages
``/``, ``/servers/SERVER``, ``/badge/SERVER.svg`` and ``/embed/SERVER``, the two commands, the reader
``metrics`` with the counters ``bridge_events/SERVER/KIND``.  Reads: the table ``happenings``.
Settings: servers.*.status, servers.*.title, servers.*.address, website.show-players,
website.frame-ancestors, notices, privacy.
"""

from bridge.features.status.feature import Status

__all__ = ["Status"]
