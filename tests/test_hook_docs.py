"""What docs/hooks.md and the guides show of hooks works: its examples are run as they stand there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bridge.config.load import load
from bridge.config.outside import HookKind
from bridge.config.settings import BridgeSettings
from bridge.events import HookReceived
from bridge.features.contract import Parts
from bridge.features.hooks_in import HooksIn
from bridge.journal import SourceName, SqliteJournal
from bridge.locales import Catalogue
from bridge.store import Store, migrate_here
from bridge.website import Site
from bridge.website.signing import signed

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
SECRET = "the secret of the page"
ZONES = (ZoneInfo("UTC"),)
"""Read before anything runs, as the settings do; from then on it is kept in memory."""


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


@asynccontextmanager
async def taking(folder: Path) -> AsyncIterator[tuple[str, SqliteJournal]]:
    """Run a site that takes the hook of the examples; yield its address and the journal."""
    settings = BridgeSettings.model_validate(
        {
            "servers": {"survival": {"status": {}}},
            "website": {"port": 0},
            "hooks": {"in": {"shop": {"secret": SECRET}}},
        }
    )
    catalogue = Catalogue.load("en")
    store = await Store.open(folder / "data", migrate=migrate_here)
    async with store, SqliteJournal(store) as journal:
        site = Site(settings.website, catalogue, community="Stonebridge")
        parts = Parts(
            settings=settings,
            catalogue=catalogue,
            journal=journal,
            store=store,
            site=site,
        )
        HooksIn(parts)
        task = asyncio.create_task(site.run())
        try:
            async with asyncio.timeout(10):
                await site.listening.wait()
            yield f"{site.url}/hooks/shop", journal
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def said_by(url: str, *command: str) -> str:
    """Run an example as a program of its own and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "HOOK_URL": url, "HOOK_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        told, _ = await process.communicate()
    return told.decode()


async def test_the_examples_of_signing_are_taken(tmp_path: Path) -> None:
    (shell,) = [block for block in blocks("sh") if "openssl dgst" in block]
    (python,) = [block for block in blocks("python") if "urllib" in block]
    async with taking(tmp_path) as (url, journal):
        assert await said_by(url, "sh", "-c", shell) == '{"accepted": true}'
        assert await said_by(url, "sh", "-c", shell) == '{"accepted": true, "repeated": true}'
        assert await said_by(url, sys.executable, "-c", python) == '202 {"accepted": true}\n'
        records = await journal.recent(SourceName("hook:shop"), (HookReceived,), most=10)
    events = [record.event for record in records if isinstance(record.event, HookReceived)]
    assert [(event.delivery, event.event) for event in events] == [
        ("order-1001", "payment.completed"),
        ("order-1002", "payment.completed"),
    ]


@pytest.mark.parametrize("guide", ["README.md", "docs/fr/guide.md"])
async def test_the_example_of_the_guides_is_taken(guide: str, tmp_path: Path) -> None:
    page = (ROOT / guide).read_text(encoding="utf-8")
    (shell,) = [block for block in blocks("sh", page) if "openssl dgst" in block]
    assert "https://mc.example.org/hooks/shop" in shell
    async with taking(tmp_path) as (url, _):
        here = shell.replace("https://mc.example.org/hooks/shop", url)
        assert await said_by(url, "sh", "-c", here) == '{"accepted": true}'


def test_the_example_of_looking_at_a_signature_knows_ours() -> None:
    (example,) = [block for block in blocks("python") if "is_from_the_bridge" in block]
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - the page's own code
    check: Callable[..., bool] = names["is_from_the_bridge"]
    body, now = b'{"id": "1"}', datetime.now(UTC)
    right = signed(SecretStr(SECRET), id_="1", at=now, body=body)
    assert check(right, body, SECRET)
    assert not check(right, body + b" ", SECRET)
    assert not check(right, body, "another secret")
    assert not check({}, body, SECRET)
    old = signed(SecretStr(SECRET), id_="1", at=now - timedelta(minutes=6), body=body)
    assert not check(old, body, SECRET)


def test_the_examples_in_php_use_the_same_words() -> None:
    """No PHP here to run them: they must at least name what the others do."""
    sending, taking_ = blocks("php")
    for words in (
        "X-Passerelle-Id: ",
        "X-Passerelle-Timestamp: ",
        "X-Passerelle-Signature: v1=",
        "application/json",
    ):
        assert words in sending
    for example in (sending, taking_):
        assert "hash_hmac('sha256', 'v1:' . $timestamp . '.' . " in example
    assert "hash_equals(" in taking_


@pytest.mark.parametrize("block", blocks("yml"), ids=lambda block: block.split()[2])
def test_every_example_of_settings_passes_the_check(block: str, tmp_path: Path) -> None:
    file = tmp_path / "bridge.yml"
    around = """\
servers: {survival: {rcon: {password: correct horse}}}
discord: {token: "${TOKEN}", guild: "110373943822540800", channels: {main: "110373943822540801"}}
"""
    file.write_text(around + block, encoding="utf-8")
    file.chmod(0o600)
    secrets = {name: f"the value of {name}".replace(" ", "-") for name in re.findall(r"\$\{(\w+)\}", block)}
    loaded = load(file, {"TOKEN": f"{'M' * 24}.GabcdE.{'x' * 38}", **secrets})
    assert [str(warning) for warning in loaded.warnings if "hooks" in str(warning)] == []


def test_every_kind_of_sender_is_told() -> None:
    assert [kind for kind in HookKind if f"\n| `{kind}` |" not in PAGE] == []
