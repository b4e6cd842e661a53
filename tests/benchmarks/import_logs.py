"""Measures ``passerelle import logs``: ``python tests/benchmarks/import_logs.py [--days N] [--lines N]``.

A year of a pretend server's daily files is read by the command itself, in its own processes. Prints one
figure a line; the last line is one JSON object with all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from tests.old_logs import OldServer

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def resident_mb(pid: int) -> float:
    """What a process and its children hold in memory, in megabytes."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (OSError, IndexError):  # it has ended
        return 0.0
    return pages * PAGE_MB + sum(resident_mb(int(child)) for child in children)


def processor_s() -> float:
    """What all processes that have ended took of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: Path, *options: str) -> tuple[float, float, list[float]]:
    """Run an import; return its seconds by the clock and of a processor, and its memory over that time."""
    command = [sys.executable, "-m", "bridge", "import", "logs", "logs", "--server", "survival", *options]
    begun, used_s, memory = time.perf_counter(), processor_s(), list[float]()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    ended = threading.Event()

    def watch() -> None:
        """Look ten times a second."""
        while not ended.wait(0.1):
            memory.append(resident_mb(process.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    code = process.wait()
    took_s = time.perf_counter() - begun
    ended.set()
    watching.join()
    assert code == 0, code
    return took_s, processor_s() - used_s, memory


def measure(folder: Path, days: int, lines_a_day: int) -> dict[str, float]:
    """All figures, for a database and logs in *folder*."""
    server = OldServer(folder / "logs", date(2025, 1, 1), lines_a_day=lines_a_day)
    server.live(days)
    (folder / "bridge.yml").write_text(
        "data: data\nservers:\n  survival: {log: {path: logs/latest.log}}\n", encoding="utf-8"
    )
    dry_s, dry_used_s, _ = run(folder, "--dry-run")
    took_s, used_s, memory = run(folder)
    again_s, _, _ = run(folder)
    return {
        "files": len(server.files),
        "lines": server.lines,
        "facts_share": round(server.told.total() / server.lines, 3),
        "packed_mb": round(sum(file.stat().st_size for file in server.files) / 1e6, 1),
        "dry_run_lines_per_s": round(server.lines / dry_s),
        "dry_run_lines_per_cpu_s": round(server.lines / dry_used_s),
        "lines_per_s": round(server.lines / took_s),
        "lines_per_cpu_s": round(server.lines / used_s),
        "second_run_s": round(again_s, 2),
        "resident_mb_at_a_quarter": round(memory[len(memory) // 4], 1),
        "resident_mb_most": round(max(memory), 1),
        "database_mb": round((folder / "data" / "passerelle.db").stat().st_size / 1e6, 1),
    }


def main() -> None:
    """Generate, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--lines", type=int, default=8000, help="lines a day")
    options.add_argument("--folder", type=Path, help="where to put logs and database for that time")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        figures = measure(Path(folder), chosen.days, chosen.lines)
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps({"benchmark": "import_logs", **figures}))


if __name__ == "__main__":
    main()
