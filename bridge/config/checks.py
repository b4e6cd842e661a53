"""Checks that need more than one value: names that must exist, things that exclude each other.

They look at the plain values, so that they also speak when some other value is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from bridge.config.document import Value, value_at
from bridge.config.kinds import kinds_named, known_patterns
from bridge.config.problems import KeyPath, dotted, nearest
from bridge.locales.catalogue import Catalogue
from bridge.locales.files import BASE, LANGUAGES, CatalogueError
from bridge.text.template import ALIASES, placeholders

_TOKEN: Final = re.compile(r"[\w-]{20,40}\.[\w-]{5,8}\.[\w-]{25,60}")
_DISCORD: Final = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com(?:/|$)")
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1", "0.0.0.0"))  # noqa: S104 - compared, not bound
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


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say about one place; *advice* keeps nothing from starting."""

    path: KeyPath
    message: str
    hint: str | None = None
    advice: bool = False


Findings: TypeAlias = Iterator[Finding]


def findings(data: dict[str, Value]) -> Findings:
    """Yield what every check finds in the filled-in values."""
    for check in CHECKS:
        yield from check(data)


def _block(data: Value, *path: str | int) -> dict[str, Value]:
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def _texts(data: Value, *path: str | int) -> Iterator[tuple[KeyPath, str]]:
    found = value_at(data, path)
    for index, item in enumerate(found if isinstance(found, list) else []):
        if isinstance(item, str):
            yield (*path, index), item


def _is_on(data: Value, *path: str | int) -> bool:
    return value_at(data, path) in (True, "true", "on", "yes")


def _is_off(data: Value, *path: str | int) -> bool:
    return value_at(data, path) in (False, "false", "off", "no")


def _unknown(path: KeyPath, name: str, where: str, known: dict[str, Value]) -> Finding:
    hint = nearest(name, known) or (f"known are: {', '.join(known)}" if known else f"{where} is empty")
    return Finding(path, f"'{name[:60]}' is not a name under {where}", hint)


def _name_at(data: dict[str, Value], path: KeyPath, *known: str) -> Findings:
    """See that the name at a place is a key of a block."""
    name, block = value_at(data, path), _block(data, *known)
    if isinstance(name, str) and name not in block:
        yield _unknown(path, name, dotted(known), block)


def _names_at(data: dict[str, Value], path: KeyPath, *known: str) -> Findings:
    """See that every name in a list is a key of a block."""
    for each, _ in _texts(data, *path):
        yield from _name_at(data, each, *known)


def _names_in_rooms(data: dict[str, Value]) -> Findings:
    for room in _block(data, "rooms"):
        yield from _names_at(data, ("rooms", room, "servers"), "servers")
        yield from _names_at(data, ("rooms", room, "channels"), "discord", "channels")


def _notice_channels(data: dict[str, Value]) -> Findings:
    for kind in _block(data, "notices"):
        yield from _name_at(data, ("notices", kind, "channel"), "discord", "channels")


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
    for key, value in _block(data, "messages").items():
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
        for room in _block(data, "rooms"):
            for path, name in _texts(data, "rooms", room, ends):
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
        for name in _block(data, *above):
            path = (*above, name, *below)
            value = value_at(data, path)
            if isinstance(value, str) and (first := seen.setdefault(value, name)) != name:
                yield Finding(path, f"is {what} as {dotted((*above, first, *below))}")


def _ways_in(data: dict[str, Value]) -> Findings:
    for name, server in _block(data, "servers").items():
        if isinstance(server, dict) and not any(server.get(way) for way in ("log", "rcon", "status")):
            hint = "give it log, rcon or status (status: {} asks the usual port on this machine)"
            if not any(way in server and server[way] is not None for way in ("log", "rcon", "status")):
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
    """Yield where every RCON and status port is: its block, its host and its port."""
    for name in _block(data, "servers"):
        for way, usual in (("rcon", 25575), ("status", 25565)):
            path = ("servers", name, way)
            if isinstance(value_at(data, path), dict):
                host, port = value_at(data, (*path, "host")), value_at(data, (*path, "port"))
                yield path, str(host or "127.0.0.1"), str(port or usual)


def _ports(data: dict[str, Value]) -> Findings:
    if _is_off(data, "website", "enabled"):
        return
    port = _block(data, "website").get("port", 8080)
    for path, host, theirs in _places(data):
        if host in _LOOPBACK and theirs == str(port):
            yield Finding(("website", "port"), f"is the port of {dotted(path)}", "choose another one")


