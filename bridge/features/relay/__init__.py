"""Tells on Discord what happens in the game, and in the game what is said on Discord and the website.

Consumes: chat.*, player.joined/left/died/advanced, server.started/stopping.
Owns: one reader for each Discord channel (``relay:discord:ID``) and server (``relay:game:NAME``).
Settings: rooms, notices, relay, privacy, discord.avatar-url.
"""

from bridge.features.relay.feature import Relay

__all__ = ["Relay"]
