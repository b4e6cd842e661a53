"""Pictures, made by the real renderer with the font that is there."""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import replace

import pytest

from bridge.charts import LIGHT, AnyChart, NoPictures, Sparkline, to_png
from bridge.locales import Catalogue
from tests.charts.conftest import CHARTS

EN = Catalogue.load("en")


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_picture_is_as_large_as_discord_shows_it(chart: AnyChart, catalogue: Catalogue) -> None:
    width, height = size_of(to_png(chart, catalogue))
    if not isinstance(chart, Sparkline):
        assert width == 800
        assert 100 <= height <= 500


def test_texts_are_in_the_picture() -> None:
    """Without its font the renderer leaves them out and says nothing."""
    titles = ("", "é", "Ω", "ж", "★")
    drawn = [pixels(to_png(replace(CHARTS["bars"], title=title), EN, LIGHT)) for title in titles]
    assert len(set(drawn)) == len(titles)


def pixels(png: bytes) -> bytes:
    """Return the content of a picture."""
    found, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            found += png[at + 8 : at + 8 + length]
        at += length + 12
    return zlib.decompress(found)


def test_without_the_renderer_there_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NoPictures, match="pip install resvg-py"):
        to_png(CHARTS["bars"], EN)
