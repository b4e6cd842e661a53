"""Welcomes players who are on a server for the first time.

Consumes: player.joined.  Owns: the reader ``welcome`` and its table ``welcome_newcomers``, the command
``/newcomers``, the page ``/newcomers.json``.
Settings: community.language, servers.*.title, privacy.hidden-players, website.show-players.

Begin a feature's head like this: what it reads from the journal, what is its own (nobody else writes
there), and which settings it looks at. Whoever opens the folder then knows what can happen here.
"""

from passerelle_welcome.feature import Welcome

__all__ = ["Welcome"]
