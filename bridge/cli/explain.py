"""``passerelle explain-line``: what a log line means and why; or a whole log as JSON."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from bridge.cli.out import ExitCode, complain, tell, words
from bridge.config.settings import DialectName
from bridge.minecraft.log.explain import Explanation, explain_file
from bridge.minecraft.log.explain import explain as explain_line


def explain(line: str | None, *, file: str | None, dialect: str) -> ExitCode:
    """Explain *line* in words, or every line of *file* (``-``: standard input) as JSON."""
    if dialect not in list(DialectName):
        complain(words().plain("cli.explain.no-dialect", dialect=dialect, known=", ".join(DialectName)))
        return ExitCode.FAILED
    chosen = DialectName(dialect)
    if file is not None:
        return _explain_file(file, chosen)
    for row in _rows(explain_line(line or "", dialect=chosen)):
        tell(row)
    return ExitCode.OK


def _rows(found: Explanation) -> list[str]:
    """Return the meaning first, then the parts that it was read from."""
    say = words().plain
    parts = {
        "kind": found.kind,
        "layout": found.layout,
        "thread": found.thread,
        "level": found.level,
        "logger": found.logger,
        "message": found.message,
    }
    labelled = {say(f"explain.label.{name}"): value for name, value in parts.items() if value}
    width = max(map(len, labelled), default=0)
    rows = [f"  {label:<{width}}  {value}" for label, value in labelled.items()]
    return [say(found.sentence, **found.fields), *rows]


def _explain_file(file: str, dialect: DialectName) -> ExitCode:
    try:
        with closing(_opened(file)) as lines:
            for report in explain_file(lines, dialect=dialect, day=_day_of(file)):
                sys.stdout.write(report.json() + "\n")
    except OSError as exc:
        complain(words().plain("cli.explain.no-file", file=file, reason=exc.strerror or str(exc)))
        return ExitCode.UNAVAILABLE
    sys.stdout.flush()
    return ExitCode.OK


def _opened(file: str) -> BinaryIO:
    """Return the file's bytes; those of a rotated ``.gz`` unpacked.

    Raises:
        OSError: It cannot be read.
    """
    if file == "-":
        return sys.stdin.buffer
    if file.endswith(".gz"):
        import gzip  # noqa: PLC0415 - only rotated logs need it

        return gzip.open(file, "rb")  # type: ignore[return-value]  # a GzipFile reads like any binary file
    return Path(file).open("rb")


def _day_of(file: str) -> date | None:
    """Return the day in a rotated log's name, ``2026-05-01-2.log.gz``."""
    try:
        return datetime.strptime(Path(file).name[:10], "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None
