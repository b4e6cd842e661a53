"""Finds a game server's folder by its log, so that most people need not name it."""

from __future__ import annotations

from pathlib import Path


def folder_of_log(log: Path) -> Path | None:
    """Return the folder of the server that writes a log, where it is plain to see; None where it is not.

    The log lies in ``logs``, and beside that are the server's properties.
    """
    folder = log.parent.parent
    try:
        found = log.parent.name == "logs" and (folder / "server.properties").is_file()
    except OSError:  # not ours to look at
        return None
    return folder if found else None
