"""What the parser remembers between lines, and what it is told besides them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.config.settings import ChatPattern, DialectName
from bridge.events import (
    ChatSaid,
    Event,
    PlayerIdentified,
    PlayerJoined,
    PlayerKicked,
    PlayerLeft,
    ServerId,
    ServerOverloaded,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.parser import LogParser
from bridge.minecraft.log.speech import PatternError

_HEAD = "[12:00:00] [Server thread/INFO]: "
_AT = datetime(2024, 9, 5, 12, tzinfo=UTC)
_SERVER = ServerId("s")
_OLD_OVERLOAD = "Did the system time change, or is the server overloaded?"


def _clock() -> LineClock:
    return LineClock(date(2024, 9, 5), ZoneInfo("UTC"))


def _events(parser: LogParser, *messages: str) -> list[Event]:
    lines = [
        message if message.startswith("[") and "]: " in message else _HEAD + message for message in messages
    ]
    return [event for line in lines if (event := parser.parse(line, _clock())) is not None]


def test_the_uuid_of_the_login_goes_with_everything_the_player_does() -> None:
    parser = LogParser(_SERVER)
    events = _events(
        parser,
        "[12:00:00] [User Authenticator #1/INFO]: UUID of player Mira is 11111111222243338444555555555555",
        "Mira joined the game",
        "<Mira> hello",
        "Mira drowned",
    )
    uuid = "11111111-2222-4333-8444-555555555555"
    assert [getattr(event, "uuid", None) for event in (events[0], events[1], events[3])] == [uuid] * 3
    assert isinstance(events[2], ChatSaid)
    assert events[2].speaker.id == uuid


def test_after_a_restart_of_the_bridge_the_second_line_of_a_join_tells_nothing() -> None:
    parser = LogParser(_SERVER)
    parser.restore(
        [PlayerJoined(at=_AT, server=_SERVER, player="Mira", uuid="11111111-2222-4333-8444-555555555555")]
    )
    assert parser.online == ("Mira",)
    assert (
        _events(parser, "Mira joined the game", "Mira[local] logged in with entity id 1 at (1, 2, 3)") == []
    )
    (event,) = _events(parser, "<Mira> hello")
    assert isinstance(event, ChatSaid)
    assert event.speaker.id == "11111111-2222-4333-8444-555555555555"


def test_after_a_restart_of_the_bridge_the_second_line_of_a_leave_or_a_stop_tells_nothing() -> None:
    parser = LogParser(_SERVER)
    parser.restore(
        [
            ServerStarting(at=_AT, server=_SERVER),
            ServerStarted(at=_AT, server=_SERVER),
            PlayerIdentified(
                at=_AT, server=_SERVER, player="Mira", uuid="11111111-2222-4333-8444-555555555555"
            ),
            PlayerJoined(at=_AT, server=_SERVER, player="Mira"),
            ServerStopping(at=_AT, server=_SERVER),
            PlayerLeft(at=_AT, server=_SERVER, player="Mira"),
        ]
    )
    assert _events(parser, "Mira left the game", "Stopping server") == []


def test_a_start_empties_the_server() -> None:
    parser = LogParser(_SERVER)
    _events(parser, "Mira joined the game", "Starting minecraft server version 1.20.1")
    assert parser.online == ()
    assert len(_events(parser, "Mira joined the game")) == 1


def test_every_run_of_the_server_stops_once() -> None:
    run = (
        "Starting minecraft server version 1.20.1",
        'Done (1.0s)! For help, type "help"',
        "Stopping the server",
        "Stopping server",
    )
    kinds = [event.kind for event in _events(LogParser(_SERVER), *run, *run)]
    assert kinds == ["server.starting", "server.started", "server.stopping"] * 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.345s", 12.345),
        ("21,644s", 21.644),
        ("7202843100ns", 7.2028431),
        ("1,234.5s", 1234.5),
        ("soon", None),
    ],
)
def test_the_time_a_start_took_is_read_in_every_wording(text: str, seconds: float | None) -> None:
    (event,) = _events(LogParser(_SERVER), f'Done ({text})! For help, type "help"')
    assert isinstance(event, ServerStarted)
    assert event.took_s == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("Is the server overloaded? Running 2034ms or 40 ticks behind", (2034, 40)),
        (f"{_OLD_OVERLOAD} Running 2034ms behind, skipping 40 tick(s)", (2034, 40)),
        (_OLD_OVERLOAD, (None, None)),
    ],
)
def test_overload_is_read_in_every_wording(text: str, behind: tuple[int | None, int | None]) -> None:
    event = LogParser(_SERVER).parse(f"[12:00:00] [Server thread/WARN]: Can't keep up! {text}", _clock())
    assert isinstance(event, ServerOverloaded)
    assert (event.behind_ms, event.behind_ticks) == behind


@pytest.mark.parametrize(
    ("line", "by", "reason"),
    [
        ("[Rcon: Kicked Mira: bye: now]", "Rcon", "bye: now"),
        ("[Noah: Kicked Mira from the game]", "Noah", None),
        ("[Noah: Kicked Mira from the game: 'it's late']", "Noah", "it's late"),
        ("[[Staff]: Noah: Kicked [Red] Mira: bye]", "Noah", "bye"),
        ("Kicked Mira: bye", None, "bye"),
        ("Kicked player Mira. With reason:", None, None),
        ("CONSOLE: Kicking Mira", "CONSOLE", None),
    ],
)
def test_a_kick_names_who_and_why(line: str, by: str | None, reason: str | None) -> None:
    event = LogParser(_SERVER).parse(_HEAD + line, _clock())
    assert isinstance(event, PlayerKicked)
    assert (event.player, event.by, event.reason) == ("Mira", by, reason)


@pytest.mark.parametrize(
    "line",
    [
        "[Plugin] Noah: Kicked Mira: bye",
        "[Noah: Banned Mira: bye]",
        "[Noah: Opped Mira]",
        "Mira was kicked for floating!",
    ],
)
def test_what_only_looks_like_a_kick_is_none(line: str) -> None:
    assert LogParser(_SERVER).parse(_HEAD + line, _clock()) is None


_RANKED = ChatPattern(pattern=r"\[\w+\] (?P<player>\S+): (?P<text>.*)", thread="Async Chat Thread")


def test_a_chat_pattern_teaches_a_plugins_format_on_its_thread_only() -> None:
    parser = LogParser(_SERVER, chat_patterns=(_RANKED,))
    line = "[12:00:00] [{}/INFO]: [Knight] Mira: Noah left the game"
    event = parser.parse(line.format("Async Chat Thread - #1"), _clock())
    assert isinstance(event, ChatSaid)
    assert (event.speaker.name, event.text) == ("Mira", "Noah left the game")
    assert parser.parse(line.format("Server thread"), _clock()) is None


def test_a_chat_pattern_reads_other_loggers_and_threads_too() -> None:
    parser = LogParser(_SERVER, chat_patterns=(ChatPattern(pattern=r"(?P<player>\S+) » (?P<text>.*)"),))
    for head in ("[12:00:00] [Chat Worker/INFO]: ", "[12:00:00] [Server thread/INFO] [SomeChat/]: "):
        assert isinstance(parser.parse(head + "Mira » hello", _clock()), ChatSaid)
        assert parser.parse(head + "Mira left the game", _clock()) is None


@pytest.mark.parametrize("pattern", ["(", "(?P<player>a)", "(?P<text>a)", "plain"])
def test_a_bad_chat_pattern_is_told_with_the_pattern(pattern: str) -> None:
    with pytest.raises(PatternError, match="chat pattern"):
        LogParser(_SERVER, chat_patterns=(ChatPattern.model_construct(pattern=pattern, thread=None),))


def test_a_chosen_dialect_reads_no_other_layout() -> None:
    parser = LogParser(_SERVER, dialect=DialectName.FABRIC)
    assert parser.parse("2013-05-06 12:00:00 [INFO] Mira joined the game", _clock()) is None
    assert parser.parse(_HEAD + "Mira joined the game", _clock()) is not None


def test_a_log_may_change_its_layout() -> None:
    parser = LogParser(_SERVER)
    for head in (_HEAD, "[12:00:00 INFO]: ", "2013-05-06 12:00:00 [INFO] ", _HEAD):
        assert isinstance(parser.parse(head + "<Mira> hello", _clock()), ChatSaid)


def test_lines_are_counted_by_what_came_of_them() -> None:
    parser = LogParser(_SERVER)
    for line in (
        _HEAD + "Mira joined the game",
        _HEAD + "Mira[local] logged in with entity id 1 at (1, 2, 3)",
        _HEAD + "Saving chunks for level 'world'",
        _HEAD + "[Essentials] hello",
        "[12:00:00] [Worker-3/INFO]: hello",
        "\tat org.example.Plugin.join(Plugin.java:12)",
        _HEAD + "Unheard words of a later version",
    ):
        parser.parse(line, _clock())
    counts = parser.counts
    assert (counts.events, counts.known, counts.foreign, counts.continuations) == (1, 2, 2, 1)
    assert (parser.unknown, counts.lines) == (1, 7)


def test_floodgates_prefix_can_be_another() -> None:
    parser = LogParser(_SERVER, bedrock_prefix="BR_")
    (event,) = _events(parser, "BR_Mira Stone joined the game")
    assert isinstance(event, PlayerJoined)
    assert event.player == "BR_Mira Stone"


def test_time_comes_from_the_line_and_the_day_from_the_clock_or_the_line() -> None:
    clock = LineClock(date(2024, 1, 31), ZoneInfo("Europe/Paris"))
    parser = LogParser(_SERVER)
    first = parser.parse("[23:30:00] [Server thread/INFO]: <Mira> hello", clock)
    second = parser.parse("2013-07-01 00:30:00 [INFO] <Mira> hello", clock)
    assert [event.at for event in (first, second) if event] == [
        datetime(2024, 1, 31, 22, 30, tzinfo=UTC),
        datetime(2013, 6, 30, 22, 30, tzinfo=UTC),
    ]
    assert parser.parse("[25:61:00] [Server thread/INFO]: <Mira> hello", clock) is None
