"""The owner's link as a person gets it: printed beside a daemon that runs."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import stat
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bridge.cli.out import ExitCode
from bridge.features.sign_in.links import read_link
from bridge.website.secrets import site_key
from tests.warm import WarmPython

LoginLink = Callable[..., subprocess.CompletedProcess[str]]
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings(folder: Path, website: str) -> Path:
    config = folder / "bridge.yml"
    config.write_text(
        f"data: data\nservers:\n  a:\n    log: {{path: latest.log}}\nwebsite: {{{website}}}\n",
        encoding="utf-8",
    )
    return config


@pytest.fixture
def login_link(warm: WarmPython) -> LoginLink:
    """Return a function that asks for a link."""

    def run(config: Path, language: str = "en_GB.UTF-8") -> subprocess.CompletedProcess[str]:
        return warm.run("-m", "bridge", "login-link", str(config), environment={"LC_ALL": language})

    return run


@asynccontextmanager
async def daemon(warm: WarmPython, config: Path) -> AsyncIterator[None]:
    """Run the bridge for the length of a block."""
    said = config.with_name("bridge.log")
    with said.open("wb") as log:
        process = warm.start("-m", "bridge", "run", str(config), stdout=log, stderr=log)
    try:
        async with asyncio.timeout(40):
            while "website is up" not in said.read_text(encoding="utf-8"):
                assert process.returncode is None, said.read_text(encoding="utf-8")
                await asyncio.sleep(0.01)
        yield
    finally:
        process.terminate()
        await process.wait()


async def test_a_link_that_is_printed_while_the_bridge_runs_signs_in_once(
    login_link: LoginLink, warm: WarmPython, tmp_path: Path
) -> None:
    config = settings(tmp_path, f"port: {free_port()}")
    async with daemon(warm, config):
        done = await asyncio.to_thread(login_link, config)
        assert done.returncode == ExitCode.OK, done.stderr
        (link,) = done.stdout.split()
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as browser:
            async with browser.get(link) as page:
                found = CSRF.search(await page.text())
                assert found is not None
            for status in (303, 403):  # the form of the visitor is not the owner's any more
                async with browser.post(link, data={"csrf": found[1]}, allow_redirects=False) as answer:
                    assert answer.status == status
            async with browser.get(link.partition("/sign-in")[0] + "/staff") as page:
                assert page.status == 200


def test_the_link_stands_alone_and_what_it_is_good_for_beside_it(
    login_link: LoginLink, tmp_path: Path
) -> None:
    config = settings(tmp_path, 'public-url: "https://mc.example.org/"')
    (tmp_path / "data").mkdir()
    done = login_link(config)
    assert done.returncode == ExitCode.OK
    address, _, token = done.stdout.strip().rpartition("/")
    assert address == "https://mc.example.org/sign-in/owner"
    assert read_link(site_key(tmp_path / "data"), token, datetime.now(UTC)) is not None
    assert "It works once" in done.stderr
    assert "this machine" not in done.stderr
    key = tmp_path / "data" / "website.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_key_that_root_makes_belongs_to_the_bridge(login_link: LoginLink, tmp_path: Path) -> None:
    config = settings(tmp_path, "port: 8080")
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 12345, 12345)
    assert login_link(config).returncode == ExitCode.OK
    assert (tmp_path / "data" / "website.key").stat().st_uid == 12345


@pytest.mark.parametrize(
    ("website", "address", "local"),
    [
        ("port: 8080", "http://127.0.0.1:8080/", True),
        ('host: "0.0.0.0", port: 80', "http://127.0.0.1:80/", True),
        ('host: "::1", port: 80', "http://[::1]:80/", True),
    ],
)
def test_without_a_public_address_the_link_is_for_this_machine(
    login_link: LoginLink, website: str, address: str, local: bool, tmp_path: Path
) -> None:
    config = settings(tmp_path, website)
    (tmp_path / "data").mkdir()
    done = login_link(config)
    assert done.stdout.startswith(address)
    assert ("website.public-url" in done.stderr) is local


@pytest.mark.parametrize(
    ("website", "code", "told"),
    [
        ("enabled: false", ExitCode.SETTINGS, "website.enabled"),
        ("port: 0", ExitCode.SETTINGS, "website.public-url"),
        ("port: 8080", ExitCode.UNAVAILABLE, "Start the bridge"),
        ("prot: 1", ExitCode.SETTINGS, "did you mean 'port'?"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    login_link: LoginLink, website: str, code: ExitCode, told: str, tmp_path: Path
) -> None:
    done = login_link(settings(tmp_path, website))
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


def test_a_key_that_is_none_is_told(login_link: LoginLink, tmp_path: Path) -> None:
    config = settings(tmp_path, "port: 8080")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "website.key").write_text("short", encoding="utf-8")
    done = login_link(config, "fr_FR.UTF-8")
    assert (done.returncode, done.stdout) == (ExitCode.UNAVAILABLE, "")
    assert "website.key" in done.stderr
