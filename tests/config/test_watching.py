"""Alerts and maintenance in the settings, and what is said of those that cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bridge.config.load import load
from bridge.config.problems import SettingsError
from bridge.config.settings import BridgeSettings
from bridge.config.watching import AlertKind, MaintenanceSettings, weekly

HEAD = """
servers: {survival: {log: {path: x}, status: {}}}
discord: {token: Bot, guild: "123456789012345678", channels: {staff: "123456789012345679"},
  api-url: "http://127.0.0.1:1"}
"""


def loaded(tmp_path: Path, text: str) -> tuple[BridgeSettings, list[str]]:
    """Return settings and the advice that was given with them."""
    path = tmp_path / "bridge.yml"
    path.write_text(HEAD.replace("token: Bot", "token: abc") + text)
    found = load(path, {})
    return found.settings, [str(each) for each in found.warnings]


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    return [f"{each.message}" for each in caught.value.problems]


def test_both_are_read(tmp_path: Path) -> None:
    settings, _ = loaded(
        tmp_path,
        """
maintenance:
  - {every: "sunday 04:00", for: 30m}
  - {from: "2026-12-01 20:00", to: "2026-12-01 22:00", servers: [survival]}
alerts:
  - {what: down, for: 2m, channel: staff, role: "123456789012345670", ping-every: 1h}
  - {what: latency-above, value: 250, channel: staff, recovery: false}
""",
    )
    first, second = settings.maintenance
    assert (first.every, first.for_s, second.begins) == ("sunday 04:00", 1800, "2026-12-01 20:00")
    down, latency = settings.alerts
    assert (down.what, down.for_s, down.ping_every_s, down.recovery) == (AlertKind.DOWN, 120, 3600, True)
    assert (latency.value, latency.recovery) == (250.0, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alerts: [{what: tps-below, channel: staff}]", "needs a value: the limit of tps-below"),
        ("alerts: [{what: crash, value: 3, channel: staff}]", "means nothing for crash"),
        ("alerts: [{what: crash, channel: stuff}]", "'stuff' is not a name under discord.channels"),
        (
            "alerts: [{what: crash, channel: staff, servers: [nether]}]",
            "'nether' is not a name under servers",
        ),
        ("maintenance: [{for: 1h}]", "needs one of every and from"),
        ('maintenance: [{every: "day 04:00", from: "2026-12-01 20:00"}]', "needs one of every and from"),
        ('maintenance: [{every: "day 04:00", to: "2026-12-01 20:00"}]', "needs from"),
        ('maintenance: [{from: "2026-12-01 20:00", to: "2026-12-01 19:00"}]', "is not after from"),
        ('maintenance: [{every: "day 04:00", servers: [nether]}]', "'nether' is not a name under servers"),
        ('maintenance: [{every: "Sunday at 4"}]', "is not a time of the week"),
        ('maintenance: [{from: "tomorrow"}]', "is not a date with a time"),
    ],
)
def test_what_cannot_work_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in each for each in refused(tmp_path, text))


def test_what_is_never_measured_is_said_as_advice(tmp_path: Path) -> None:
    _, advice = loaded(tmp_path, "alerts: [{what: mspt-above, value: 45, channel: staff}]")
    assert any("is never told of 'survival', which has no rcon" in each for each in advice)


def test_a_time_of_the_week_has_a_day_an_hour_and_a_minute() -> None:
    assert weekly("monday 00:05") == (0, 0, 5)
    assert weekly("day 23:59") == (None, 23, 59)
    with pytest.raises(ValidationError):
        MaintenanceSettings.model_validate({"every": "monday 24:00"})
