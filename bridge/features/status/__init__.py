"""Tells how the servers are: on the status page, in ``/list`` and ``/status``, and as metrics.

Consumes: every kind, to count them; otherwise looks at what each server last answered.  Owns: the page
``/``, the two commands, the reader ``metrics`` with the counters ``bridge_events/SERVER/KIND``.
Settings: servers.*.status, servers.*.title, servers.*.address, website.show-players, privacy.
"""

from bridge.features.status.feature import Status

__all__ = ["Status"]
