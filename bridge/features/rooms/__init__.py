"""Keeps what is said in each room, and shows it live on the website.

Consumes: chat.*, player.identified, announcement.made; for the pages also player.joined/left/died/advanced
and server.started/stopping.  Owns: the reader ``archive`` with the tables ``lines``, ``announcements`` and
``players``; the pages below ``/rooms``; the sources ``site:ROOM``.
Settings: rooms.*.website, website.visitor-interval, website.trusted-proxies, privacy, retention.
"""

from bridge.features.rooms.feature import Rooms

__all__ = ["Rooms"]
