"""Shows staff everything that happens, live: one row for each record of the journal.

Consumes: every kind.  Owns: the pages ``/staff/console`` and its stream.  Settings: none.
"""

from bridge.features.console.feature import Console

__all__ = ["Console"]
