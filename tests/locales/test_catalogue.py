"""What the bridge says, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bridge.events import FrameKind, PlayerAdvanced, PlayerDied, ServerId
from bridge.locales import Catalogue, CatalogueError
from bridge.locales.catalogue import Overrides
from bridge.locales.files import game_sentences
from bridge.text import parse_markdown, to_markdown

ENGLISH, FRENCH = Catalogue.load("en"), Catalogue.load("fr")
AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


def died(text: str, **fields: Any) -> PlayerDied:  # noqa: ANN401 - the fields are the event's own
    return PlayerDied(at=AT, server=ServerId("survival"), player="Mi_ra", text=text, **fields)


def advanced(title: str, **fields: Any) -> PlayerAdvanced:  # noqa: ANN401 - the fields are the event's own
    return PlayerAdvanced(at=AT, server=ServerId("survival"), player="Mira", title=title, **fields)


@pytest.mark.parametrize(
    ("catalogue", "count", "said"),
    [
        (ENGLISH, 0, "…and 0 others"),
        (ENGLISH, 1, "…and 1 other"),
        (ENGLISH, 1200, "…and 1,200 others"),
        (FRENCH, 0, "…et 0 autre"),
        (FRENCH, 1, "…et 1 autre"),
        (FRENCH, 1200, "…et 1\u202f200 autres"),
    ],
)
def test_plurals_and_numbers(catalogue: Catalogue, count: int, said: str) -> None:
    """French counts nothing as one; thousands are grouped as each language does."""
    assert catalogue.plain("list.others", count=count) == said


def test_values_cannot_speak_markdown() -> None:
    """A player's name is data in every sentence."""
    said = to_markdown(ENGLISH.text("notice.join", player="**x** <@1>"))
    assert said == r"**\*\*x\*\* \<@1>** joined"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (7500, "2 h 5 min"),
        (86400, "1 jour"),
        (200000, "2 jours 7 h"),
        (3600, "1 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    """Two units are enough."""
    assert FRENCH.duration(seconds) == said


def test_lists_of_names() -> None:
    """Names are joined as one speaks; long lists end in a number."""
    assert ENGLISH.listed([]).plain == ""
    assert ENGLISH.listed(["A"]).plain == "A"
    assert FRENCH.listed(["A", "B", "C"]).plain == "A, B et C"
    assert ENGLISH.listed(["A", "B", "C"], most=1).plain == "A …and 2 others"


def test_a_missing_sentence_is_shown_as_its_key_and_logged_once() -> None:
    """A feature goes on; the log tells what is wrong."""
    catalogue = Catalogue.load("fr")
    with capture_logs() as logs:
        assert catalogue.plain("no.such_key") == "no.such_key"
        assert catalogue.plain("no.such_key") == "no.such_key"
    assert [entry["key"] for entry in logs] == ["no.such_key"]


def test_settings_can_change_sentences() -> None:
    """An override is used, with names of other tools, in one form or two."""
    overrides: Overrides = {
        "notice.join": "+ %displayname%",
        "list.others": {"one": "+{count}", "other": "++{count}"},
    }
    catalogue = Catalogue.load("en", overrides)
    assert catalogue.plain("notice.join", player="Mira") == "+ Mira"
    assert catalogue.plain("list.others", count=3) == "++3"
    assert ENGLISH.plain("notice.join", player="Mira") == "Mira joined"


def test_wrong_overrides_are_all_told() -> None:
    """Each has its key, what is wrong, and what would be right."""
    wrong: Overrides = {
        "notice.jion": "x",
        "notice.join": "{reason}",
        "notice.leave": {"one": "a", "other": "b"},
    }
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load("en", wrong)
    assert caught.value.problems == (
        "messages.notice.jion: is not a sentence of the bridge; did you mean 'notice.join'?",
        "messages.notice.join: nothing fills {reason}; this sentence knows {player}",
        "messages.notice.leave: expected one sentence",
    )


DEATHS = [
    (
        died("was slain by Zombie", key="death.attack.mob", killer="Zombie"),
        "**Mi_ra** was slain by Zombie",
        "**Mi_ra** s\u2019est fait tuer par un zombie",
    ),
    (
        died("was shot by Steve using [Bow]", key="death.attack.arrow.item", killer="Steve", item="Bow"),
        "**Mi_ra** was shot by Steve using [Bow]",
        "**Mi_ra** s\u2019est fait tirer dessus par Steve avec [Bow]",
    ),
    (
        died("died because of Spider", key="death.attack.generic.player", killer="Spider"),
        "**Mi_ra** died because of Spider",
        "**Mi_ra** est mort, une araignée y est pour quelque chose",
    ),
    (
        died("was killed by [Intentional Game Design]", key="death.attack.badRespawnPoint.message"),
        "**Mi_ra** was killed by [Intentional Game Design]",
        "**Mi_ra** s\u2019est fait tuer par [une fonctionnalité intentionnelle]",
    ),
    (died("drowned", key="death.attack.drown"), "**Mi_ra** drowned", "**Mi_ra** s\u2019est noyé"),
    (died("was eaten by a mod"), "**Mi_ra** was eaten by a mod", "**Mi_ra** was eaten by a mod"),
    (died("fell", key="death.new"), "**Mi_ra** fell", "**Mi_ra** fell"),
    (died("was slain by X", key="death.attack.mob"), "**Mi_ra** was slain by X", "**Mi_ra** was slain by X"),
]


@pytest.mark.parametrize(("event", "english", "french"), DEATHS)
def test_deaths_in_both_languages(event: PlayerDied, english: str, french: str) -> None:
    """The game's sentence where key and names are known, the log's own words otherwise."""
    for catalogue, said in ((ENGLISH, english), (FRENCH, french)):
        name, _, rest = said[2:].partition("**")
        rich = catalogue.death(event)
        assert rich.plain == name + rest
        assert to_markdown(rich).startswith(r"**Mi\_ra**")


def test_a_player_called_like_a_mob_keeps_the_name() -> None:
    """Somebody may be called Spider; who is online is known."""
    event = died("was slain by Spider", key="death.attack.player", killer="Spider")
    assert FRENCH.death(event, players={"Spider"}).plain.endswith("par Spider")


@pytest.mark.parametrize(
    ("event", "english", "french"),
    [
        (
            advanced("Stone Age", key="advancements.story.mine_stone.title"),
            "Mira has made the advancement [Stone Age]",
            "Mira a obtenu le progrès [L\u2019âge de pierre]",
        ),
        (
            advanced(
                "Monsters Hunted", key="advancements.adventure.kill_all_mobs.title", frame=FrameKind.CHALLENGE
            ),
            "Mira has completed the challenge [Monsters Hunted]",
            "Mira a réussi le défi [Monstres chassés]",
        ),
        (
            advanced("Our *own*", frame=FrameKind.GOAL),
            "Mira has reached the goal [Our *own*]",
            "Mira a atteint l\u2019objectif [Our *own*]",
        ),
        (
            advanced("Getting Wood", key="achievement.mineWood", frame=FrameKind.ACHIEVEMENT),
            "Mira has just earned the achievement [Getting Wood]",
            "Mira vient d\u2019obtenir le succès [Obtenir du bois]",
        ),
    ],
)
def test_advancements_in_both_languages(event: PlayerAdvanced, english: str, french: str) -> None:
    """Titles of the game are translated, those of data packs stay."""
    assert ENGLISH.advancement(event).plain == english
    assert FRENCH.advancement(event).plain == french


def test_the_games_arguments() -> None:
    """By number or in order; data, even if it looks like an argument."""
    said = ENGLISH.game("death.fell.finish.item", "%2$s", "B", "[C]")
    assert said is not None
    assert said.plain == "%2$s fell too far and was finished by B using [C]"
    assert ENGLISH.game("death.no") is None
    assert FRENCH.entity("Cave Spider") == "Araignée venimeuse"
    assert FRENCH.entity("Steve") == "Steve"


@settings(max_examples=60, deadline=None)
@given(
    key=st.sampled_from(sorted(key for key in game_sentences("en") if key.startswith("death."))),
    killer=st.none() | st.text(max_size=12),
    item=st.none() | st.text(max_size=12),
    catalogue=st.sampled_from((ENGLISH, FRENCH)),
)
def test_any_death_can_be_told(key: str, killer: str | None, item: str | None, catalogue: Catalogue) -> None:
    """Whatever the log held, there is a sentence with the player in it, and no empty place."""
    rich = catalogue.death(died("was got by something", key=key, killer=killer, item=item))
    assert rich.plain.startswith("Mi_ra ")
    assert parse_markdown(to_markdown(rich)).plain == rich.plain
