"""The owner's own texts and our sentences about servers, filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from bridge.features.status_channel.scenes import Phase, Present, Scene
from bridge.locales import Catalogue
from bridge.text import Moment, MomentForm, RichText, Value, template, to_markdown

MOST_NAMES: Final = 20  # in a channel's topic or in a line below the bot's name
UNKNOWN: Final = "?"
NONE: Final = "\N{EN DASH}"


def filled(
    pattern: str,
    scenes: Sequence[Scene],
    catalogue: Catalogue,
    *,
    now: datetime | None = None,
) -> RichText:
    """Return one of the owner's own texts with its placeholders filled.

    Args:
        pattern: The text.
        scenes: The servers that it is about.
        catalogue: In whose language.
        now: From when on {uptime} counts; without it, {uptime} is a moment that every reader's own clock
            counts from, so that the text does not change by the minute.
    """
    return template(pattern, _values(scenes, catalogue, now))


def phase_word(phase: Phase, catalogue: Catalogue) -> str:
    """Return how a server is, in a word or two."""
    return catalogue.plain(f"status-channel.phase.{phase}")


def sum_of(numbers: Sequence[int | None]) -> int | None:
    """Return the sum of what is known; None if nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


@lru_cache(maxsize=512)
def who_is_on(present: Present, catalogue: Catalogue) -> str:
    """Return a player with the time since they came, as Discord's markdown.

    Kept, since the same players are told again at every look and each takes most of a millisecond.
    """
    if present.since is None:
        return to_markdown(RichText.of(present.name))
    key = "status-channel.guessed" if present.guessed else "status-channel.present"
    return to_markdown(catalogue.text(key, player=present.name, since=ago(present.since)))


def ago(at: datetime) -> RichText:
    """Return a moment as the time from or to it, which every reader's own Discord keeps current."""
    return RichText.of(Moment(at, MomentForm.RELATIVE))


def _values(scenes: Sequence[Scene], catalogue: Catalogue, now: datetime | None) -> Mapping[str, Value]:
    up = [scene for scene in scenes if scene.phase is Phase.UP]
    named = [present.name for scene in scenes for present in scene.players or ()]
    down = any(scene.phase not in {Phase.UP, Phase.UNKNOWN} for scene in scenes)
    versions = dict.fromkeys(scene.version for scene in scenes if scene.version)
    return {
        "online": _number(sum_of([scene.online for scene in scenes]), catalogue, down=down),
        "max": _number(sum_of([scene.maximum for scene in scenes]), catalogue, down=False),
        "players": catalogue.listed(named, most=MOST_NAMES) if named else NONE,
        "server": ", ".join(scene.title for scene in scenes),
        "state": _state(scenes, catalogue),
        "version": ", ".join(versions) or UNKNOWN,
        "uptime": _uptime(up, catalogue, now),
        "up": catalogue.number(len(up)),
        "servers": catalogue.number(len(scenes)),
    }


def _number(number: int | None, catalogue: Catalogue, *, down: bool) -> str:
    if number is None:
        return "0" if down else UNKNOWN
    return catalogue.number(number)


def _state(scenes: Sequence[Scene], catalogue: Catalogue) -> str:
    phases = {scene.phase for scene in scenes}
    if len(phases) == 1:
        return phase_word(phases.pop(), catalogue)
    up = sum(scene.phase is Phase.UP for scene in scenes)
    return catalogue.plain("status-channel.some-up", up=up, servers=len(scenes))


def _uptime(up: Sequence[Scene], catalogue: Catalogue, now: datetime | None) -> Value:
    since = min((scene.since for scene in up if scene.since is not None), default=None)
    if since is None:
        return NONE
    return ago(since) if now is None else catalogue.duration((now - since).total_seconds())
