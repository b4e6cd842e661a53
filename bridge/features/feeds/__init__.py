"""Looks at RSS and Atom feeds and tells what is new in them.

Consumes: nothing.  Appends: ``feed.published``, and ``announcement.made`` for the relay.  Owns: the tables
``feeds`` and ``feed_entries``.  Settings: feeds, discord.channels.
"""

from bridge.features.feeds.feature import Feeds
from bridge.features.feeds.follower import FeedState, Trouble

__all__ = ["FeedState", "Feeds", "Trouble"]
