"""What stands in the way on Discord, and how soon to try again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from bridge.discord import ChannelGone, DiscordError, DiscordUnavailable, Forbidden, TokenRefused
from bridge.features.board import Condition, Report

log = structlog.get_logger(__name__)

AGAIN_S: Final = 30.0  # after an outage
SELDOM_S: Final = 300.0  # where somebody has to change something
_SOON_S: Final = 60.0  # what passes so soon is no trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something is not shown as it should be."""

    problem: str
    again_s: float
    advice: str = ""  # the key of a sentence that says what to do


def trouble_of(error: DiscordError) -> Trouble:
    """Return what an error means, and for how long to leave Discord alone."""
    match error:
        case DiscordUnavailable(retry_after_s=float() | int() as wait_s):
            limited = "status-channel.advice.limited" if wait_s > _SOON_S else ""
            return Trouble(problem=str(error), again_s=max(wait_s, AGAIN_S), advice=limited)
        case DiscordUnavailable():
            return Trouble(problem=str(error), again_s=AGAIN_S)
        case Forbidden():
            advice = "status-channel.advice.permission"
        case ChannelGone():
            advice = "status-channel.advice.channel"
        case TokenRefused():
            advice = ""  # the session with Discord says so itself
        case _:
            advice = "status-channel.advice.refused"
    return Trouble(problem=str(error), again_s=SELDOM_S, advice=advice)


class Standing:
    """How one thing that is shown stands: when it last was as it should be, and what is in the way."""

    def __init__(self, name: str, now: Callable[[], datetime]) -> None:
        self.name = name
        self._now = now
        self._log = log.bind(shown=name)
        self._good_at: datetime | None = None
        self._trouble: Trouble | None = None

    def good(self) -> None:
        """Note that all is as it should be."""
        if self._trouble is not None:
            self._log.info("shown again")
        self._trouble, self._good_at = None, self._now()

    def bad(self, error: DiscordError) -> float:
        """Note what is in the way, tell it once, and return how long to wait."""
        trouble = trouble_of(error)
        known = self._trouble
        self._trouble = trouble
        if known is None or known.advice != trouble.advice:
            self._log.warning("cannot be shown; trying again by itself", problem=trouble.problem)
        else:
            self._log.debug("still cannot be shown", problem=trouble.problem)
        return trouble.again_s

    def report(self, title: str) -> Report:
        """Return how it is, for staff."""
        if self._trouble is not None:
            return Report(
                name=self.name,
                title=title,
                condition=Condition.TROUBLE,
                since=self._good_at,
                problem=self._trouble.problem,
                advice=self._trouble.advice,
            )
        condition = Condition.WAITING if self._good_at is None else Condition.WELL
        return Report(name=self.name, title=title, condition=condition, since=self._good_at)
