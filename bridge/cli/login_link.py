"""``passerelle login-link``: prints a link that signs the owner in, whether or not the bridge runs.

Nothing is asked of the daemon, which alone may write to the database: the link is signed with a key that both
read, and the daemon remembers the links that were used.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bridge.cli.check import loaded_or_told
from bridge.cli.out import ExitCode, Mark, complain, marked, tell, words
from bridge.config.settings import WebsiteSettings
from bridge.features.sign_in.links import LINK_S, PATH, make_link
from bridge.store import database_file
from bridge.website.secrets import FILE_NAME, KeyUnusable, site_key

_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - where somebody else listens


def login_link(config: Path) -> ExitCode:
    """Print the link alone, so that it can be piped, and beside it what it is good for."""
    loaded = loaded_or_told(config)
    if loaded is None:
        return ExitCode.SETTINGS
    website = loaded.settings.website
    if not website.enabled:
        return _told("cli.login-link.off", ExitCode.SETTINGS)
    if website.public_url is None and website.port == 0:
        return _told("cli.login-link.no-port", ExitCode.SETTINGS)
    folder = database_file(loaded.settings.data).parent
    if not folder.is_dir():
        return _told("cli.login-link.no-data", ExitCode.UNAVAILABLE, folder=str(folder))
    try:
        key = _shared_key(folder)
    except KeyUnusable as exc:
        complain(marked(Mark.BAD, str(exc)))
        return ExitCode.UNAVAILABLE
    now = datetime.now(UTC)
    tell(_address(website) + PATH + make_link(key, now))
    until = (now + timedelta(seconds=LINK_S)).astimezone()
    complain(words().plain("cli.login-link.once", time=f"{until:%H:%M}"))
    if website.public_url is None:
        complain(marked(Mark.WARNING, words().plain("cli.login-link.local")))
    return ExitCode.OK


def _told(key: str, code: ExitCode, **values: str) -> ExitCode:
    complain(marked(Mark.BAD, words().plain(key, **values)))
    return code


def _address(website: WebsiteSettings) -> str:
    """Return where the website is, without a slash at the end."""
    if website.public_url is not None:
        return website.public_url.rstrip("/")
    host = "127.0.0.1" if website.host in _EVERYWHERE else website.host
    return f"http://{f'[{host}]' if ':' in host else host}:{website.port}"


def _shared_key(folder: Path) -> bytes:
    """Return the website's key; one that root makes here belongs to whom the folder belongs to.

    Raises:
        KeyUnusable: It cannot be read or made.
    """
    key = site_key(folder)
    owner, file = folder.stat(), folder / FILE_NAME
    if os.geteuid() == 0 and file.stat().st_uid != owner.st_uid:
        os.chown(file, owner.st_uid, owner.st_gid)
    return key
