"""The benchmarks of the whole bridge run and end with one JSON object; what they measure is not looked at."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.warm import WarmPython

BENCHMARKS: Final = Path(__file__).parent / "benchmarks"
SMALLEST: Final = {
    "latency": ("--seconds", "1"),
    "flood": ("--lines", "20", "--seconds", "1"),
    "idle": ("--settle", "0", "--seconds", "1"),
}


async def ran(warm: WarmPython, name: str) -> tuple[int, dict[str, Any]]:
    """Run a benchmark in its smallest form; return its exit code and the object in its last line."""
    script = str(BENCHMARKS / f"{name}.py")
    done = await asyncio.to_thread(warm.run, script, *SMALLEST[name], within_s=100.0)
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert result["benchmark"] == name
    return done.returncode, result


@pytest.mark.timeout(120)  # three bridges start at once
async def test_the_whole_bridge_can_be_measured(warm: WarmPython) -> None:
    results = await asyncio.gather(*(ran(warm, name) for name in SMALLEST))
    assert [code for code, _ in results] == [0, 0, 0], results
    latency, flood, idle = (result for _, result in results)
    for way in ("to_discord", "to_game"):
        assert latency[f"{way}_lines"] == latency[f"{way}_arrived"] == 10
        assert latency[f"{way}_ms_median"] <= latency[f"{way}_ms_p99"] <= latency[f"{way}_ms_most"]
    assert flood["lines"] == flood["arrived"] == 20
    assert flood["twice"] == flood["answers_429"] == 0
    assert flood["share"] >= 1
    assert idle["resident_mb"] > 0
    assert idle["cpu_percent"] >= 0
