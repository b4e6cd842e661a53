"""What ``passerelle check`` says about boards, signs and the presence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.config.values import parse_week_time

if TYPE_CHECKING:
    from tests.config.conftest import Load, Problems

BASE = """
servers:
  survival: {status: {}, log: {path: a}, restarts: ["04:00", "sunday 16:30"]}
discord:
  token: "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789AB"
  guild: "110373943822540800"
  channels: {main: "110373943822540801", status: "110373943822540802"}
rooms:
  main: {servers: [survival], channels: [main]}
status-channel:
"""


def test_what_is_in_order_is_not_talked_about(problems_of: Problems) -> None:
    text = """
  boards:
    main: {channel: status, message: "{online} of {max}, {playercount} on {server}"}
  signs:
    status: {topic: "{state}, up for {uptime}, {players}", name: "{up} of {servers}"}
  presence: {lines: ["{version}"], servers: [survival]}
"""
    assert problems_of(BASE + text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("boards: {a: {channel: statos}}", "did you mean 'status'?"),
        ("boards: {a: {channel: status, servers: [creative]}}", "'creative' is not a name under servers"),
        ("boards: {a: {channel: status, message: '{onlin}'}}", "uses {onlin}; did you mean 'online'?"),
        ("boards: {a: {channel: status, every: 5s}}", "is not"),
        ("boards: {a: {channel: status, layout: ful}}", "did you mean 'full'?"),
        ("signs: {statos: {name: x}}", "did you mean 'status'?"),
        ("signs: {status: {}}", "needs name or topic"),
        ("signs: {status: {name: '{names}'}}", "uses {names}"),
        ("signs: {status: {topic: '{online}', every: 6m}}", "is too short for a topic"),
        ("signs: {status: {name: '{online}', every: 5m}}", "is not"),
        ("presence: {lines: ['{tps}']}", "nothing fills it here; known are {online}"),
        ("presence: {lines: ['x'], every: 1s}", "is not"),
    ],
)
def test_what_cannot_work_is_said(problems_of: Problems, text: str, told: str) -> None:
    (problem,) = problems_of(f"{BASE}  {text}\n")
    assert told in problem


def test_a_board_among_peoples_lines_is_advised_against(load_text: Load) -> None:
    (warning,) = load_text(f"{BASE}  boards: {{a: {{channel: main}}}}\n").warnings
    assert "is a channel of the room 'main'" in str(warning)


def test_without_discord_there_is_no_status_channel(problems_of: Problems) -> None:
    text = "servers: {a: {status: {}}}\nstatus-channel: {presence: {lines: [x]}}\n"
    assert any("needs the block discord" in problem for problem in problems_of(text))


@pytest.mark.parametrize("wrong", ["4:00", "24:00", "04:60", "sonntag 04:00", "sunday", "every day", ""])
def test_a_time_of_the_week_is_written_in_one_way(wrong: str) -> None:
    with pytest.raises(ValueError, match="write 04:00"):
        parse_week_time(wrong)


def test_times_of_the_week_are_read() -> None:
    assert parse_week_time("04:00") == (None, 4, 0)
    assert parse_week_time("sunday 23:59") == (6, 23, 59)
