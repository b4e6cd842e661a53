"""The process that unpacks and reads old logs: ``python -m bridge.minecraft.imports.worker``.

It takes a job on its standard input and answers with frames, each a length and MessagePack: reading is most
of an import's work, and the process that writes the journal has the other core. It ends when nobody listens.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, BinaryIO, Final, TypeAlias

import msgspec
import structlog

from bridge.journal.rows import EncodedDrafts, encode_drafts
from bridge.minecraft.imports.logs import Facts, FileRead, Hole, LogJob, OldLogs, Told

_LENGTH_BYTES: Final = 4
_LONGEST: Final = 64 * 1024 * 1024  # bytes of a frame; those of 256 KiB of log have some 400 KB


class ReadingFailed(Exception):
    """The process that reads has ended before its time; the message holds what it said."""


class Rows(msgspec.Struct, frozen=True, kw_only=True, tag="rows"):
    """What some lines told, ready to be written."""

    values: list[Any]
    kinds: list[str]
    lines: int
    read: int  # bytes of the file on disk that are done with

    @property
    def drafts(self) -> EncodedDrafts:
        """What the journal takes."""
        return EncodedDrafts(self.values, set(self.kinds))


Frame: TypeAlias = Rows | Hole | FileRead
_frame_of: Final = msgspec.msgpack.Decoder(Frame).decode
_encode: Final = msgspec.msgpack.Encoder().encode


class OldLogsInChild:
    """A child process that reads a job."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield what the child tells, until it is done.

        Raises:
            ReadingFailed: It has ended before.
        """
        stdout, stderr = self._process.stdout, self._process.stderr
        assert stdout is not None  # noqa: S101 - it was asked for
        assert stderr is not None  # noqa: S101 - it was asked for
        said = asyncio.create_task(stderr.read())
        try:
            while True:
                try:
                    length = int.from_bytes(await stdout.readexactly(_LENGTH_BYTES), "big")
                    frame = await stdout.readexactly(length)
                except asyncio.IncompleteReadError:
                    break
                yield _frame_of(frame)
            code = await self._process.wait()
            if code != 0:
                lines = (await said).decode(errors="replace").strip().splitlines()
                raise ReadingFailed(lines[-1] if lines else f"exit {code}")
        finally:
            said.cancel()


@asynccontextmanager
async def reading(job: LogJob) -> AsyncIterator[OldLogsInChild]:
    """Start a child that reads a job, and end it with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=_LONGEST // 64,
        process_group=0,  # Ctrl-C is for the parent, which ends it
    )
    try:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.write(msgspec.json.encode(job))
        process.stdin.close()
        yield OldLogsInChild(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _framed(told: Told, words_from: datetime | None, *, dry: bool) -> Frame:
    if not isinstance(told, Facts):
        return told
    rows = EncodedDrafts([], set()) if dry else encode_drafts(told.drafts, words_from=words_from)
    return Rows(values=rows.values, kinds=sorted(rows.kinds), lines=told.lines, read=told.read)


def _frames(job: LogJob) -> Iterator[bytes]:
    for told in OldLogs(job).read():
        yield _encode(_framed(told, job.words_from, dry=job.dry))


def serve(taken: BinaryIO, given: BinaryIO) -> None:
    """Read the job in *taken* and write its frames to *given*, until it is done or nobody listens."""
    job = msgspec.json.decode(taken.read(), type=LogJob)
    gc.freeze()  # what was imported stays
    try:
        for frame in _frames(job):
            given.write(len(frame).to_bytes(_LENGTH_BYTES, "big") + frame)
            given.flush()
    except BrokenPipeError:  # the parent has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), given.fileno())  # or closing it would fail again


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    serve(sys.stdin.buffer, sys.stdout.buffer)
