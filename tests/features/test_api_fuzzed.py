"""Schemathesis asks the whole API what its own document allows, and what it does not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.config.access import Permission
from bridge.events import PlayerJoined, ServerId
from bridge.website.pace import Limiter

if TYPE_CHECKING:
    from tests.features.conftest import House

AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
# Without positive_data_acceptance: a schema cannot say which cursors have been given out.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)


async def fuzzed(house: House, headers: dict[str, str], folder: Path, checks: Iterable[str]) -> str:
    """Return what Schemathesis says of the running API; empty if it found nothing."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{house.site.url}/api/v1/openapi.json",
        *(part for name, value in headers.items() for part in ("--header", f"{name}:{value}")),
        *("--checks", ",".join(checks)),
        *("--exclude-path", "/api/v1/stream"),  # it has no end
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "6", "--seed", "1", "--continue-on-failure", "--no-color"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return "" if process.returncode == 0 else said.decode()


@pytest.mark.timeout(240)
async def test_nothing_that_is_asked_breaks_the_api_or_its_word(house: House, tmp_path: Path) -> None:
    house.site.api.limiter = Limiter(1_000_000, 1)
    await house.happen(
        *(house.said("Nora", f"line {number}") for number in range(5)),
        PlayerJoined(at=AT, server=ServerId("survival"), player="Nora"),
    )
    headers = await house.token(*Permission)
    assert await fuzzed(house, headers, tmp_path, CHECKS) == ""
    assert await house.ask("/api/v1/records?limit=1", headers)
