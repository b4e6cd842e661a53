"""Answers what programs ask."""

from __future__ import annotations

from bridge.features.contract import Parts
from bridge.features.queries.api import QueriedPlayer, QueriedPlayers, QueryCall
from bridge.features.queries.asking import answer, cursor_at, place_at
from bridge.statistics.activity import band_of
from bridge.store.statistics.queries import Figures
from bridge.store.times import from_ms
from bridge.website.api import next_page


async def answer_call(parts: Parts, call: QueryCall) -> QueriedPlayers:
    """Return a page of the players whom a query finds.

    Raises:
        ApiRefused: 422: a cursor of something else.
    """
    page = call.query
    after = None if page.cursor is None else place_at(page.cursor, call.body.sort)
    found = await answer(parts, call.body, after, most=page.limit)
    return QueriedPlayers(
        total=found.total,
        players=tuple(map(_player, found.players)),
        next=next_page(call.request, None if found.next is None else cursor_at(found.next)),
    )


def _player(figures: Figures) -> QueriedPlayer:
    return QueriedPlayer(
        name=figures.name,
        uuid=figures.uuid,
        first_seen=from_ms(figures.first_ms),
        last_seen=from_ms(figures.last_ms),
        play_time_s=figures.seconds,
        play_time_30_days_s=figures.recent_s,
        sessions=figures.sessions,
        activity_index=round(figures.activity, 3),
        activity_band=band_of(figures.activity),
    )
