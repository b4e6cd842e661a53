"""Every sentence the game has had for a death, an advancement, a reason."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bridge.events import PlayerAdvanced, PlayerDied, PlayerLeft, ServerId
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.vanilla import reason

_WORDING: dict[str, dict[str, list[str]]] = {
    key: value
    for key, value in msgspec.json.decode(
        files("bridge.minecraft.log").joinpath("wording.json").read_bytes()
    ).items()
    if isinstance(value, dict)
}
_DEATHS = [
    (key, text) for key, texts in _WORDING["deaths"].items() for text in texts if not text.endswith(": %s")
]
_PREFIXES = (
    "[12:00:00] [Server thread/INFO]: ",
    "[12:00:00] [Server thread/INFO]: System chat: ",
    "[05Sep2024 12:00:00.123] [Server thread/INFO] [net.minecraft.server.MinecraftServer/]: ",
    "[12:00:00 INFO]: ",
    "2013-05-06 12:00:00 [INFO] ",
)
_SAME = {  # keys whose text another key has as well
    "death.attack.netherBed.message": "death.attack.badRespawnPoint.message",
    "death.attack.player": "death.attack.mob",
    "death.attack.player.item": "death.attack.mob.item",
}


def _clock() -> LineClock:
    return LineClock(date(2024, 9, 5), ZoneInfo("UTC"))


@pytest.mark.parametrize(("key", "text"), _DEATHS, ids=lambda value: str(value).removeprefix("death."))
@pytest.mark.parametrize("prefix", _PREFIXES)
def test_every_death_of_every_version_is_known_with_its_fields(prefix: str, key: str, text: str) -> None:
    design = key.endswith("message")
    killer = "[Intentional Game Design]" if design else "Cave Spider"
    sentence = text.replace("%1$s", "Mira").replace("%2$s", killer).replace("%3$s", "[Old [1] Stick]")
    event = LogParser(ServerId("s")).parse(prefix + sentence, _clock())
    assert isinstance(event, PlayerDied)
    assert (event.player, event.text) == ("Mira", sentence.removeprefix("Mira "))
    assert event.key == _SAME.get(key, key)
    assert event.killer == ("Cave Spider" if "%2$s" in text and not design else None)
    assert event.item == ("Old [1] Stick" if "%3$s" in text else None)


def test_a_killer_who_is_online_is_a_player() -> None:
    parser = LogParser(ServerId("s"))
    parser.parse("[12:00:00] [Server thread/INFO]: Noah joined the game", _clock())
    event = parser.parse(
        "[12:00:00] [Server thread/INFO]: Mira was slain by [Red] Noah using [Stick]", _clock()
    )
    assert isinstance(event, PlayerDied)
    assert (event.key, event.killer, event.item) == ("death.attack.player.item", "Noah", "Stick")


@pytest.mark.parametrize(
    "tail",
    [
        "was slain",
        "was slain by ",
        "drowned in sorrow",
        "died at 10 64 -20 in world",
        "fell from a high place again",
        "was killed by a plugin",
        "was kicked due to keepalive timeout!",
        "left the the_nether",
        "has made the advancement Stone Age",
        "has made the advancement",
        "lost connection to the database",
        "joined the game room",
    ],
)
def test_a_sentence_that_is_not_the_games_own_tells_nothing(tail: str) -> None:
    assert LogParser(ServerId("s")).parse(f"[12:00:00] [Server thread/INFO]: Mira {tail}", _clock()) is None


@pytest.mark.parametrize(
    ("section", "frame"),
    [("advancements", "has made the advancement"), ("achievements", "has just earned the achievement")],
)
def test_every_title_has_a_key_with_that_title(section: str, frame: str) -> None:
    for texts in _WORDING[section].values():
        for title in texts:
            line = f"[12:00:00] [Server thread/INFO]: Mira {frame} [{title}]"
            event = LogParser(ServerId("s")).parse(line, _clock())
            assert isinstance(event, PlayerAdvanced)
            assert event.title == title
            assert event.key is not None
            assert title in _WORDING[section][event.key]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Timed out", "Timed out"),
        ("TextComponent{text='Bye: all', siblings=[], style=Style{hasParent=false}}", "Bye: all"),
        (
            "TranslatableComponent{key='disconnect.spam', args=[], siblings=[], style=Style{}}",
            "Kicked for spamming",
        ),
        (
            "TranslatableComponent{key='disconnect.genericReason', args=[Internal Exception], s",
            "Internal Exception",
        ),
        ("TranslatableComponent{key='mod.own.key', args=[], siblings=[]}", "mod.own.key"),
        ("disconnect.quitting", "Quitting"),
        ("disconnect.unheard", "disconnect.unheard"),
        ("multiplayer.disconnect.kicked", "Kicked by an operator."),
        ("TextComponent{broken", "TextComponent{broken"),
    ],
)
def test_a_reason_reads_as_people_read_it(written: str, read: str) -> None:
    assert reason(written) == read
    parser = LogParser(ServerId("s"))
    event = parser.parse(f"[12:00:00] [Server thread/INFO]: Mira lost connection: {written}", _clock())
    assert isinstance(event, PlayerLeft)
    assert event.reason == read
