"""Charts as PNG, for Discord and mail."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from bridge.charts.canvas import Size
from bridge.charts.svg import to_svg
from bridge.charts.themes import DARK, Theme
from bridge.charts.value import AnyChart
from bridge.locales import Catalogue

_SYSTEMS: Final = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",  # Debian
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",  # Fedora
    "/usr/share/fonts/TTF/DejaVuSans.ttf",  # Arch
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",  # Alpine
)


class NoPictures(Exception):
    """No picture can be made on this machine; says what is missing."""


def to_png(chart: AnyChart, catalogue: Catalogue, theme: Theme = DARK, *, size: Size | None = None) -> bytes:
    """Return a chart as a picture; takes tens of milliseconds and reads files, so it is called in a thread.

    Raises:
        NoPictures: What draws is not installed; ``spark_text`` makes do without.
    """
    renderer, font = _renderer(), _font()
    svg = to_svg(chart, catalogue, theme, size=size)
    # A scan of the system's fonts takes 50 ms, and without a font texts would silently be missing.
    made: bytes = renderer.svg_to_bytes(svg_string=svg, font_files=[str(font)], skip_system_fonts=True)
    return made


def _renderer() -> ModuleType:
    try:
        import resvg_py  # noqa: PLC0415 - 3 MB that only pictures need
    except ImportError as exc:
        raise NoPictures("the package resvg-py is not installed; pip install resvg-py") from exc
    return resvg_py


@cache
def _font() -> Path:
    """Return where DejaVu Sans is: in the package that brings it, or among the system's fonts."""
    package = importlib.util.find_spec("ziafont")
    folders = package.submodule_search_locations if package is not None else None
    ours = [Path(folder) / "fonts" / "DejaVuSans.ttf" for folder in folders or ()]
    for path in (*ours, *map(Path, _SYSTEMS)):
        if path.is_file():
            return path
    raise NoPictures("the font DejaVu Sans is not found; pip install ziafont, which brings it")
