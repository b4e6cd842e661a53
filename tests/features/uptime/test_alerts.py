"""When alerts are told, with thresholds, durations, pings and recoveries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.config.watching import AlertKind, AlertSettings
from bridge.events import ServerId
from bridge.features.uptime.alerts import Alert, Seen, Standing, judge
from bridge.features.uptime.watch import Cause, Outage

SURVIVAL = ServerId("survival")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def rule(what: str, **settings: object) -> AlertSettings:
    return AlertSettings.model_validate({"what": what, "channel": "staff", **settings})


class Run:
    """One alert as it goes on."""

    def __init__(self, settings: AlertSettings) -> None:
        self.rule, self.standing = settings, Standing()

    def see(self, seconds: float, **seen: Any) -> Alert | None:  # noqa: ANN401 - fields of Seen
        look = Seen(at=NOON + timedelta(seconds=seconds), **seen)
        self.standing, alert = judge(self.rule, SURVIVAL, look, self.standing)
        return alert


def outage(cause: Cause, seconds: float = 0) -> Outage:
    return Outage(cause, NOON + timedelta(seconds=seconds))


def test_a_limit_must_be_passed_for_some_time() -> None:
    run = Run(rule("tps-below", value=15, **{"for": "5m"}))
    assert run.see(0, tps=20) is None
    assert run.see(60, tps=14.9) is None
    assert run.see(300, tps=15) is None  # for a moment it was well
    assert run.see(360, tps=10) is None
    assert run.see(659, tps=10) is None
    told = run.see(660, tps=12.5)
    assert told is not None
    assert (told.since, told.value, told.over) == (NOON + timedelta(seconds=360), 12.5, False)
    assert run.see(720, tps=9) is None
    over = run.see(780, tps=19)
    assert over is not None
    assert (over.over, over.since, over.value) == (True, told.since, 19)
    assert run.see(840, tps=19) is None


def test_an_outage_counts_from_its_beginning() -> None:
    run = Run(rule("down", **{"for": "2m"}))
    assert run.see(90, outage=outage(Cause.CRASH)) is None
    told = run.see(120, outage=outage(Cause.CRASH))
    assert told is not None
    assert (told.since, told.cause) == (NOON, Cause.CRASH)
    assert run.see(200) is not None


def test_a_short_restart_is_silent() -> None:
    run = Run(rule("down", **{"for": "2m"}))
    assert run.see(60, outage=outage(Cause.RESTART)) is None
    assert run.see(100) is None
    assert run.standing == Standing()


def test_a_crash_is_no_hang_and_no_stop() -> None:
    crash, hang = Run(rule("crash")), Run(rule("hang"))
    assert crash.see(0, outage=outage(Cause.STOP)) is None
    assert hang.see(0, outage=outage(Cause.CRASH)) is None
    assert crash.see(10, outage=outage(Cause.CRASH)) is not None
    assert hang.see(20, outage=outage(Cause.HANG)) is not None


def test_maintenance_is_quiet_but_lets_things_end() -> None:
    run = Run(rule("down"))
    assert run.see(0, outage=outage(Cause.STOP), maintained=True) is None
    assert run.see(600, outage=outage(Cause.STOP)) is not None  # it goes on when the time is over
    assert run.see(700, maintained=True) is not None


def test_what_is_not_known_changes_nothing() -> None:
    run = Run(rule("latency-above", value=200))
    assert run.see(0, latency_ms=500.0) is not None
    assert run.see(60) is None
    assert run.see(120, latency_ms=500.0) is None
    assert run.see(180, latency_ms=100.0) is not None


def test_overload_lasts_some_minutes() -> None:
    run = Run(rule("overloaded"))
    assert run.see(10, overloaded=NOON) is not None
    assert run.see(290, overloaded=NOON) is None
    over = run.see(300, overloaded=NOON)
    assert over is not None
    assert over.over


def test_a_role_is_pinged_once_in_a_while() -> None:
    run = Run(rule("crash", role="200000000000000003", recovery=False, **{"ping-every": "1h"}))
    pings = []
    for minute in range(0, 130, 10):
        told = run.see(minute * 60, outage=outage(Cause.CRASH, minute * 60))
        assert told is not None
        pings.append((minute, told.ping))
        assert run.see(minute * 60 + 60) is None  # no recovery is told
    assert [minute for minute, ping in pings if ping] == [0, 60, 120]


def test_who_may_be_reached_is_told_of_both_ends() -> None:
    above, below = Run(rule("players-above", value=50)), Run(rule("players-below", value=1))
    assert above.see(0, online=50) is None
    assert above.see(10, online=51) is not None
    assert below.see(0, online=1) is None
    assert below.see(10, online=0) is not None


kinds = st.sampled_from(list(AlertKind))
seen: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    outage=st.none() | st.builds(outage, st.sampled_from(Cause), st.just(0)),
    maintained=st.booleans(),
    online=st.none() | st.integers(0, 40),
    latency_ms=st.none() | st.integers(0, 40),
    tps=st.none() | st.integers(0, 40),
    mspt=st.none() | st.integers(0, 40),
    overloaded=st.none() | st.just(NOON),
)


@given(kinds, st.sampled_from([0, 60, 600]), st.booleans(), st.lists(seen, max_size=40))
def test_beginnings_and_ends_take_turns(
    kind: AlertKind, for_s: int, recovery: bool, looks: list[dict[str, Any]]
) -> None:
    """Nothing begins in maintenance, nothing ends that did not begin, and keys are never used twice."""
    run = Run(rule(kind, value=20, role="200000000000000003", recovery=recovery, **{"for": f"{for_s}s"}))
    keys: set[str] = set()
    begun = False
    for number, each in enumerate(looks):
        alert = run.see(30 + 30 * number, **each)
        if alert is None:
            begun = begun and run.standing.told is not None
            continue
        assert alert.over is begun
        assert not (each["maintained"] and not alert.over)
        assert alert.at - alert.since >= timedelta(seconds=for_s) or alert.over
        begun = not alert.over
        if kind not in (AlertKind.DOWN, AlertKind.CRASH, AlertKind.HANG):
            assert alert.key not in keys
        keys.add(alert.key)
