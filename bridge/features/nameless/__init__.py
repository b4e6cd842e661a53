"""Keeps the community's NamelessMC site and the bridge in step, through the site's REST API.

Consumes: nothing of the journal; asks the site and looks at the servers.  Owns: the tables of
``bridge/store/nameless.py``; appends ``announcement.made``.  Settings: nameless.*, privacy.hidden-players.
"""

from bridge.features.nameless.feature import Nameless
from bridge.features.nameless.jobs import JobState

__all__ = ["JobState", "Nameless"]