def _rcon_and_status(data: dict[str, Value]) -> Findings:
    """The two ports of a server are different ones, and no two servers share one."""
    seen: dict[tuple[str, str], KeyPath] = {}
    for path, host, port in _places(data):
        first = seen.setdefault((host, port), path)
        if first is not path:
            at = (*path, "port") if value_at(data, (*path, "port")) else path
            yield Finding(at, f"is the same host and port as {dotted(first)}")


def _website_rooms(data: dict[str, Value]) -> Findings:
    if not _is_off(data, "website", "enabled"):
        return
    for room in _block(data, "rooms"):
        if value_at(data, ("rooms", room, "website")) in ("read", "write"):
            hint = "set website.enabled to true, or this to off"
            yield Finding(("rooms", room, "website"), "needs the website, which is switched off", hint)


def _lonely(data: dict[str, Value]) -> Findings:
    """Rooms where nobody else listens, servers that nobody hears."""
    rooms = _block(data, "rooms")
    heard: set[str] = set()
    for room in rooms:
        servers = [name for _, name in _texts(data, "rooms", room, "servers")]
        channels = [name for _, name in _texts(data, "rooms", room, "channels")]
        heard.update(servers)
        site = value_at(data, ("rooms", room, "website")) in ("read", "write")
        if len(servers) + len(channels) + site < 2:
            yield Finding(("rooms", room), "has fewer than two ends: nothing to relay", advice=True)
    for name in _block(data, "servers"):
        if rooms and name not in heard:
            yield Finding(("servers", name), "is in no room: its chat goes nowhere", advice=True)


def _short_passwords(data: dict[str, Value]) -> Findings:
    for name in _block(data, "servers"):
        path = ("servers", name, "rcon", "password")
        password = value_at(data, path)
        if isinstance(password, str) and 0 < len(password) < 8:
            hint = "whoever guesses it owns the server; take a long random one"
            yield Finding(path, "is shorter than 8 characters", hint, advice=True)


def _nameless_names(data: dict[str, Value]) -> Findings:
    servers = _block(data, "servers")
    for name in _block(data, "nameless", "servers"):
        if name not in servers:
            yield _unknown(("nameless", "servers", name), name, "servers", servers)
    yield from _names_at(data, ("nameless", "announce-on"), "servers")
    yield from _name_at(data, ("nameless", "announcements"), "discord", "channels")


def _nameless_groups(data: dict[str, Value]) -> Findings:
    """Groups need roles to come from and a server that the site knows."""
    path = ("nameless", "group-server")
    yield from _name_at(data, path, "nameless", "servers")
    if not _block(data, "nameless", "groups"):
        return
    if not isinstance(value_at(data, path), str):
        hint = "set group-server to the server that the site synchronises groups with"
        yield Finding(("nameless", "groups"), "needs group-server", hint)
    if not _block(data, "discord"):
        yield Finding(("nameless", "groups"), "needs the block discord, where the roles are")


def _nameless_works(data: dict[str, Value]) -> Findings:
    url = value_at(data, ("nameless", "url"))
    if isinstance(url, str) and url.startswith("http://") and not _is_on(data, "nameless", "allow-private"):
        hint = "write https:// if the site has it"
        yield Finding(
            ("nameless", "url"), "sends the API key for everybody on the way to read", hint, advice=True
        )
    for name in _block(data, "nameless", "servers"):
        server = _block(data, "servers").get(name)
        if isinstance(server, dict) and "status" not in server:
            hint = "give the server status ({} asks the usual port on this machine)"
            yield Finding(("nameless", "servers", name), "is never reported", hint, advice=True)


def _hook_rules(data: dict[str, Value]) -> Iterator[KeyPath]:
    for hook in _block(data, "hooks", "in"):
        then = value_at(data, ("hooks", "in", hook, "then"))
        for number in range(len(then) if isinstance(then, list) else 0):
            yield ("hooks", "in", hook, "then", number)


def _hook_names(data: dict[str, Value]) -> Findings:
    """Channels, servers and commands that hooks name."""
    for rule in _hook_rules(data):
        yield from _name_at(data, (*rule, "post", "channel"), "discord", "channels")
        yield from _name_at(data, (*rule, "command", "server"), "servers")
        yield from _name_at(data, (*rule, "command", "run"), "hooks", "commands")
        yield from _names_at(data, (*rule, "say", "servers"), "servers")
    for hook in _block(data, "hooks", "out"):
        yield from _names_at(data, ("hooks", "out", hook, "servers"), "servers")


