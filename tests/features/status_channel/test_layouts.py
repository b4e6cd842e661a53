"""What boards show, in each layout, within Discord's limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config.status_channel import BoardLayout
from bridge.discord.boards import (
    ALL_CARDS_LIMIT,
    DESCRIPTION_LIMIT,
    FIELD_LIMIT,
    MOST_CARDS,
    MOST_FIELDS,
    Panel,
    Picture,
)
from bridge.features.status_channel.layouts import COLOURS, Exhibit, laid_out
from bridge.features.status_channel.scenes import Phase, Present, Scene
from bridge.locales import Catalogue
from tests.features.status_channel.conftest import NOON, NOON_S, survival

EN, FR = Catalogue.load("en"), Catalogue.load("fr")
PICTURE = Picture(name="players.png", content=b"PNG")
HOUR_S = 3600


def shown(*scenes: Scene, layout: BoardLayout, most: int = 40, catalogue: Catalogue = EN) -> Panel:
    exhibit = Exhibit(
        scenes=scenes, layout=layout, most_names=most, picture=PICTURE, page="https://mc.example.org"
    )
    return laid_out(exhibit, catalogue, at=NOON)


def test_full_tells_everything_of_each_server() -> None:
    (card,) = shown(survival(), layout=BoardLayout.FULL).cards
    assert card.title == "Survival"
    assert card.url == "https://mc.example.org/servers/survival"
    assert card.colour == COLOURS[Phase.UP]
    assert card.description.split("\n") == [
        "\N{LARGE GREEN CIRCLE} Up · **2** of 20 playing",
        f"**Player\\_0** · <t:{NOON_S - 2 * HOUR_S}:R>, **Player\\_1** · <t:{NOON_S - HOUR_S}:R>",
    ]
    assert {field.name: field.value for field in card.fields} == {
        "Started": f"<t:{NOON_S - 24 * HOUR_S}:R>",
        "Version": "26.3",
        "Next restart": f"<t:{NOON_S + 16 * HOUR_S}:R>",
        "Address": "mc.example.org",
    }
    assert (card.footer, card.at, card.pictured) == ("Changed", NOON, True)


def test_the_state_is_said_in_words_in_both_languages() -> None:
    for phase, words in (
        (Phase.DOWN, ("Down", "Hors ligne")),
        (Phase.STARTING, ("Starting", "Démarrage")),
        (Phase.MAINTENANCE, ("Under maintenance", "En maintenance")),
        (Phase.UNKNOWN, ("Not known yet", "État inconnu")),
    ):
        for catalogue, word in zip((EN, FR), words, strict=True):
            (card,) = shown(survival(phase), layout=BoardLayout.FULL, catalogue=catalogue).cards
            assert card.description.endswith(f" {word}")
            assert card.colour == COLOURS[phase]


def test_list_has_one_player_in_a_line() -> None:
    (card,) = shown(survival(players=3, online=5), layout=BoardLayout.LIST).cards
    _, *players = card.description.split("\n")
    assert [line.split(" ")[0] for line in players] == [
        "**Player\\_0**", "**Player\\_1**", "**Player\\_2**", "and",
    ]  # fmt: skip
    assert players[-1] == "and 2 others"


def test_compact_and_chart_have_a_line_for_each_server() -> None:
    scenes = (survival(), survival(Phase.DOWN, title="Creative"))
    for layout in (BoardLayout.COMPACT, BoardLayout.CHART):
        (card,) = shown(*scenes, layout=layout).cards
        assert card.description.split("\n") == [
            "\N{LARGE GREEN CIRCLE} **Survival** · Up · **2** of 20 playing",
            "\N{LARGE RED CIRCLE} **Creative** · Down",
        ]
        assert card.colour == COLOURS[Phase.DOWN]


def test_board_has_all_servers_side_by_side() -> None:
    (card,) = shown(survival(), survival(Phase.STARTING, title="Creative"), layout=BoardLayout.BOARD).cards
    assert [field.name for field in card.fields] == ["Survival", "Creative"]
    assert card.fields[1].value.split("\n") == [
        "\N{LARGE YELLOW CIRCLE} Starting",
        f"Began <t:{NOON_S - 24 * HOUR_S}:R>",
        f"Restarts <t:{NOON_S + 16 * HOUR_S}:R>",
    ]


def test_as_many_are_named_as_is_asked_for() -> None:
    (card,) = shown(survival(players=5), layout=BoardLayout.LIST, most=2).cards
    assert card.description.split("\n")[-1] == "and 3 others"
    (card,) = shown(survival(players=5), layout=BoardLayout.LIST, most=0).cards
    assert "Player" not in card.description


def test_where_no_picture_can_be_made_a_line_of_blocks_stands_in() -> None:
    exhibit = Exhibit(scenes=(survival(),), layout=BoardLayout.CHART, most_names=0, spark="▁▇")
    (card,) = laid_out(exhibit, EN, at=NOON).cards
    assert card.description.endswith("\nPlayers: ▁▇")
    assert not card.pictured


def test_an_own_message_stands_above() -> None:
    exhibit = Exhibit(scenes=(survival(),), layout=BoardLayout.FULL, most_names=0, message="**Join us**")
    assert laid_out(exhibit, EN, at=NOON).content == "**Join us**"


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=24)
SCENES = st.builds(
    lambda title, phase, players, unnamed: replace(
        survival(phase),
        title=title,
        online=len(players) + unnamed if phase is Phase.UP else None,
        players=tuple(Present(name=name, since=NOON) for name in players) if phase is Phase.UP else None,
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=80),
    st.sampled_from(Phase),
    st.builds(lambda names, times: names * times, st.lists(NAMES, max_size=5), st.integers(1, 25)),
    st.integers(0, 500),
)


@pytest.mark.parametrize("layout", BoardLayout)
@settings(max_examples=25)  # each writes hundreds of names
@given(st.lists(SCENES, min_size=1, max_size=14), st.integers(0, 100), st.booleans())
def test_nothing_is_more_than_discord_takes(
    layout: BoardLayout, scenes: list[Scene], most: int, pictured: bool
) -> None:
    exhibit = Exhibit(
        scenes=scenes, layout=layout, most_names=most, picture=PICTURE if pictured else None, spark="▁" * 24
    )
    panel = laid_out(exhibit, FR, at=NOON)
    assert 1 <= len(panel.cards) <= MOST_CARDS
    assert sum(card.size for card in panel.cards) <= ALL_CARDS_LIMIT
    for card in panel.cards:
        assert len(card.description) <= DESCRIPTION_LIMIT
        assert len(card.fields) <= MOST_FIELDS
        assert all(0 < len(field.value) <= FIELD_LIMIT for field in card.fields)
        assert all(field.name for field in card.fields)
    assert any(card.pictured for card in panel.cards) is pictured
