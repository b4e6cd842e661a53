"""Checks that need more than one value: names that must exist, things that exclude each other.

They look at the plain values, so that they also speak when some other value is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bridge.config.document import Value, value_at
from bridge.config.findings import (
    LOOPBACK,
    Finding,
    Findings,
    block_at,
    is_off,
    is_on,
    name_at,
    names_at,
    texts_at,
)
from bridge.config.outside_checks import OUTSIDE_CHECKS
from bridge.config.problems import KeyPath, dotted, nearest
from bridge.config.report_checks import REPORT_CHECKS
from bridge.config.status_checks import STATUS_CHECKS
from bridge.config.watching_checks import WATCHING_CHECKS
from bridge.locales.catalogue import Catalogue
from bridge.locales.files import BASE, LANGUAGES, CatalogueError
from bridge.text.template import ALIASES, placeholders

_TOKEN: Final = re.compile(r"[\w-]{20,40}\.[\w-]{5,8}\.[\w-]{25,60}")
_DISCORD: Final = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com(?:/|$)")
NOTICE_PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "join": ("player", "server"),
        "leave": ("player", "server", "reason"),
        "death": ("player", "server", "message"),
        "advancement": ("player", "server", "message", "advancement"),
        "start": ("server",),
        "stop": ("server",),
    }
)
"""What the template of each notice can use."""


def findings(data: dict[str, Value]) -> Findings:
    """Yield what every check finds in the filled-in values."""
    for check in CHECKS:
        yield from check(data)


def _names_in_rooms(data: dict[str, Value]) -> Findings:
    for room in block_at(data, "rooms"):
        yield from names_at(data, ("rooms", room, "servers"), "servers")
        yield from names_at(data, ("rooms", room, "channels"), "discord", "channels")


def _notice_channels(data: dict[str, Value]) -> Findings:
    for kind in block_at(data, "notices"):
        yield from name_at(data, ("notices", kind, "channel"), "discord", "channels")


def _notice_templates(data: dict[str, Value]) -> Findings:
    for kind, known in NOTICE_PLACEHOLDERS.items():
        path = ("notices", kind, "template")
        template = value_at(data, path)
        for name in sorted(placeholders(template)) if isinstance(template, str) else ():
            if name not in known and ALIASES.get(name) not in known:
                hint = f"nothing fills it here; known are {', '.join(f'{{{one}}}' for one in known)}"
                yield Finding(path, f"uses {{{name}}}", nearest(name, known) or hint)


def _messages(data: dict[str, Value]) -> Findings:
    """Let the catalogue say what it thinks of each override on its own."""
    chosen = value_at(data, ("community", "language"))
    language = chosen if isinstance(chosen, str) and chosen in LANGUAGES else BASE
    for key, value in block_at(data, "messages").items():
        if isinstance(value, dict):
            forms = {form: text for form, text in value.items() if isinstance(text, str)}
            sentence: str | dict[str, str] | None = forms if len(forms) == len(value) else None
        else:
            sentence = value if isinstance(value, str) else None
        if sentence is None:
            continue
        try:
            Catalogue.load(language, {key: sentence})
        except CatalogueError as exc:
            yield Finding(("messages", key), str(exc).removeprefix(f"messages.{key}: "))


def _twice(data: dict[str, Value]) -> Findings:
    """A channel in two rooms would carry each line twice; so would the same id under two names."""
    for ends in ("channels", "servers"):
        seen: dict[str, KeyPath] = {}
        for room in block_at(data, "rooms"):
            for path, name in texts_at(data, "rooms", room, ends):
                first = seen.setdefault(name, path)
                if first is path:
                    continue
                if first[1] == room:
                    yield Finding(path, f"'{name}' is listed twice")
                elif ends == "channels":
                    hint = f"it is in {dotted(first[:2])} already; a channel belongs to one room"
                    yield Finding(path, f"'{name}' is in two rooms", hint)


def _same_value(data: dict[str, Value]) -> Findings:
    for above, below, what in (
        (("discord", "channels"), (), "the same channel"),
        (("servers",), ("log", "path"), "the same log"),
    ):
        seen: dict[str, str] = {}
        for name in block_at(data, *above):
            path = (*above, name, *below)
            value = value_at(data, path)
            if isinstance(value, str) and (first := seen.setdefault(value, name)) != name:
                yield Finding(path, f"is {what} as {dotted((*above, first, *below))}")


_WAYS: Final = ("log", "console", "rcon", "status", "management")


def _ways_in(data: dict[str, Value]) -> Findings:
    for name, server in block_at(data, "servers").items():
        if isinstance(server, dict) and not any(server.get(way) for way in _WAYS):
            ways = f"{', '.join(_WAYS[:-1])} or {_WAYS[-1]}"
            hint = f"give it {ways} (status: {{}} asks the usual port on this machine)"
            if not any(way in server and server[way] is not None for way in _WAYS):
                yield Finding(("servers", name), "has no way in", hint)


def _token(data: dict[str, Value]) -> Findings:
    """Recognise what people paste instead of the bot's token; other servers' tokens may look different."""
    token = value_at(data, ("discord", "token"))
    api = value_at(data, ("discord", "api-url"))
    if not isinstance(token, str) or not token or (isinstance(api, str) and not _DISCORD.match(api)):
        return
    if token.lower().startswith(("bot ", "bearer ")):
        yield Finding(("discord", "token"), "begins with a word", "write the token alone, without 'Bot '")
    elif _TOKEN.fullmatch(token) is None:
        where = "the bot's token is in the developer portal under Bot, Reset Token"
        yield Finding(("discord", "token"), _instead_of_token(token), where)


def _instead_of_token(token: str) -> str:
    if token.strip() != token:
        return "has spaces around it"
    if re.fullmatch(r"[A-Za-z0-9_-]{32}", token):
        return "is a client secret (32 characters), not the bot's token"
    if re.fullmatch(r"[0-9a-f]{64}", token):
        return "is the application's public key (64 characters), not the bot's token"
    if re.fullmatch(r"[0-9]{15,20}", token):
        return "is an id, not the bot's token"
    return f"is not a bot's token (three parts with dots between them; this has {len(token)} characters)"


def _places(data: dict[str, Value]) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield where every RCON, status and management port is: its block, its host and its port."""
    for name in block_at(data, "servers"):
        for way, usual in (("rcon", 25575), ("status", 25565), ("management", 25585)):
            path = ("servers", name, way)
            if isinstance(value_at(data, path), dict):
                host, port = value_at(data, (*path, "host")), value_at(data, (*path, "port"))
                if value_at(data, (*path, "kind")) != "bedrock":  # whose port is one for datagrams
                    yield path, str(host or "127.0.0.1"), str(port or usual)


