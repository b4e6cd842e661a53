"""Players who live on a pretend server: they come, talk, answer each other, die, advance and leave."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .server import SimGame
from .smalltalk import (
    ADVANCEMENTS,
    CONVERSATIONS,
    DEATHS,
    EMOTES,
    GREETINGS_EN,
    GREETINGS_FR,
    NAMES,
    REPLIES_EN,
    REPLIES_FR,
)

_FEWEST, _MOST = 3, 6  # players online at a time
_WORDS: Final = str.maketrans("!?.,;:", "      ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a player does, and how long the server is quiet before, in seconds at pace 1."""

    wait_s: float
    kind: str  # join, leave, chat, emote, die, advance
    player: str
    text: str = ""
    frame: str = "task"


class Life:
    """Plays an endless day on *game*; the same seed gives the same day.

    ``pace`` multiplies the waits: 1 is a line every 2 to 5 seconds, 0 is as fast as possible.
    """

    def __init__(self, game: SimGame, *, seed: int = 1, pace: float = 1.0) -> None:
        self.pace = pace
        self._game = game
        self._seed = seed
        self._greet: deque[Step] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to live, in a task of its own."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self.run())

    async def stop(self) -> None:
        """End; the players stay where they are.

        Raises:
            Exception: Whatever broke the day before.
        """
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def run(self, *, most: int | None = None) -> None:
        """Live for *most* steps, or until cancelled."""
        for number, step in enumerate(steps(self._seed)):
            if number == most:
                return
            await self._pause(step.wait_s)
            self.play(step)

    async def _pause(self, wait_s: float) -> None:
        """Wait between two steps, answering greetings meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s * self.pace
        while (left_s := end - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._wake.wait()
            self._wake.clear()
            while self._greet:
                answer = self._greet.popleft()
                await asyncio.sleep(answer.wait_s * self.pace)
                self.play(answer)
        await asyncio.sleep(0)

    def play(self, step: Step) -> None:
        """Do one thing, unless the server is down or the player is somewhere else."""
        game = self._game
        if not game.running or (step.kind != "join" and step.player not in game.online):
            return
        match step.kind:
            case "join":
                game.join(step.player)
            case "leave":
                game.leave(step.player)
            case "chat":
                game.chat(step.player, step.text)
            case "emote":
                game.emote(step.player, step.text)
            case "die":
                game.die(step.player, step.text)
            case "advance":
                game.advance(step.player, step.text, frame=step.frame)

    def greeted(self, name: str, text: str) -> None:
        """Let somebody answer when *text* greets; call it with what visitors say."""
        words = set(text.lower().translate(_WORDS).split())
        french = bool(words & GREETINGS_FR)
        here = [each for each in self._game.online if each in NAMES]
        if not here or not (french or words & GREETINGS_EN):
            return
        dice = random.Random(f"{self._seed} {name} {text}")  # noqa: S311 - play, not secrets
        reply = dice.choice(REPLIES_FR if french else REPLIES_EN).format(name=name)
        self._greet.append(Step(wait_s=1.5, kind="chat", player=dice.choice(here), text=reply))
        self._wake.set()


def steps(seed: int) -> Iterator[Step]:
    """Yield a day without end; the same seed gives the same one."""
    return _Day(random.Random(seed)).steps()  # noqa: S311 - play, not secrets


class _Day:
    """Who is on, and what was talked about lately, while a day is made up."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._on: list[str] = []
        self._topics: list[tuple[str, ...]] = []

    def steps(self) -> Iterator[Step]:
        for _ in range(_FEWEST):
            yield self._join(wait_s=0.4)
        while True:
            if len(self._on) < _FEWEST:
                yield self._join(wait_s=self._wait())
            yield from self._something()

    def _wait(self) -> float:
        return self._dice.uniform(2.0, 5.0)

    def _join(self, *, wait_s: float) -> Step:
        player = self._dice.choice([name for name in NAMES if name not in self._on])
        self._on.append(player)
        return Step(wait_s=wait_s, kind="join", player=player)

    def _leave(self) -> Step:
        player = self._on.pop(self._dice.randrange(len(self._on)))
        return Step(wait_s=self._wait(), kind="leave", player=player)

    def _something(self) -> Iterator[Step]:
        what = self._dice.choices(("talk", "die", "advance", "emote", "move"), (12, 2, 2, 1, 2))[0]
        player = self._dice.choice(self._on)
        match what:
            case "talk":
                yield from self._talk()
            case "die":
                yield Step(wait_s=self._wait(), kind="die", player=player, text=self._dice.choice(DEATHS))
                yield from self._pity(player)
            case "advance":
                title, frame = self._dice.choice(ADVANCEMENTS)
                yield Step(wait_s=self._wait(), kind="advance", player=player, text=title, frame=frame)
            case "emote":
                yield Step(wait_s=self._wait(), kind="emote", player=player, text=self._dice.choice(EMOTES))
            case _:
                full = len(self._on) >= _MOST or (len(self._on) > _FEWEST and self._dice.random() < 0.5)
                yield self._leave() if full else self._join(wait_s=self._wait())

    def _talk(self) -> Iterator[Step]:
        if not self._topics:
            self._topics = self._dice.sample(CONVERSATIONS, len(CONVERSATIONS))
        lines = self._topics.pop()
        speakers = self._dice.sample(self._on, min(len(self._on), self._dice.choice((2, 2, 3))))
        for number, text in enumerate(lines):
            speaker = speakers[number % len(speakers)]
            yield Step(wait_s=self._wait(), kind="chat", player=speaker, text=text)

    def _pity(self, player: str) -> Iterator[Step]:
        others = [name for name in self._on if name != player]
        if others and self._dice.random() < 0.6:
            text = self._dice.choice(("F", "rip", "ouch", "aïe", "your stuff is safe, I'm there", "encore ?"))
            yield Step(wait_s=2.0, kind="chat", player=self._dice.choice(others), text=text)
