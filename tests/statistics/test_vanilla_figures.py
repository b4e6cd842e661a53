"""Units, groups and main figures of what the game counts."""

from __future__ import annotations

import pytest

from bridge.statistics.vanilla import (
    CUSTOM,
    DayFigures,
    Unit,
    day_figures,
    in_unit,
    ranked,
    totals_of,
    unit_of,
)


@pytest.mark.parametrize(
    ("key", "unit", "value"),
    [
        ("play_time", Unit.SECONDS, 50.0),  # 1000 ticks, 20 a second
        ("walk_one_cm", Unit.METRES, 10.0),
        ("damage_dealt", Unit.HEALTH, 100.0),
        ("jump", Unit.COUNT, 1000),
    ],
)
def test_figures_in_their_units(key: str, unit: Unit, value: float) -> None:
    assert (unit_of(CUSTOM + key), in_unit(CUSTOM + key, 1000)) == (unit, value)


def test_a_thing_whose_name_ends_like_a_unit_is_counted() -> None:
    assert unit_of("minecraft:mined/odd:brick_one_cm") is Unit.COUNT


def test_what_players_are_compared_by() -> None:
    figures = {
        CUSTOM + "deaths": 2,
        "minecraft:killed/minecraft:zombie": 3,
        "minecraft:mined/minecraft:stone": 10,
        "minecraft:mined/minecraft:deepslate_diamond_ore": 4,
        "minecraft:used/minecraft:bread": 7,
    }
    assert totals_of(figures) == {"minecraft:mined": 14, "minecraft:used": 7}
    assert ranked(figures) == {
        CUSTOM + "deaths": 2,
        "minecraft:killed/minecraft:zombie": 3,
        "minecraft:mined/minecraft:deepslate_diamond_ore": 4,
        "minecraft:mined": 14,
        "minecraft:used": 7,
    }


def test_the_main_figures() -> None:
    """Walked: 100 + 20 + 3; ridden: 400 by horse and 5 in a boat; a fall is none of them."""
    ways = {
        "walk": 100,
        "sprint": 20,
        "crouch": 3,
        "horse": 400,
        "boat": 5,
        "fall": 9,
        "aviate": 7,
        "swim": 8,
    }
    figures = {f"{CUSTOM}{way}_one_cm": cm for way, cm in ways.items()} | {CUSTOM + "jump": 6}
    assert day_figures(figures) == DayFigures(walked_cm=123, ridden_cm=405, flown_cm=7, swum_cm=8, jumps=6)
