"""The website's own key, in a file beside the database; whoever comes first makes it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

FILE_NAME: Final = "website.key"
KEY_BYTES: Final = 32


class KeyUnusable(Exception):
    """The key's file cannot be read or written, or holds something else."""


def site_key(folder: Path) -> bytes:
    """Return the key of the website whose data is in *folder*, making it the first time; blocks.

    Whoever can read it can sign in: the file is for its owner only (0600).

    Raises:
        KeyUnusable: It cannot be read or made, or is no key; says which file and what to do.
    """
    path = folder / FILE_NAME
    try:
        with contextlib.suppress(FileExistsError):
            _make(path)
        key = path.read_bytes()
    except OSError as exc:
        raise KeyUnusable(
            f"{path}: {os.strerror(exc.errno or 0)}; the bridge must be able to read it"
        ) from exc
    if len(key) != KEY_BYTES:
        raise KeyUnusable(
            f"{path} holds {len(key)} bytes instead of {KEY_BYTES}; remove it, and everybody signs in again"
        )
    return key


def _make(path: Path) -> None:
    """Write a new key in one step, so that nobody reads half of one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        os.link(draft, path)  # fails where somebody was quicker
    finally:
        draft.unlink()
