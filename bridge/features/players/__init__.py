"""Shows the players that servers have seen.

Consumes: nothing; the archive of ``rooms`` notes players.  Owns: the pages below
``/players`` and the API's ``/api/v1/players``.
Settings: website.show-players, website.player-fields, privacy.hidden-players.
"""

from bridge.features.players.feature import Players

__all__ = ["Players"]
