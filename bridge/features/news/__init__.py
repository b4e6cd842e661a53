"""Keeps what is new at hand, and tells it as Atom feeds.

Consumes: player.joined/died/advanced, server.started/stopping/lost/recovered, announcement.made.  Owns: the
reader ``happenings`` with the table of that name; the pages below ``/feeds``.
Settings: website.public-url, website.show-players, notices.advancement, privacy.
"""

from bridge.features.news.feature import News

__all__ = ["News"]
