"""One process per database: a lock that the system lets go when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bridge.store.errors import StoreBusy


class ProcessLock:
    """An exclusive lock on a file beside the database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def take(self) -> None:
        """Take the lock, or fail at once.

        Raises:
            StoreBusy: Another process has it, or this one has it already.
            OSError: The file cannot be created.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.read(fd, 32).decode("ascii", "replace").strip()
            os.close(fd)
            raise StoreBusy(
                f"{self._path.parent}: another bridge uses this folder (process {holder or 'unknown'}); "
                "stop it first, or give this one a folder of its own with the setting 'data'"
            ) from exc
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
        self._fd = fd

    def let_go(self) -> None:
        """Give the lock back; does nothing without it."""
        if self._fd is not None:
            # The file stays: removing it would let two processes lock two files of one name.
            os.close(self._fd)
            self._fd = None