def _hook_kinds(data: dict[str, Value]) -> Findings:
    for hook in _block(data, "hooks", "out"):
        for path, kind in _texts(data, "hooks", "out", hook, "kinds"):
            if not kinds_named(kind):
                hint = (
                    nearest(kind, known_patterns()) or "docs/events.md lists them; an area is such as chat.*"
                )
                yield Finding(path, f"'{kind[:60]}' is not a kind of event", hint)


def _hook_commands(data: dict[str, Value]) -> Findings:
    """Who sends a hook fills fields in, and must not choose the command; a server needs a console."""
    for name, line in _block(data, "hooks", "commands").items():
        if isinstance(line, str) and line.strip().removeprefix("/").lstrip().startswith("{"):
            hint = "write the command itself: whoever sends the hook fills in the fields"
            yield Finding(("hooks", "commands", name), "begins with a field", hint)
    for rule in _hook_rules(data):
        path = (*rule, "command", "server")
        server = value_at(data, path)
        own = _block(data, "servers").get(server) if isinstance(server, str) else None
        if isinstance(own, dict) and own.get("rcon") is None:
            yield Finding(path, f"'{server}' has no console", "give it rcon")


def _hook_works(data: dict[str, Value]) -> Findings:
    for rule in _hook_rules(data):
        block = _block(data, *rule)
        if not any(block.get(what) for what in ("post", "say", "command")):
            yield Finding(rule, "does nothing", "give it post, say or command", advice=True)
    for hook, own in _block(data, "hooks", "in").items():
        if isinstance(own, dict) and own.get("kind") == "nameless" and not own.get("allow"):
            hint = "write the site's address into allow: NamelessMC signs nothing"
            yield Finding(
                ("hooks", "in", hook), "takes what anybody sends who learns the address", hint, advice=True
            )
    if _block(data, "hooks", "in") and _is_off(data, "website", "enabled"):
        hint = "set website.enabled to true"
        yield Finding(("hooks", "in"), "needs the website, which is switched off", hint)


def _hook_secrets(data: dict[str, Value]) -> Findings:
    """Whoever knows one secret can send to, or speak for, everything else that it signs."""
    seen: dict[str, KeyPath] = {}
    for way in ("in", "out"):
        for hook, own in _block(data, "hooks", way).items():
            for key in ("secret", "previous-secret"):
                path = ("hooks", way, hook, key)
                secret = value_at(data, path)
                if not isinstance(secret, str) or not secret:
                    continue
                first = seen.setdefault(secret, path)
                if first is not path:
                    hint = "give each its own, such as from: openssl rand -hex 32"
                    yield Finding(path, f"is the same secret as {dotted(first)}", hint, advice=True)
                nameless = isinstance(own, dict) and own.get("kind") == "nameless"
                if nameless and re.fullmatch(r"[\w.~-]*", secret, re.ASCII) is None:
                    hint = "use letters, digits, '-' and '_' only"
                    yield Finding(path, "stands in an address, where not every character can", hint)


def _feed_names(data: dict[str, Value]) -> Findings:
    """Channels and servers that feeds name; without any, new entries are kept and told to nobody."""
    for feed in _block(data, "feeds"):
        yield from _name_at(data, ("feeds", feed, "channel"), "discord", "channels")
        yield from _names_at(data, ("feeds", feed, "servers"), "servers")
        own = _block(data, "feeds", feed)
        if own and not own.get("channel") and not own.get("servers"):
            hint = "give it channel, or servers"
            yield Finding(("feeds", feed), "is read, but nobody is told", hint, advice=True)


def _feed_private(data: dict[str, Value]) -> Findings:
    for feed in _block(data, "feeds"):
        url = value_at(data, ("feeds", feed, "url"))
        allowed = _is_on(data, "feeds", feed, "allow-private")
        if isinstance(url, str) and not allowed and _host(url) in _LOOPBACK:
            hint = "set allow-private to true if that is meant"
            message = "is on this machine and is not looked at"
            yield Finding(("feeds", feed, "url"), message, hint, advice=True)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # what is wrong with it is told where its form is checked
        return None


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
    _rcon_and_status,
    _website_rooms,
    _lonely,
    _short_passwords,
    _nameless_names,
    _nameless_groups,
    _nameless_works,
    _hook_names,
    _hook_kinds,
    _hook_commands,
    _hook_works,
    _hook_secrets,
    _feed_names,
    _feed_private,
)
