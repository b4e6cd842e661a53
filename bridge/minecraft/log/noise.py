"""The first words of the game's own lines that tell no event: known, and passed over."""

from __future__ import annotations

from typing import Final

_OPENINGS: Final = """
# ** **** + - ---- Added Advancement Allow Ambient Ambiguity Applied Arrow Automatic Backing Banned
Booting Building Cactus Can't Cannot Changed Checking Chunk Cleared Closing Command Connected
Connecting Converting Could Couldn't Custom Data Datapack De-opped Default Deleting Despawn
Disabling Disconnecting Done Downloading Enabling Entity Environment Environment: Executed Exp
Experience Fabric Failed Fetching Filled Flushed Flushing Forcing Forge Found Function Gamerule Gave
Generating Given Growth Hopper Initializing Item JVM Java Keeping Killed Listening Loaded Loading
Loads Made Max Minecraft Missing Mixin Mixing Mob Mojang Named NeoForge Nerfing No Not Nothing Opped
Optimizing Player Players Plugin Preparing Query Quilt RCON Random Reading Received Recipe
Registered Registering Reloaded Reloading Removed Resolving Running Saved Saving Scanning Seed:
Selecting Sending Server Session Set Shutting Simulation Skipping Spawned Starting Stopping
Structure Successfully Summoned Teleported The There This Thread ThreadedAnvilChunkStorage
ThreadedAnvilChunkStorage: Ticking Tile Time Timings Tracking Turned Unable Unbanned Unknown
Unloading Updating Upgrading Using Vehicle View Villager Whitelist World Worldgen Writing You Zombie
|
"""
OPENINGS: Final = frozenset(_OPENINGS.split())

_PASSED: Final = """
Applied Fetching Generating Loaded Loading Named Preparing Reloading Saving Thread ThreadedAnvilChunkStorage
ThreadedAnvilChunkStorage: Unloading Villager
"""
PASSED: Final = frozenset(_PASSED.split())
"""Those of them after which no player can be named, so that nobody need look."""
