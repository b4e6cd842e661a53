"""The demo page: type in the game, on Discord or on the website, and read it in the other two."""

from __future__ import annotations

from .page import DemoPage

__all__ = ["DemoPage"]
