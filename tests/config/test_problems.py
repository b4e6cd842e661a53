"""One table: what is written, and what people read about it."""
# ruff: noqa: E501 - a line of a table is one line, so that it can be compared with its neighbours

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.config.problems import HIDDEN, Problem, SettingsError, dotted, nearest, shown
from bridge.config.shape import Kind, every_key

Problems = Callable[..., list[str]]

RCON = "servers: {s: {rcon: {password: correct horse}}}\n"  # line 1 of most texts below
DISCORD = """
discord:
  token: "${DISCORD_TOKEN}"
  guild: "110373943822540800"
  channels: {main: "110373943822540801"}
"""

VALUES = [
    # whole numbers
    ("website: {port: 255750}", "website.port: 255750 is not a whole number from 0 to 65535"),
    ("website: {port: -1}", "website.port: -1 is not a whole number from 0 to 65535"),
    ("website: {port: eighty}", "website.port: 'eighty' is not a whole number from 0 to 65535"),
    ("website: {port: 80.5}", "website.port: '80.5' is not a whole number from 0 to 65535"),
    ("website: {port: [80]}", "website.port: a list is not a whole number from 0 to 65535"),
    ("website: {port: {a: 1}}", "website.port: a block is not a whole number from 0 to 65535"),
    ("website: {port: 99999999999999999999}", "website.port: 99999999999999999999 is not a whole number from 0 to 65535"),
    ("website: {port: true}", "website.port: 'true' is not a whole number from 0 to 65535"),
    # switches and choices
    ("website: {enabled: maybe}", "website.enabled: 'maybe' is not true or false"),
    ("website: {enabled: 2}", "website.enabled: 2 is not true or false"),
    ("website: {enabled: []}", "website.enabled: a list is not true or false"),
    ("version: 2", "version: 2 is not one of: 1"),
    ("community: {language: de}", "community.language: 'de' is not one of: en, fr"),
    ("community: {language: {}}", "community.language: an empty block is not one of: en, fr"),
    ("relay: {server-prefix: alway}", "relay.server-prefix: 'alway' is not one of: auto, always, never; did you mean 'always'?"),
    # durations
    ("retention: {chat: 90}", "retention.chat: 90 is not a duration: write a number with a unit, such as 500ms, 30s, 10m, 2h or 90d"),
    ("retention: {chat: 90 days}", "retention.chat: '90 days' is not a duration: write a number with a unit, such as 500ms, 30s, 10m, 2h or 90d"),
    ("retention: {chat: 1.5}", "retention.chat: '1.5' is not a duration: write a number with a unit, such as 500ms, 30s, 10m, 2h or 90d"),
    ("retention: {chat: 9999d}", "retention.chat: '9999d' is not a duration up to 3650d"),
    # texts
    ("community: {name: 7}", "community.name: 7 is not a text of 1 to 80 characters; write it in quotes"),
    ("community: {name: true}", "community.name: true is not a text of 1 to 80 characters; write it in quotes"),
    ('community: {name: ""}', "community.name: '' is not a text of 1 to 80 characters"),
    (f"community: {{name: {'x' * 81}}}", f"community.name: '{'x' * 60}…' is not a text of 1 to 80 characters"),
    ("community: {name: {player}}", "community.name: a block is not a text of 1 to 80 characters; a text that begins with '{' needs quotes"),
    ("data: 7", "data: 7 is not a path; write it in quotes"),
    ("website: {host: a b}", "website.host: 'a b' is not a text of 1 to 253 characters"),
    ("website: {public-url: mc.example.org}", "website.public-url: 'mc.example.org' is not an address that begins with https:// or http://"),
    ("website: {public-url: 'https://a:99999'}", "website.public-url: 'https://a:99999' is not an address that begins with https:// or http://"),
    ("website: {frame-ancestors: [https://a.org/x]}", "website.frame-ancestors[0]: 'https://a.org/x' is not an origin: write scheme and host only, such as https://example.org"),
    ("website: {trusted-proxies: [proxy.local]}", "website.trusted-proxies[0]: 'proxy.local' is not an IP address or network, such as 127.0.0.1 or 172.16.0.0/12"),
    ("community: {time-zone: Europe/Pariss}", "community.time-zone: 'Europe/Pariss' is not a time zone; did you mean 'Europe/Paris'?"),
    ("community: {time-zone: ../etc/passwd}", "community.time-zone: '../etc/passwd' is not a time zone; write it as in Europe/Paris or America/Montreal"),
    ("community: {time-zone: Europe}", "community.time-zone: 'Europe' is not a time zone; did you mean 'Europe/Rome'?"),
    ("messages: {command.unknown-error: 3}", "messages.command.unknown-error: 3 is not a text, or texts by plural form (one, other); write it in quotes"),
    ("messages: {command.unknown-error: {one: 3}}", "messages.command.unknown-error: a block is not a text, or texts by plural form (one, other); each form is a text in quotes"),
    # lists and blocks
    ("privacy: {hidden-players: Steve}", "privacy.hidden-players: a text is not a list ([one, two], or lines that begin with '-')"),
    ("privacy: {hidden-players: [3]}", "privacy.hidden-players[0]: 3 is not a text; write it in quotes"),
    ("privacy: {hidden-players: {a: b}}", "privacy.hidden-players: a block is not a list ([one, two], or lines that begin with '-')"),
    ("relay: fast", "relay: a text is not a block of settings (keys with values, indented below it)"),
    ("relay: [1]", "relay: a list is not a block of settings (keys with values, indented below it)"),
    ("rooms: [1]", "rooms: a list is not a block of names with values, at least one, indented below it"),
    ("messages: hello", "messages: a text is not a block of names with values, at least one, indented below it"),
    # keys
    ("webiste: {port: 80}", "webiste: is not a setting; did you mean 'website'?"),
    ("community: {time_zone: UTC}", "community.time_zone: is not a setting; did you mean 'time-zone'?"),
    ("community: {nonsense: 1}", "community.nonsense: is not a setting; known here: name, language, time-zone"),
    ("community: {nonsense:}", "community.nonsense: is not a setting; known here: name, language, time-zone"),
    ("logging: {level: info, level: debug}", "logging.level: is set twice; the first time on line 2"),
    ("rooms: {Big Room: {servers: [s], website: read}}", "rooms.'Big Room': the key is not a name (small letters, digits and hyphens, at most 32)"),
    # YAML's traps
    ("website: {port: 0x50}", 'website.port: 0x50 is read differently by different programs; write "0x50" if it is a text or an id, else the number as it is usually written'),
    ("community: {name: 12:30}", 'community.name: 12:30 is read differently by different programs; write "12:30" if it is a text or an id, else the number as it is usually written'),
    ("community: {<<: {name: a}}", "community: '<<' is not supported; repeat the keys"),
    ("community: {[a]: b}", "community: a key must be a single word before ':'"),
    ('community: {name: "a\\0b"}', "community.name: contains a character that is no text (U+0000)"),
    ('community: {name: "\\uD800"}', "community.name: contains a character that is no text (U+D800)"),
    ("relay: &r {late-after: *r}", "relay.late-after: an anchor that contains itself"),
    # names that must exist
    ("rooms: {r: {servers: [t], website: read}}", "rooms.r.servers[0]: 't' is not a name under servers; known are: s"),
    ("rooms: {r: {servers: [s, s]}}", "rooms.r.servers[1]: 's' is listed twice"),
    ("rooms: {r: {servers: [s], channels: [main]}}", "rooms.r.channels[0]: 'main' is not a name under discord.channels; discord.channels is empty"),
    ("notices: {join: {channel: main}}", "notices.join.channel: 'main' is not a name under discord.channels; discord.channels is empty"),
    ("notices: {join: {template: '{palyer} is here'}}", "notices.join.template: uses {palyer}; did you mean 'player'?"),
    ("notices: {join: {template: '%tps%'}}", "notices.join.template: uses {tps}; nothing fills it here; known are {player}, {server}"),
    ("messages: {command.unknown-eror: a}", "messages.command.unknown-eror: is not a sentence of the bridge; did you mean 'command.unknown-error'?"),
    ("website: {port: 25575}", "website.port: is the port of servers.s.rcon; choose another one"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), VALUES, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_told_with_key_value_and_what_is_allowed(
    problems_of: Problems, text: str, told: str
) -> None:
    assert problems_of(RCON + text) == [f"2: {told}"]


SERVERS = [
    ("{}", "servers.t: has no way in; give it log, console, rcon, status or management (status: {} asks the usual port on this machine)"),
    ("", "servers.t: has no way in; give it log, console, rcon, status or management (status: {} asks the usual port on this machine)"),
    ("{log: {}}", "servers.t.log.path: is missing; The path of latest.log; rotated .log.gz files are looked for beside it. Relative to the folder of the settings file."),
    ("{rcon: {}}", "servers.t.rcon.password: is missing; rcon.password in server.properties."),
    ("{rcon: {password: ''}}", "servers.t.rcon.password: (hidden) is not a text of at least 1 character"),
    ("{rcon: {password: 12345678}}", "servers.t.rcon.password: (hidden) is not a text of at least 1 character; write it in quotes"),
    ("{rcon: {password: Change-Me}}", "servers.t.rcon.password: is still the example; write your own value"),
    ("{rcon: {password: hunter2222, prot: 1}}", "servers.t.rcon.prot: is not a setting; did you mean 'port'?"),
    ("{log: {path: s.log}}", "servers.t.log.path: is the same log as servers.s.log.path"),
    ("{log: {path: x}, console: {url: 'ws://a/console', password: b}}", "servers.t.console: is set beside log; keep log where the file can be read, or else console"),
    ("{rcon: hunter2222}", "servers.t.rcon: a text is not a block of settings (keys with values, indented below it)"),
    ("{status: {host: t, timeout: 0s}}", "servers.t.status.timeout: '0s' is not a duration over 0s and up to 3650d"),
    ("{status: {port: 25565}}", "servers.t.status.port: is the same host and port as servers.s.status"),
    ("{log: {path: a, encoding: utf-16}}", "servers.t.log.encoding: 'utf-16' is not an encoding of log lines; write one such as cp1252, utf-8, gbk or cp1251"),
    ("{log: {path: a, encoding: hex}}", "servers.t.log.encoding: 'hex' is not an encoding of log lines; write one such as cp1252, utf-8, gbk or cp1251"),
    ("{log: {path: a, dialect: papre}}", "servers.t.log.dialect: 'papre' is not one of: auto, vanilla, bukkit, forge, fabric, hybrid, velocity, bungeecord"),
    ("{log: {path: a, chat-patterns: [{pattern: '(?P<player>.*)'}]}}", "servers.t.log.chat-patterns[0].pattern: '(?P<player>.*)' does not say where to find everything: it needs (?P<text>…)"),
    ("{log: {path: a, chat-patterns: [{pattern: '('}]}}", "servers.t.log.chat-patterns[0].pattern: '(' is not a regular expression: missing ), unterminated subpattern at position 0"),
    ("{log: {path: a, chat-patterns: [{pattern: '(?P<player>.)(?P<text>.)', thread: '['}]}}", "servers.t.log.chat-patterns[0].thread: '[' is not a regular expression: unterminated character set at position 0"),
]  # fmt: skip


@pytest.mark.parametrize(("server", "told"), SERVERS, ids=lambda value: str(value)[:40])
def test_a_wrong_server_is_told(problems_of: Problems, server: str, told: str) -> None:
    assert problems_of(f"servers:\n  s: {{log: {{path: s.log}}, status: {{}}}}\n  t: {server}\n") == [
        f"3: {told}"
    ]


TOKENS = [
    ("abcdefghijabcdefghijabcdefghij12", "is a client secret (32 characters), not the bot's token"),
    ("ab" * 32, "is the application's public key (64 characters), not the bot's token"),
    ("110373943822540801", "is an id, not the bot's token"),
    (" ${DISCORD_TOKEN} ", "has spaces around it"),
    ("nonsense", "is not a bot's token (three parts with dots between them; this has 8 characters)"),
]


@pytest.mark.parametrize(("token", "told"), TOKENS)
def test_what_is_pasted_instead_of_the_token_is_recognised(
    problems_of: Problems, token: str, told: str
) -> None:
    problems = problems_of(f"{RCON}{DISCORD.replace('${DISCORD_TOKEN}', token)}")
    assert problems == [
        f"4: discord.token: {told}; the bot's token is in the developer portal under Bot, Reset Token"
    ]


def test_a_token_with_its_header_word_is_recognised(problems_of: Problems) -> None:
    problems = problems_of(RCON + DISCORD.replace("${DISCORD_TOKEN}", "Bot ${DISCORD_TOKEN}"))
    assert problems == ["4: discord.token: begins with a word; write the token alone, without 'Bot '"]


def test_other_servers_tokens_may_look_different(problems_of: Problems) -> None:
    text = DISCORD.replace("${DISCORD_TOKEN}", "simulated") + "  api-url: http://127.0.0.1:4711/api\n"
    assert problems_of(RCON + text) == []


IDS = [
    ("guild: 110373943822540800", "guild: 110373943822540800 is not a Discord id (15 to 20 digits in quotes); write the id in quotes"),
    ("guild: '١١٠٣٧٣٩٤٣٨٢٢٥٤٠٨٠٠'", "guild: '١١٠٣٧٣٩٤٣٨٢٢٥٤٠٨٠٠' is not a Discord id (15 to 20 digits in quotes)"),
    ('guild: "000000000000000000"', "guild: '000000000000000000' is still the example; write your own value"),
    ("channels: {}", "channels: an empty block is not a block of names with values, at least one, indented below it"),
    ("channels: {main: }", "channels.main: an empty value is not a Discord id (15 to 20 digits in quotes)"),
    ('channels: {a: "110373943822540801", b: "110373943822540801"}', "channels.b: is the same channel as discord.channels.a"),
    ("avatar-url: 'https://a.org/{uid}'", "avatar-url: 'https://a.org/{uid}' uses {uid}, which is not known here; known are {uuid}, {uuid-nodashes}, {name}, {username}, {player}, {size}"),
    ("avatar-url: heads", "avatar-url: 'heads' is not an address that begins with https:// or http://"),
    ("gateway-url: https://a.org", "gateway-url: 'https://a.org' is not an address that begins with wss:// or ws://"),
    ("allowed-mentions: [user]", "allowed-mentions[0]: 'user' is not one of: users, roles, everyone; did you mean 'users'?"),
    ("say-roles: [110373943822540801]", "say-roles[0]: 110373943822540801 is not a Discord id (15 to 20 digits in quotes); write the id in quotes"),
    ("toke-file: x", "toke-file: is not a setting; did you mean 'token-file'?"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "told"), IDS, ids=lambda value: str(value)[:40])
def test_a_wrong_discord_setting_is_told(problems_of: Problems, line: str, told: str) -> None:
    key = line.partition(":")[0]
    kept = [row for row in DISCORD.splitlines() if not row.strip().startswith(f"{key}:")]
    number = len(kept) + 2
    assert problems_of("\n".join([RCON.strip(), *kept, f"  {line}"])) == [f"{number}: discord.{told}"]


def test_a_channel_belongs_to_one_room(problems_of: Problems) -> None:
    rooms = "rooms:\n  a: {servers: [s], channels: [main]}\n  b: {servers: [s], channels: [main]}\n"
    assert problems_of(RCON + DISCORD.lstrip() + rooms) == [
        "8: rooms.b.channels[0]: 'main' is in two rooms; it is in rooms.a already; a channel belongs to one room"
    ]


def test_a_room_cannot_use_a_website_that_is_off(problems_of: Problems) -> None:
    text = "website: {enabled: off}\nrooms: {r: {servers: [s], website: read}}\n"
    assert problems_of(RCON + text) == [
        "3: rooms.r.website: needs the website, which is switched off; set website.enabled to true, or this to off"
    ]


SYNTAX = [
    ("a:\n\tb: 1", "2: a tab; indent with spaces"),
    ("a: {b: 1", "1: a list or block opened with [ or { is not closed, or a comma is missing"),
    ("a: 'b", "1: a quote is opened and never closed"),
    ("a: b: c", "1: a second ': ' on one line, or a line that is indented too far"),
    ("a: 1\nb", "2: a key without ':' after it"),
    ("a:\n  b: 1\n c: 2", "3: this line does not fit the ones above: compare how far they are indented"),
    ("a: @b", "1: a text that begins with '@'; put it in quotes"),
    ("a: {player} joined", "1: a value that begins with '{' is no text; put it in quotes"),
    ("a: *b", "1: '*' refers to a name that no '&' has given: put the text in quotes"),
    ('a: "\\q"', r"1: a backslash in double quotes: use single quotes, or write \\"),
    ("a: !!python/object:os.system b", "1: the tag 'tag:yaml.org,2002:python/object:os.system' is not used here; put texts with '!' in quotes"),
    ("a: 1\n---\nb: 1", "2: a second document begins here ('---'); keep one"),
    ("- a", "1: settings begin with a key and ':'"),
    ("hello", "1: settings begin with a key and ':'"),
    ("a: \x01", "1: a character that is no text (U+0001); remove it"),
    ("a: " + "[" * 30, "1: blocks inside blocks, more than 24 deep"),
    ("%YAML 1.1 x", "1: this cannot be read as YAML; compare it with configs/bridge.yml"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), SYNTAX)
def test_what_is_not_yaml_is_told_with_its_line(problems_of: Problems, text: str, told: str) -> None:
    assert problems_of(text) == [told]


def test_every_problem_is_told_in_one_run_in_the_order_of_the_file(problems_of: Problems) -> None:
    text = """\
        version: 3
        servers:
          survival:
            rcon:
              port: 255750
              prot: 1
              password: "${NOT_THERE}"
        rooms:
          main: {servers: [survivle], website: read}
        retention: {chat: 5}
        retention: {chat: 5}
        """
    assert [line.split(": ")[1] for line in problems_of(text)] == [
        "version",
        "servers.survival.rcon.port",
        "servers.survival.rcon.prot",
        "servers.survival.rcon.password",
        "rooms.main.servers[0]",
        "retention.chat",
        "retention",
    ]


def test_anchors_cannot_multiply(problems_of: Problems) -> None:
    """The billion laughs are stopped by their number, not by the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    problems = problems_of("\n".join(lines))
    assert any("more than 20000 values, anchors included" in problem for problem in problems)


def test_an_anchor_may_be_used(problems_of: Problems) -> None:
    text = (
        "servers:\n  a: {status: &s {every: 1m}, log: {path: a}}\n  b: {status: {host: b}, log: {path: b}}\n"
    )
    assert problems_of(text) == []


def test_an_empty_file_misses_its_servers(problems_of: Problems) -> None:
    assert problems_of("") == ["1: servers: is missing; Your game servers, each under a name of your choice."]


def test_no_words_of_the_library_reach_people(problems_of: Problems) -> None:
    """Every setting is given every kind of wrong value; each gets words of ours."""
    words = (" is not ", " is missing", "is not a setting", "has no way in", "needs ", "uses {")
    wrong = ("[[1]]", "{x: {y: 1}}", "-1", "true", "''", "1.5", "x y")
    for key, spot in every_key():
        if "messages" in key or (spot.kind is Kind.TEXT and spot.least is None and spot.pattern is None):
            continue
        for value in wrong:
            text = _nested(key.replace("*", "s").split("."), value)
            for problem in problems_of(text):
                assert any(word in problem for word in words), problem
                assert "input" not in problem.lower(), problem
                assert "valid" not in problem.lower(), problem


def _nested(steps: list[str], value: str) -> str:
    lines = [f"{'  ' * depth}{step}:" for depth, step in enumerate(steps)]
    return "\n".join(lines) + f" {value}\n"


def test_a_problem_reads_as_one_line() -> None:
    problem = Problem(file="a.yml", line=3, key="a.b", message="is wrong", hint="do this")
    assert str(problem) == "a.yml:3: a.b: is wrong; do this"
    assert str(Problem(file="a.yml", line=0, key="", message="is wrong")) == "a.yml: is wrong"
    assert str(SettingsError([problem, problem])) == f"{problem}\n{problem}"


def test_values_are_shown_on_one_line_and_never_as_secrets() -> None:
    assert shown("a\nb\x00") == r"'a\nb\x00'"
    assert shown(f"{'M' * 24}.GabcdE.{'x' * 38}") == HIDDEN
    assert shown("https://discord.com/api/webhooks/1/abc") == HIDDEN
    assert dotted(("servers", "a b\n", 0)) == r"servers.'a b\n'[0]"
    assert nearest("prot", ["port", "host"]) == "did you mean 'port'?"
    assert nearest("zzz", ["port", "host"]) is None
