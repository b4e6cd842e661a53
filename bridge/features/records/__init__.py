"""Lets other programs read the journal, page by page and as it grows.

Consumes: every kind.  Owns: the API's ``/api/v1/records`` and ``/api/v1/stream``.  Settings: none.
"""

from bridge.features.records.feature import Records

__all__ = ["Records"]
