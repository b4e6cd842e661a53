"""Lets staff ask for players: filters together, the answer as a table, as CSV, and for programs as JSON.

Consumes: nothing; it reads the tables that ``sessions`` keeps.  Owns: the table ``saved_queries``, the pages
below ``/staff/queries``, the API's ``/api/v1/players/query``.  Settings: the servers' titles, the time zone.
"""

from bridge.features.queries.feature import Queries

__all__ = ["Queries"]
