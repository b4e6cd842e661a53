"""What the game has counted, in each of the forms in which it has written it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.minecraft.files import FileUnreadable, read_advancements, read_statistics
from bridge.minecraft.files.advancements import parse_advancements
from bridge.minecraft.files.statistics import parse_statistics


def parsed(value: object) -> dict[str, int]:
    return parse_statistics(json.dumps(value).encode())


def test_the_form_since_1_13() -> None:
    stats = {
        "minecraft:custom": {"minecraft:play_time": 72_000, "minecraft:walk_one_cm": 12_345},
        "minecraft:mined": {"minecraft:stone": 5, "create:zinc_ore": 2},
    }
    assert parsed({"stats": stats, "DataVersion": 4325}) == {
        "minecraft:custom/minecraft:play_time": 72_000,
        "minecraft:custom/minecraft:walk_one_cm": 12_345,
        "minecraft:mined/minecraft:stone": 5,
        "minecraft:mined/create:zinc_ore": 2,
    }


def test_play_time_had_another_name_up_to_1_16() -> None:
    stats = {"minecraft:custom": {"minecraft:play_one_minute": 100}}
    assert parsed({"stats": stats}) == {"minecraft:custom/minecraft:play_time": 100}


def test_a_world_that_was_updated_keeps_the_larger_of_both_names() -> None:
    custom = {"minecraft:play_one_minute": 100, "minecraft:play_time": 250}
    assert parsed({"stats": {"minecraft:custom": custom}}) == {"minecraft:custom/minecraft:play_time": 250}


def test_the_flat_form_before_1_13() -> None:
    old = {
        "stat.playOneMinute": 1200,
        "stat.walkOneCm": 300,
        "stat.mobKills": 4,
        "stat.mineBlock.minecraft.iron_ore": 3,
        "stat.killEntity.CaveSpider": 2,
        "stat.entityKilledBy.Zombie": 1,
        "achievement.openInventory": 1,
        "achievement.exploreAllBiomes": {"value": 1, "progress": ["Plains"]},
    }
    assert parsed(old) == {
        "minecraft:custom/minecraft:play_time": 1200,
        "minecraft:custom/minecraft:walk_one_cm": 300,
        "minecraft:custom/minecraft:mob_kills": 4,
        "minecraft:mined/minecraft:iron_ore": 3,
        "minecraft:killed/minecraft:cave_spider": 2,
        "minecraft:killed_by/minecraft:zombie": 1,
    }


def test_what_is_no_count_is_left_out() -> None:
    custom = {
        "minecraft:jump": -5,
        "minecraft:deaths": "7",
        "minecraft:bell_ring": True,
        "a b": 1,
        "x": 2**70,
    }
    assert parsed({"stats": {"minecraft:custom": custom}}) == {"minecraft:custom/minecraft:x": 2**53}


def test_a_file_names_itself_when_it_makes_no_sense(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[]")
    with pytest.raises(FileUnreadable, match=r"a\.json: Expected `object`"):
        read_statistics(path, tries=1)


def test_an_advancement_was_made_when_the_last_thing_for_it_was_done(tmp_path: Path) -> None:
    made = {
        "minecraft:story/mine_stone": {"criteria": {"get_stone": "2026-11-22 14:02:31 +0100"}, "done": True},
        "minecraft:adventure/adventuring_time": {
            "criteria": {"a": "2026-11-20 10:00:00 +0000", "b": "2026-11-21 10:00:00 +0000"},
            "done": True,
        },
        "minecraft:nether/root": {"criteria": {}, "done": False},
        "minecraft:recipes/misc/charcoal": {"criteria": {"a": "2026-11-20 10:00:00 +0000"}, "done": True},
        "minecraft:end/root": {"criteria": {"a": "whenever"}, "done": True},
        "DataVersion": 4325,
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(made))
    assert read_advancements(path) == {
        "minecraft:story/mine_stone": datetime(2026, 11, 22, 13, 2, 31, tzinfo=UTC),
        "minecraft:adventure/adventuring_time": datetime(2026, 11, 21, 10, tzinfo=UTC),
        "minecraft:end/root": None,
    }


def test_times_at_the_end_of_all_times_are_none() -> None:
    made = {"a:b": {"criteria": {"x": "9999-12-31 23:59:59 -1200"}, "done": True}}
    assert parse_advancements(json.dumps(made).encode()) == {"a:b": None}
