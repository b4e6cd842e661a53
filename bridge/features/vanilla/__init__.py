"""Reads what the game itself counts of players: its files of statistics and advancements.

Consumes: ``player.left``, after which a file is new; the files of each server whose folder is known. Owns:
the tables of :mod:`bridge.store.statistics.vanilla`. Settings: ``servers.*.folder``, ``community.time-zone``.
Reports on each folder to staff. Gives no page and no command: those read the tables.
"""

from bridge.features.vanilla.feature import Vanilla

__all__ = ["Vanilla"]
