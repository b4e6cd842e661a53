from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.website.secrets import KeyUnusable, site_key


def test_whoever_comes_first_makes_the_key_and_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(site_key, [tmp_path / "data"] * 8))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["website.key"]
    assert (tmp_path / "data" / "website.key").stat().st_mode & 0o777 == 0o600


def test_what_is_no_key_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "website.key").write_bytes(b"short")
    with pytest.raises(KeyUnusable, match="remove it"):
        site_key(tmp_path)
    (tmp_path / "website.key").unlink()
    (tmp_path / "website.key").mkdir()
    with pytest.raises(KeyUnusable, match="directory"):
        site_key(tmp_path)
