"""What a game server writes beside its log: who is known, and what the game counts of its players.

Consumes: the server's folder, only for reading. Every file is looked at as foreign: bounded in size, checked
field by field, and read again where the server was in the middle of writing it. Knows nothing of features
and of the store; its functions block and belong in a thread.
"""

from bridge.minecraft.files.advancements import read_advancements
from bridge.minecraft.files.lists import (
    BannedAddress,
    BannedPlayer,
    CachedName,
    ListedOperator,
    WhitelistedPlayer,
    read_banned_addresses,
    read_banned_players,
    read_operators,
    read_user_cache,
    read_whitelist,
)
from bridge.minecraft.files.properties import ServerProperties, read_properties
from bridge.minecraft.files.reading import FileGone, FileUnreadable, read_whole
from bridge.minecraft.files.statistics import read_statistics
from bridge.minecraft.files.worlds import FileKind, Found, PlayerFile, look_around, player_files

__all__ = [
    "BannedAddress",
    "BannedPlayer",
    "CachedName",
    "FileGone",
    "FileKind",
    "FileUnreadable",
    "Found",
    "ListedOperator",
    "PlayerFile",
    "ServerProperties",
    "WhitelistedPlayer",
    "look_around",
    "player_files",
    "read_advancements",
    "read_banned_addresses",
    "read_banned_players",
    "read_operators",
    "read_properties",
    "read_statistics",
    "read_user_cache",
    "read_whitelist",
    "read_whole",
]
