"""Tells players their own part: how long they have played, and who played most.

Consumes: nothing; reads the tables that ``sessions`` derives.  Owns: the pages ``/leaderboard`` and below
``/staff/players``, the API's ``/api/v1/leaderboard`` and ``/api/v1/players/NAME/statistics``, the commands
``/playtime``, ``/stats``, ``/seen`` and ``/leaderboard``.
Settings: website.leaderboard, website.show-players, website.player-fields, privacy.hidden-players,
privacy.unranked-players, community.time-zone.
"""

from bridge.features.playtime.feature import Playtime

__all__ = ["Playtime"]
