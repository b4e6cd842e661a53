"""Golden logs: ``golden/*.txt`` hold lines, each followed by what it tells, ``-> kind | player | text``."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from bridge.minecraft.log.explain import LineReport, explain_file

_GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
_TOLD = "    -> "


def _read(path: Path) -> tuple[list[str], list[str]]:
    """The log's lines, and what each of them is expected to tell."""
    lines: list[str] = []
    told: list[str] = []
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        if line.startswith(_TOLD):
            told[-1] = line.removeprefix(_TOLD)
        elif not line.startswith("# "):
            lines.append(line)
            told.append("")
    return lines, told


def _words(report: LineReport) -> str:
    if report.kind is None:
        return ""
    return " | ".join((report.kind, report.player or "", report.text or "")).rstrip(" |")


@pytest.mark.parametrize("path", _GOLDEN, ids=lambda path: path.stem)
def test_each_line_tells_what_is_written_below_it(path: Path) -> None:
    lines, told = _read(path)
    reports = list(explain_file(line.encode() for line in lines))
    assert [(line, _words(report)) for line, report in zip(lines, reports, strict=True)] == list(
        zip(lines, told, strict=True)
    )


@pytest.mark.parametrize("path", _GOLDEN, ids=lambda path: path.stem)
def test_line_ends_of_windows_and_colours_of_a_terminal_change_nothing(path: Path) -> None:
    lines, told = _read(path)
    coloured = [b"\x1b[0;37;1m" + line.encode() + b"\x1b[m\r\n" for line in lines]
    assert [_words(report) for report in explain_file(coloured)] == told


def test_the_golden_logs_are_many() -> None:
    heads = [
        list(takewhile(lambda line: line.startswith("# "), path.read_text().split("\n"))) for path in _GOLDEN
    ]
    assert len(_GOLDEN) >= 20
    assert all(heads), "each golden log says in its first line what it shows"
