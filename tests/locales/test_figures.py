"""What the game counts, in words and units of both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.locales import Catalogue
from bridge.locales.figures import advancement_name, figure_name, figure_value
from bridge.statistics.vanilla import CUSTOM, TOTALS

ENGLISH, FRENCH = Catalogue.load("en"), Catalogue.load("fr")


@pytest.mark.parametrize(
    ("key", "english", "french"),
    [
        (CUSTOM + "play_time", "Time played", "Temps de jeu"),
        (CUSTOM + "aviate_one_cm", "Distance by elytra", "Distance en élytres"),
        (CUSTOM + "llama_one_cm", "Distance: llama", "Distance\u202f: llama"),
        (CUSTOM + "clean_banner", "Clean banner", "Clean banner"),
        ("minecraft:mined/minecraft:stone", "Stone mined", "Minés\u202f: stone"),
        ("minecraft:mined/create:zinc_ore", "Zinc ore (create) mined", "Minés\u202f: zinc ore (create)"),
        ("minecraft:killed/minecraft:skeleton", "Skeleton killed", "Tués\u202f: Squelette"),
        ("minecraft:killed_by/minecraft:zombie", "Killed by Zombie", "Tué par\u202f: Zombie"),
        ("minecraft:killed/mod:ogre", "Ogre (mod) killed", "Tués\u202f: ogre (mod)"),
        ("minecraft:mined", "Blocks mined", "Blocs minés"),
        ("mod:smelted/minecraft:iron_ingot", "Iron ingot", "Iron ingot"),
    ],
)
def test_names(key: str, english: str, french: str) -> None:
    assert (figure_name(ENGLISH, key), figure_name(FRENCH, key)) == (english, french)


@pytest.mark.parametrize(
    ("key", "value", "english", "french"),
    [
        ("play_time", 20 * 3600 * 30, "1 day 6 h", "1 jour 6 h"),
        ("walk_one_cm", 45_678, "457 m", "457 m"),
        ("walk_one_cm", 1_234_567, "12.3 km", "12,3 km"),
        ("walk_one_cm", 1_234_567_890, "12,346 km", "12\u202f346 km"),
        ("damage_dealt", 50, "2.5 hearts", "2,5 cœurs"),
        ("jump", 12_345, "12,345", "12\u202f345"),
    ],
)
def test_values(key: str, value: int, english: str, french: str) -> None:
    assert (figure_value(ENGLISH, CUSTOM + key, value), figure_value(FRENCH, CUSTOM + key, value)) == (
        english,
        french,
    )


def test_every_total_has_a_name_of_ours() -> None:
    for key in TOTALS:
        name = figure_name(FRENCH, key)
        assert name != figure_name(ENGLISH, key)


@given(st.from_regex(r"[\w.:/-]{1,60}", fullmatch=True), st.integers(0, 2**53))
def test_any_key_has_a_name_and_a_value(key: str, value: int) -> None:
    for catalogue in (ENGLISH, FRENCH):
        figure_name(catalogue, key)
        assert figure_value(catalogue, key, value)


@pytest.mark.parametrize(
    ("key", "english", "french"),
    [
        ("minecraft:story/mine_stone", "Stone Age", "L\u2019âge de pierre"),
        ("minecraft:story/of_tomorrow", "Of tomorrow", "Of tomorrow"),
        ("create:andesite_alloy", "Andesite alloy (create)", "Andesite alloy (create)"),
    ],
)
def test_advancements(key: str, english: str, french: str) -> None:
    assert (advancement_name(ENGLISH, key), advancement_name(FRENCH, key)) == (english, french)
