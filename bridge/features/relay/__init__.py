"""Tells on Discord what happens in the game, in the game what is said elsewhere, and announcements to both.

Consumes: chat.*, player.joined/left/died/advanced, server.started/stopping, announcement.made.
Owns: one reader for each Discord channel (``relay:discord:ID``) and server (``relay:game:NAME``).
Settings: rooms, notices, relay, privacy, discord.avatar-url; who is announced to: hooks.in, feeds, nameless.
"""

from bridge.features.relay.feature import Relay

__all__ = ["Relay"]