def _ports(data: dict[str, Value]) -> Findings:
    if is_off(data, "website", "enabled"):
        return
    port = block_at(data, "website").get("port", 8080)
    for path, host, theirs in _places(data):
        if host in LOOPBACK and theirs == str(port):
            yield Finding(("website", "port"), f"is the port of {dotted(path)}", "choose another one")


def _ports_of_servers(data: dict[str, Value]) -> Findings:
    """The ports of a server are different ones, and no two servers share one."""
    seen: dict[tuple[str, str], KeyPath] = {}
    for path, host, port in _places(data):
        first = seen.setdefault((host, port), path)
        if first is not path:
            at = (*path, "port") if value_at(data, (*path, "port")) else path
            yield Finding(at, f"is the same host and port as {dotted(first)}")


def _website_rooms(data: dict[str, Value]) -> Findings:
    if not is_off(data, "website", "enabled"):
        return
    for room in block_at(data, "rooms"):
        if value_at(data, ("rooms", room, "website")) in ("read", "write"):
            hint = "set website.enabled to true, or this to off"
            yield Finding(("rooms", room, "website"), "needs the website, which is switched off", hint)


def _lonely(data: dict[str, Value]) -> Findings:
    """Rooms where nobody else listens, servers that nobody hears."""
    rooms = block_at(data, "rooms")
    heard: set[str] = set()
    for room in rooms:
        servers = [name for _, name in texts_at(data, "rooms", room, "servers")]
        channels = [name for _, name in texts_at(data, "rooms", room, "channels")]
        heard.update(servers)
        site = value_at(data, ("rooms", room, "website")) in ("read", "write")
        if len(servers) + len(channels) + site < 2:
            yield Finding(("rooms", room), "has fewer than two ends: nothing to relay", advice=True)
    for name in block_at(data, "servers"):
        if rooms and name not in heard:
            yield Finding(("servers", name), "is in no room: its chat goes nowhere", advice=True)


def _short_passwords(data: dict[str, Value]) -> Findings:
    for name in block_at(data, "servers"):
        path = ("servers", name, "rcon", "password")
        password = value_at(data, path)
        if isinstance(password, str) and 0 < len(password) < 8:
            hint = "whoever guesses it owns the server; take a long random one"
            yield Finding(path, "is shorter than 8 characters", hint, advice=True)


def _log_or_console(data: dict[str, Value]) -> Findings:
    """The console stands for the log: both would tell everything twice."""
    for name in block_at(data, "servers"):
        path = ("servers", name)
        if block_at(data, *path, "log") and block_at(data, *path, "console"):
            hint = "keep log where the file can be read, or else console"
            yield Finding((*path, "console"), "is set beside log", hint)


def _management(data: dict[str, Value]) -> Findings:
    """A secret that crosses a network is encrypted, and a certificate is asked for where it counts."""
    for name in block_at(data, "servers"):
        path = ("servers", name, "management")
        own = block_at(data, *path)
        tls, host = is_on(own, "tls"), own.get("host", "127.0.0.1")
        if own and not tls and isinstance(host, str) and host not in LOOPBACK:
            hint = "set tls to true, here and in server.properties, or keep the port within one machine"
            yield Finding(
                (*path, "host"),
                "is reached without tls: the secret can be read on the way",
                hint,
                advice=True,
            )
        if own.get("ca-file") is not None and not tls:
            yield Finding((*path, "ca-file"), "counts only with tls", "set tls to true", advice=True)


CHECKS: Final[tuple[Callable[[dict[str, Value]], Findings], ...]] = (
    _names_in_rooms,
    _notice_channels,
    _notice_templates,
    _messages,
    _twice,
    _same_value,
    _ways_in,
    _token,
    _ports,
    _ports_of_servers,
    _website_rooms,
    _lonely,
    _short_passwords,
    _log_or_console,
    _management,
    *OUTSIDE_CHECKS,
    *STATUS_CHECKS,
    *REPORT_CHECKS,
    *WATCHING_CHECKS,
)
