"""Wakes a reader when a file may have changed: inotify where it works, looking again beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import structlog

if TYPE_CHECKING:
    from asyncinotify import Inotify

log = structlog.get_logger(__name__)

BESIDE_S: Final = 1.0  # how often to look although inotify said nothing
FIRST_S: Final = 0.02  # without inotify: at first, and after each find
MOST_S: Final = 0.5  # without inotify: when nothing happens
_DEAF_AFTER: Final = 3  # finds in a row that inotify said nothing about


class Watch:
    """Waits for changes of one file, which need not exist yet; used as a context manager.

    On network and bind mounts inotify can be accepted and stay silent: then the file is looked at in
    short intervals instead.
    """

    def __init__(self, path: Path, *, inotify: bool = True) -> None:
        self._path = path
        self._wanted = inotify
        self._inotify: Inotify | None = None
        self._changed = asyncio.Event()
        self._pause_s = FIRST_S
        self._heard = False
        self._by_chance = False  # the next look was not asked for by inotify
        self._unheard = 0

    def __enter__(self) -> Self:
        self.arm()
        return self

    def __exit__(self, *_: object) -> None:
        self._disarm()

    @property
    def told(self) -> bool:
        """Whether the system tells of changes, so that looking often is not needed."""
        return self._inotify is not None

    def arm(self) -> None:
        """Watch the file that has the name now; called again when it has become another one."""
        self._disarm()
        if self._wanted:
            self._inotify = _watched(self._path)
        if self._inotify is not None:
            asyncio.get_running_loop().add_reader(self._inotify.fd, self._hear)

    def expect(self) -> None:
        """Forget what was heard: called before looking, so that nothing falls in between."""
        self._changed.clear()

    def found(self) -> None:
        """Note that looking has found something new."""
        self._pause_s = FIRST_S
        if self._heard:
            self._unheard = 0
        elif self._by_chance:
            self._unheard += 1
        self._heard = self._by_chance = False
        if self.told and self._unheard >= _DEAF_AFTER:
            log.info("not told when the log changes; looking often instead", file=self._path.name)
            self._wanted = False
            self._disarm()

    async def wait(self) -> None:
        """Wait until it is time to look again."""
        pause_s = BESIDE_S
        if not self.told:
            pause_s, self._pause_s = self._pause_s, min(self._pause_s * 1.5, MOST_S)
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            self._by_chance = True

    def _hear(self) -> None:
        if self._inotify is not None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._inotify.fd, 65536)  # what it says is all the same: something changed
        self._heard = True
        self._changed.set()

    def _disarm(self) -> None:
        if self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.fd)
            self._inotify.close()
            self._inotify = None


def _watched(path: Path) -> Inotify | None:
    """Return an inotify that watches the file and its folder, or ``None`` where there is no such thing."""
    try:
        from asyncinotify import Inotify, Mask  # noqa: PLC0415 - exists on Linux only
    except (ImportError, OSError):  # OSError: a C library without inotify
        return None
    inotify: Inotify | None = None
    try:
        inotify = Inotify()
        os.set_blocking(inotify.fd, False)  # asyncinotify 4.4.4 asks for it with the wrong flag
        names = Mask.CREATE | Mask.MOVED_TO | Mask.MOVED_FROM | Mask.DELETE | Mask.ONLYDIR
        inotify.add_watch(path.parent, names)
        with contextlib.suppress(FileNotFoundError):
            inotify.add_watch(path, Mask.MODIFY | Mask.ATTRIB)
    except OSError as exc:  # no such folder yet, or no watches left on this machine
        log.debug("not told of changes", file=path.name, problem=os.strerror(exc.errno or 0))
        if inotify is not None:
            inotify.close()
        return None
    return inotify
