"""The owner's own texts, filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.status_channel import PLACEHOLDERS
from bridge.features.status_channel.scenes import Phase
from bridge.features.status_channel.wording import filled
from bridge.locales import Catalogue
from bridge.text import to_markdown, to_plain
from tests.features.status_channel.conftest import NOON, NOON_S, survival

EN, FR = Catalogue.load("en"), Catalogue.load("fr")
UP, DOWN = survival(), survival(Phase.DOWN, title="Creative")
UNKNOWN = survival(Phase.UNKNOWN)


@pytest.mark.parametrize(
    ("pattern", "scenes", "told"),
    [
        ("{online} of {max}", (UP,), "2 of 20"),
        ("{online} of {max}", (UP, UP), "4 of 40"),
        ("{online}", (DOWN,), "0"),
        ("{online}", (UNKNOWN,), "?"),
        ("{players}", (UP,), "Player_0 and Player_1"),
        ("{players}", (DOWN,), "\N{EN DASH}"),
        ("{state}", (UP,), "Up"),
        ("{state}", (DOWN, DOWN), "Down"),
        ("{state}", (UP, DOWN), "1 of 2 up"),
        ("{server}: {version}", (UP, DOWN), "Survival, Creative: 26.3"),
        ("{up}/{servers}", (UP, DOWN), "1/2"),
        ("{uptime}", (UP,), "1 day"),
        ("{uptime}", (DOWN,), "\N{EN DASH}"),
        ("{nothing}", (UP,), "{nothing}"),
    ],
)
def test_placeholders_are_filled(pattern: str, scenes: tuple[object, ...], told: str) -> None:
    assert to_plain(filled(pattern, scenes, EN, now=NOON)) == told  # type: ignore[arg-type] # of scenes


def test_on_a_board_times_count_by_themselves() -> None:
    assert to_markdown(filled("since {uptime}", [UP], EN)) == f"since <t:{NOON_S - 86_400}:R>"


def test_both_languages_have_their_words() -> None:
    assert to_plain(filled("{state}", [DOWN], FR)) == "Hors ligne"


def test_every_placeholder_that_may_be_used_has_a_value() -> None:
    for name in PLACEHOLDERS:
        assert to_plain(filled(f"{{{name}}}", [UP], EN, now=NOON)) != f"{{{name}}}"


@given(st.text(max_size=30))
def test_what_servers_are_called_is_no_markup(title: str) -> None:
    told = to_plain(filled("{server}", [replace(UP, title=title)], EN, now=NOON))
    assert "".join(told.split()) == "".join(
        to_plain(filled("{server}", [replace(UP, title=told)], EN)).split()
    )
