"""What players did on a server lately, as its page tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from bridge.events import Event, PlayerAdvanced, PlayerDied, PlayerJoined, ServerId
from bridge.features.telling import NOTICES, Teller
from bridge.store import Store
from bridge.store.happenings import Happening, recent_happenings
from bridge.text import to_html

MOST: Final = 10
_KINDS: Final[tuple[type[Event], ...]] = (PlayerJoined, PlayerDied, PlayerAdvanced)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a player did; ``html`` is ours and safe."""

    symbol: str  # the drawing that goes with it
    html: Markup
    at: datetime


async def recent_deeds(store: Store, server: ServerId, teller: Teller) -> list[Deed]:
    """Return what may be told of a server's players, the newest first; nothing where names are kept.

    Raises:
        StoreError: The database cannot be read.
    """
    if not teller.settings.website.show_players:
        return []
    kinds = [kind for kind in _KINDS if teller.notice_settings(NOTICES[kind]).enabled]
    async with store.reading() as conn:
        found = await recent_happenings(conn, server, kinds, most=3 * MOST)
    return _told(found, teller)[:MOST]


def _told(found: Sequence[Happening], teller: Teller) -> list[Deed]:
    deeds: list[Deed] = []
    for happening in found:
        text = teller.notice(happening.event)
        if text is not None and text.plain.strip():
            symbol = happening.event.kind.partition(".")[2]
            html = Markup(to_html(text))  # noqa: S704 - to_html escapes what people typed
            deeds.append(Deed(symbol, html, happening.event.at))
    return deeds
