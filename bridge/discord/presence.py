"""What the bot shows below its name: only the newest text, within the gateway's limit."""

from __future__ import annotations

import asyncio
from typing import Final

LIMIT: Final = 128  # characters
EVERY_S: Final = 5.0  # Discord takes five changes in twenty seconds, and closes the session over more


class Presence:
    """A slot for one text: who sets it again before it was shown replaces it."""

    def __init__(self) -> None:
        self._text: str | None = None
        self.due = asyncio.Event()
        """Set while the session has not been told of the newest text."""

    @property
    def text(self) -> str | None:
        """The text to show; None for none."""
        return self._text

    def show(self, text: str | None) -> None:
        """Show this from now on, in this session and in those to come."""
        text = text[:LIMIT] if text else None
        if text != self._text:
            self._text = text
            self.due.set()

    def begin(self) -> None:
        """Tell a session that has just become complete, too."""
        if self._text is not None:
            self.due.set()
