"""Processes that start at once: forked from a Python that has imported the bridge already.

Importing costs a second of a core. :class:`WarmPython` pays it once; what it starts is a process of its own
all the same, with its own number, streams, environment and end, as after ``python …``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

ROOT: Final = Path(__file__).parents[1]
STARTS_WITHIN_S: Final = 40.0  # the first one waits for the imports; the machine may be busy
_LONGEST: Final = 1 << 16  # bytes of a request: arguments and environment
_SWITCHES: Final = {"PASSERELLE_LEAN": "0"}  # or ``run`` would start itself anew, and import again


class WarmProcess:
    """A process that was started; its :attr:`pid` can be sent signals until :meth:`wait` has returned."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        answers.settimeout(STARTS_WITHIN_S)
        self.pid = int(answers.recv(32))
        answers.setblocking(False)
        self._returncode: int | None = None

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        if self._returncode is None:
            with contextlib.suppress(BlockingIOError):  # it runs
                self._ended(self._answers.recv(32))
        return self._returncode

    async def wait(self) -> int:
        """Return how it ended, once it has."""
        while (code := self.returncode) is None:
            self._ended(await asyncio.get_running_loop().sock_recv(self._answers, 32))
        return code

    def wait_here(self, within_s: float) -> int:
        """Return how it ended, without an event loop.

        Raises:
            TimeoutError: It still runs.
        """
        if self._returncode is None:
            self._answers.settimeout(within_s)
            self._ended(self._answers.recv(32))
        assert self._returncode is not None
        return self._returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, answer: bytes) -> None:
        self._returncode = int(answer)
        self._answers.close()


class WarmPython:
    """Starts what ``python`` would start, at once; itself it starts with the first."""

    def __init__(self) -> None:
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._requests is not None and self._process is not None:
            self._requests.close()  # it ends with whom it serves
            self._process.wait(timeout=STARTS_WITHIN_S)

    def start(
        self,
        *arguments: str,
        stdout: IO[Any],
        stderr: IO[Any],
        stdin: IO[Any] | None = None,
        environment: dict[str, str] | None = None,
    ) -> WarmProcess:
        """Start ``python ARGUMENTS``, with this process's environment and what is named beside it."""
        answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {"arguments": arguments, "environment": _environment() | (environment or {})}
        with theirs, open(os.devnull, "rb") as nothing:  # noqa: PTH123 - no path
            files = [(stdin or nothing).fileno(), stdout.fileno(), stderr.fileno(), theirs.fileno()]
            socket.send_fds(self._started(), [json.dumps(request).encode()], files)
        return WarmProcess(answers)

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        within_s: float = 50.0,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python ARGUMENTS`` to its end and return what it printed.

        Raises:
            TimeoutError: It did not end in time; it was killed.
        """
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin.encode())
            given.seek(0)
            process = self.start(*arguments, stdin=given, stdout=out, stderr=err, environment=environment)
            try:
                code = process.wait_here(within_s)
            finally:
                process.kill()
            printed = [_text(file) for file in (out, err)]
        return subprocess.CompletedProcess(arguments, code, *printed)

    def _started(self) -> socket.socket:
        if self._requests is None:
            self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                    cwd=ROOT,
                    env=_environment(),
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # an interrupt at the keyboard is for the tests alone
                )
        return self._requests


def _environment() -> dict[str, str]:
    """Ours, but for what would make every process that is started by another one compile the bridge anew."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | _SWITCHES


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


# -- in the Python that is kept warm


def _serve(requests: socket.socket) -> list[str] | None:
    """Return None once nobody can ask any more; in a process that was asked for, return its arguments."""
    while True:
        message, files, _, _ = socket.recv_fds(requests, _LONGEST, 4)
        _bury()
        if not message:
            return None
        *streams, answers = files
        if os.fork() == 0:
            requests.close()
            if (pid := os.fork()) == 0:
                os.close(answers)
                return _become(json.loads(message), streams)
            _keep(pid, answers)
        for file in files:
            os.close(file)


def _keep(pid: int, answers: int) -> None:
    """Tell a process's number and how it ended: only its parent learns that."""
    with socket.socket(fileno=answers) as told:
        told.send(b"%d" % pid)
        _, status = os.waitpid(pid, 0)
        told.send(b"%d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _bury() -> None:
    with contextlib.suppress(ChildProcessError):  # none is left
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _become(request: dict[str, Any], streams: list[int]) -> list[str]:
    for number, file in enumerate(streams):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    arguments: list[str] = request["arguments"]
    return arguments


def _run(arguments: list[str]) -> None:
    """Do what ``python ARGUMENTS`` does, for a module or a script."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = str(Path(arguments[0]).parent)
        runpy.run_path(arguments[0], run_name="__main__")


def _import_everything() -> None:
    """Import what the bridge imports when it comes to it: every module, but those that run when imported."""
    import mcstatus  # noqa: F401, PLC0415 - same

    import bridge  # noqa: PLC0415 - only here, and not in the tests' own process

    for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)


if __name__ == "__main__":
    _import_everything()
    gc.freeze()  # what is there stays: nobody need look through it again
    wanted = _serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        _run(wanted)
