"""The feature as a whole: what the settings ask for is done, and what fails does not stop the rest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.features.board import Condition
from bridge.features.contract import Parts
from bridge.features.nameless import JobState, Nameless
from bridge.features.nameless.jobs import Job
from bridge.features.nameless.problems import PASSING, NamelessError, Problem
from bridge.locales import Catalogue
from bridge.simulator.nameless import FaultKind, SimNameless
from bridge.supervise import SourceLost, SourceRefused
from tests.features.nameless.conftest import START, Clock, EnoughPauses, Pauses


class Steps:
    """Sleeps only until the test says so."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Event] = []
        self.changed = asyncio.Event()

    async def __call__(self, _seconds: float) -> None:
        step = asyncio.Event()
        self.waiting.append(step)
        self.changed.set()
        await step.wait()

    def go(self) -> None:
        for step in self.waiting:
            step.set()
        self.waiting.clear()

    async def until(self, count: int) -> None:
        """Return when so many jobs have done their part and sleep."""
        async with asyncio.timeout(5):
            while len(self.waiting) < count:
                self.changed.clear()
                await self.changed.wait()


def with_nameless(parts: Parts, **changes: object) -> Parts:
    assert parts.settings.nameless is not None
    nameless = parts.settings.nameless.model_copy(update=changes)
    return replace(parts, settings=parts.settings.model_copy(update={"nameless": nameless}))


async def look(parts: Parts) -> None:
    """Ping the servers; nothing listens there, so the site is told that nobody is on them."""
    for server in parts.servers.values():
        assert server.status is not None
        await server.status.check()


@asynccontextmanager
async def running(nameless: Nameless) -> AsyncIterator[None]:
    await nameless.prepare()
    task = asyncio.create_task(nameless.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def states(nameless: Nameless) -> dict[str, JobState]:
    return {state.name.removeprefix("nameless:"): state for state in nameless.state()}


async def test_without_the_setting_it_does_nothing(parts: Parts) -> None:
    nameless = Nameless(replace(parts, settings=parts.settings.model_copy(update={"nameless": None})))
    assert nameless.state() == ()
    async with asyncio.timeout(5):
        await nameless.run()


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [
        ({}, ["server:survival", "announcements"]),
        ({"servers": {}}, ["announcements"]),
        ({"announcements": None}, ["server:survival", "announcements"]),
        ({"announcements": None, "announce_on": ()}, ["server:survival"]),
        ({"servers": {"elsewhere": 1}}, ["announcements"]),
        # there is no Discord to ask in this house
        ({"groups": {"1" * 18: "vip"}, "group_server": "survival"}, ["server:survival", "announcements"]),
    ],
)
def test_there_is_a_job_for_each_thing_that_is_asked_for(
    parts: Parts, changes: dict[str, Any], jobs: list[str]
) -> None:
    assert list(states(Nameless(with_nameless(parts, **changes)))) == jobs


async def test_one_that_fails_does_not_stop_the_others(parts: Parts, sim_nameless: SimNameless) -> None:
    steps = Steps()
    nameless = Nameless(parts, pause=steps)
    sim_nameless.faults.add(FaultKind.ERROR, route="announcements")
    await look(parts)
    async with running(nameless):
        await steps.until(2)
        assert states(nameless)["announcements"].problem is Problem.BROKEN
        assert states(nameless)["server:survival"] == JobState(
            name="nameless:server:survival", worked_at=START
        )
        assert sim_nameless.servers[3].reports == 1
        steps.go()
        await steps.until(2)
        assert states(nameless)["announcements"].problem is None


async def test_a_problem_is_told_once_and_its_end_too(parts: Parts, sim_nameless: SimNameless) -> None:
    steps = Steps()
    sim_nameless.api_enabled = False
    nameless = Nameless(with_nameless(parts, servers={}), pause=steps)
    with capture_logs() as logs:
        async with running(nameless):
            for _ in range(3):
                await steps.until(1)
                steps.go()
            sim_nameless.api_enabled = True
            await sim_nameless.wait_for(lambda: len(sim_nameless.received) >= 4)
            await steps.until(1)
            steps.go()
            await steps.until(1)
    said = [(one["log_level"], one["event"]) for one in logs if one["log_level"] != "debug"]
    assert said[0] == ("warning", "down; trying again by itself")
    assert said[1:] == [("info", "works again")]
    assert "switched off" in logs[0]["problem"]


async def test_the_key_is_in_no_line_of_the_log(parts: Parts) -> None:
    steps = Steps()
    nameless = Nameless(with_nameless(parts, api_key=SecretStr("not-the-key")), pause=steps)
    await look(parts)
    with capture_logs() as logs:
        async with running(nameless):
            await steps.until(2)
    assert "not-the-key" not in str(logs)
    assert "not-the-key" not in str(nameless.state())


async def test_staff_see_how_each_job_is_and_what_to_do(parts: Parts, sim_nameless: SimNameless) -> None:
    steps = Steps()
    sim_nameless.pretty_urls = False
    sim_nameless.faults.add(FaultKind.CRASH, route="announcements")
    async with running(Nameless(parts, pause=steps)):
        assert [(one.title, one.condition) for one in await parts.board.reports()] == [
            ("NamelessMC, report of Survival", Condition.WAITING),
            ("NamelessMC, announcements", Condition.WAITING),
        ]
        await look(parts)
        await steps.until(2)
        trouble, well = await parts.board.reports()
    assert (trouble.name, trouble.condition) == ("nameless:announcements", Condition.TROUBLE)
    assert trouble.problem == "The site answers with an error (status 500)."
    assert "asked again by itself" in parts.catalogue.plain(trouble.advice)
    assert (well.name, well.condition, well.since) == ("nameless:server:survival", Condition.WELL, START)


async def test_changed_privacy_counts_at_once(parts: Parts) -> None:
    nameless = Nameless(parts)
    assert nameless._is_hidden("shade")
    privacy = parts.settings.privacy.model_copy(update={"hidden_players": frozenset({"Steve"})})
    nameless.reload(parts.settings.model_copy(update={"privacy": privacy}), parts.catalogue)
    assert (nameless._is_hidden("Shade"), nameless._is_hidden("steve")) == (False, True)


Once = Callable[[], Any]


def failing(problem: Problem) -> Once:
    async def once() -> None:
        raise NamelessError(problem, "why")

    return once


@pytest.mark.parametrize("problem", Problem)
async def test_a_job_ends_its_session_by_who_has_to_do_something(problem: Problem, clock: Clock) -> None:
    job = Job("nameless:x", failing(problem), every_s=1, now=clock)
    with pytest.raises(SourceLost if problem in PASSING else SourceRefused):
        await job.run_session(lambda: None)
    assert (job.state.problem, job.state.detail) == (problem, "why")


async def test_a_job_that_works_waits_as_long_as_it_is_told(clock: Clock) -> None:
    pauses, done, ups = Pauses(), [], []

    async def once() -> None:
        done.append(clock())

    job = Job("nameless:x", once, every_s=7, now=clock, pause=pauses)
    with pytest.raises(EnoughPauses):
        await job.run_session(lambda: ups.append(1))
    assert (len(done), pauses.seconds, ups) == (3, [7, 7, 7], [1])
    assert job.state.worked_at == START


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_words_and_advice_for_people(problem: Problem, language: str) -> None:
    catalogue = Catalogue.load(language)
    assert "{" not in catalogue.plain(f"nameless.problem.{problem}", detail="status 500")
    assert f"nameless.advice.{problem}" in catalogue
    assert "{" not in catalogue.plain(f"nameless.advice.{problem}")
