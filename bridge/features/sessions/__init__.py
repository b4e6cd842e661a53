"""Sessions: who was on which server from when to when, and the figures of days, weeks and months.

Consumes: what players do and what servers do. Owns: the tables of :mod:`bridge.store.statistics`.
Settings: ``statistics``, ``community.time-zone``. Gives no page and no command: those read the tables.
"""

from bridge.features.sessions.feature import Sessions

__all__ = ["Sessions"]
