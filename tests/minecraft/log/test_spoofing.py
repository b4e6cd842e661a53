"""Nothing a player can type tells another event than chat; nothing at all makes the parser stumble."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config.settings import DialectName
from bridge.events import ChatBroadcast, ChatEmoted, ChatSaid, Event, ServerId
from bridge.minecraft.log.clock import LineClock
from bridge.minecraft.log.decode import decode
from bridge.minecraft.log.explain import explain, explain_file
from bridge.minecraft.log.names import without_codes
from bridge.minecraft.log.parser import LogParser

_PREFIXES = {
    DialectName.VANILLA: "[12:00:00] [Server thread/INFO]: ",
    DialectName.BUKKIT: "[12:00:00] [Async Chat Thread - #3/INFO]: ",
    DialectName.FORGE: "[05out.2024 12:00:00.123] [Server thread/INFO] [minecraft/MinecraftServer]: ",
    DialectName.HYBRID: "[12:00:00] [Server thread/INFO] [minecraft/DedicatedServer]: ",
    DialectName.FABRIC: "[12:00:00] [Server thread/INFO] (Minecraft) ",
    DialectName.AUTO: "2013-05-06 12:00:00 [INFO] ",
}
_CONSOLE = "[12:00:00 INFO]: "
_EVENTS = (
    "Noah joined the game",
    "Noah left the game",
    "Noah lost connection: Disconnected",
    "Noah[/203.0.113.5:50000] logged in with entity id 7 at (1.0, 2.0, 3.0)",
    "was slain by Herobrine",
    "Noah was slain by Zombie",
    "Noah has made the advancement [Stone Age]",
    "Noah issued server command: /op Mira",
    "Stopping the server",
    "Starting minecraft server version 1.20.1",
    'Done (1.0s)! For help, type "help"',
    "UUID of player Noah is 11111111-2222-4333-8444-555555555555",
    "Disconnecting Noah (/203.0.113.5:50000): You are banned",
    "[Rcon: Kicked Noah: bye]",
    "Kicked Noah: bye",
    "x: Kicked Noah: bye]",
    "x: Stopping the server]",
    "System chat: Noah left the game",
    "[12:00:00] [Server thread/INFO]: Noah left the game",
    "mc-1  | [12:00:00] [Server thread/INFO]: Noah left the game",
    "<Admin> free diamonds",
    "[Server] free diamonds",
    "[connected player] Noah (/203.0.113.5:50000) has disconnected",
    "-> UpstreamBridge has disconnected",
    "Can't keep up! Is the server overloaded? Running 1ms or 1 ticks behind",
)
_typed = st.one_of(
    st.sampled_from(_EVENTS),
    st.builds(
        lambda *parts: "".join(parts), st.text(max_size=8), st.sampled_from(_EVENTS), st.text(max_size=8)
    ),
    st.text(min_size=1, max_size=60),
).map(lambda text: text.replace("\n", " ").replace("\r", " ").replace("\x00", "") or "x")


def _parser(prefix: str, dialect: DialectName = DialectName.AUTO) -> tuple[LogParser, LineClock]:
    """A parser that has read the joins of Mira and Noah."""
    parser = LogParser(ServerId("s"), dialect=dialect)
    clock = LineClock(date(2024, 9, 5), ZoneInfo("Europe/Paris"))
    for name in ("Mira", "Noah"):
        parser.parse(
            f"{prefix.replace('Async Chat Thread - #3', 'Server thread')}{name} joined the game", clock
        )
    assert parser.online == ("Mira", "Noah")
    return parser, clock


@pytest.mark.parametrize("dialect", _PREFIXES, ids=str)
@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("<Mira> ", ChatSaid),
        ("<[Red] Mira> ", ChatSaid),
        ("[Not Secure] <Mira> ", ChatSaid),
        ("* Mira ", ChatEmoted),
        ("[Not Secure] * Mira ", ChatEmoted),
        ("[Mira] ", ChatBroadcast),
        ("[Not Secure] [Mira] ", ChatBroadcast),
    ],
)
@settings(max_examples=25, deadline=None)
@given(text=_typed)
def test_typed_text_is_chat_with_that_text_in_every_dialect(
    dialect: DialectName, before: str, kind: type[ChatSaid | ChatEmoted | ChatBroadcast], text: str
) -> None:
    parser, clock = _parser(_PREFIXES[dialect], dialect)
    event = parser.parse(_PREFIXES[dialect] + before + text, clock)
    assert isinstance(event, kind)
    assert (event.speaker.name, event.text) == ("Mira", without_codes(text))
    assert parser.online == ("Mira", "Noah")


@pytest.mark.parametrize(
    "before",
    [
        "Mira: ",
        "[G] Mira: ",
        "Knight | Mira » ",
        "[Staff] Mira > ",
        "~Mira: ",
        "(To Mira): ",
        "[Not Secure] [G] Mira: ",
        "[Not Secure] Knight Mira: ",
    ],
)
@settings(max_examples=40, deadline=None)
@given(text=_typed)
def test_a_chat_plugins_format_never_tells_another_event(before: str, text: str) -> None:
    parser, clock = _parser(_CONSOLE)
    event = parser.parse(_CONSOLE + before + text, clock)
    assert event is None or isinstance(event, ChatSaid | ChatEmoted | ChatBroadcast)
    assert parser.online == ("Mira", "Noah")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from([*_PREFIXES.values(), _CONSOLE]).flatmap(
                lambda prefix: st.binary(max_size=60).map(lambda raw: prefix.encode() + raw)
            ),
        ),
        max_size=6,
    )
)
def test_any_bytes_give_one_report_each_and_no_exception(lines: list[bytes]) -> None:
    reports = list(explain_file(lines))
    assert [report.line for report in reports] == list(range(1, len(lines) + 1))
    assert [report.json() for report in explain_file(lines)] == [report.json() for report in reports]


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.builds(str.__add__, st.sampled_from(list(_PREFIXES.values())), _typed))
)
def test_every_line_can_be_explained(line: str) -> None:
    explanation = explain(line)
    assert explanation.sentence.startswith("explain.")
    assert (explanation.event is None) == explanation.sentence.startswith("explain.nothing.")


def test_a_line_of_a_megabyte_is_cut_and_read() -> None:
    raw = b"[12:00:00] [Server thread/INFO]: <Mira> " + "é".encode() * 600_000
    text = decode(raw)
    assert text.startswith("[12:00:00] [Server thread/INFO]: <Mira> é")
    assert len(text.encode()) <= 32 * 1024


_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=16)


@settings(max_examples=80, deadline=None)
@given(name=_NAMES, dotted=st.booleans(), stays=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=4))
def test_a_stay_has_one_join_and_one_leave_however_it_is_told(
    name: str, dotted: bool, stays: list[tuple[bool, bool]]
) -> None:
    """Names of 1 to 16 characters; the login line first or last; a leave in one line or two."""
    name = f".{name[:15]}" if dotted else name
    parser = LogParser(ServerId("s"))
    clock = LineClock(date(2024, 9, 5), ZoneInfo("UTC"))
    events: list[Event] = []
    for login_first, two_lines in stays:
        joins = [
            f"{name}[/203.0.113.5:50000] logged in with entity id 7 at (1.0, 2.0, 3.0)",
            f"{name} joined the game",
        ]
        leaves = [f"{name} lost connection: Disconnected", f"{name} left the game"]
        told = (joins if login_first else joins[::-1]) + (leaves if two_lines else leaves[1:])
        lines = [f"[12:00:00] [Server thread/INFO]: {line}" for line in told]
        events += [event for line in lines if (event := parser.parse(line, clock)) is not None]
    assert [event.kind for event in events] == ["player.joined", "player.left"] * len(stays)
    assert parser.online == ()
