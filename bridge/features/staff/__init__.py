"""The staff's desk on the website: overview, sources, deliveries, who did what, settings, API tokens.

Consumes: nothing; it shows what others report on :class:`~bridge.features.board.Board`.
Owns: the table ``api_tokens``; the pages below ``/staff`` but for those that other features list there.
Settings: all are shown, none is read.
"""

from bridge.features.staff.feature import Staff

__all__ = ["Staff"]
