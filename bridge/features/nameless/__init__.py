"""Keeps the community's NamelessMC site and the bridge in step, through the site's REST API.

Consumes: nothing of the journal; asks the site and looks at the servers.  Appends: ``announcement.made``.
Owns: the tables of ``bridge/store/nameless.py``.  Settings: nameless.*, privacy.hidden-players.
"""

from bridge.features.nameless.api import NamelessApi
from bridge.features.nameless.feature import Nameless
from bridge.features.nameless.jobs import JobState
from bridge.features.nameless.problems import NamelessError, Problem

__all__ = ["JobState", "Nameless", "NamelessApi", "NamelessError", "Problem"]
