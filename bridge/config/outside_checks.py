"""Checks of hooks, feeds and NamelessMC, like those of :mod:`bridge.config.checks`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

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
    unknown_name,
)
from bridge.config.kinds import kinds_named, known_patterns
from bridge.config.problems import KeyPath, dotted, nearest


def _nameless_names(data: dict[str, Value]) -> Findings:
    servers = block_at(data, "servers")
    for name in block_at(data, "nameless", "servers"):
        if name not in servers:
            yield unknown_name(("nameless", "servers", name), name, "servers", servers)
    yield from names_at(data, ("nameless", "announce-on"), "servers")
    yield from name_at(data, ("nameless", "announcements"), "discord", "channels")


def _nameless_groups(data: dict[str, Value]) -> Findings:
    """Groups need roles to come from and a server that the site knows."""
    path = ("nameless", "group-server")
    yield from name_at(data, path, "nameless", "servers")
    if not block_at(data, "nameless", "groups"):
        return
    if not isinstance(value_at(data, path), str):
        hint = "set group-server to the server that the site synchronises groups with"
        yield Finding(("nameless", "groups"), "needs group-server", hint)
    if not block_at(data, "discord"):
        yield Finding(("nameless", "groups"), "needs the block discord, where the roles are")


def _nameless_works(data: dict[str, Value]) -> Findings:
    url = value_at(data, ("nameless", "url"))
    if isinstance(url, str) and url.startswith("http://") and not is_on(data, "nameless", "allow-private"):
        hint = "write https:// if the site has it"
        yield Finding(
            ("nameless", "url"), "sends the API key for everybody on the way to read", hint, advice=True
        )
    for name in block_at(data, "nameless", "servers"):
        server = block_at(data, "servers").get(name)
        if isinstance(server, dict) and "status" not in server:
            hint = "give the server status ({} asks the usual port on this machine)"
            yield Finding(("nameless", "servers", name), "is never reported", hint, advice=True)


def _hook_rules(data: dict[str, Value]) -> Iterator[KeyPath]:
    for hook in block_at(data, "hooks", "in"):
        then = value_at(data, ("hooks", "in", hook, "then"))
        for number in range(len(then) if isinstance(then, list) else 0):
            yield ("hooks", "in", hook, "then", number)


def _hook_names(data: dict[str, Value]) -> Findings:
    """Channels, servers and commands that hooks name."""
    for rule in _hook_rules(data):
        yield from name_at(data, (*rule, "post", "channel"), "discord", "channels")
        yield from name_at(data, (*rule, "command", "server"), "servers")
        yield from name_at(data, (*rule, "command", "run"), "hooks", "commands")
        yield from names_at(data, (*rule, "say", "servers"), "servers")
    for hook in block_at(data, "hooks", "out"):
        yield from names_at(data, ("hooks", "out", hook, "servers"), "servers")


def _hook_kinds(data: dict[str, Value]) -> Findings:
    for hook in block_at(data, "hooks", "out"):
        for path, kind in texts_at(data, "hooks", "out", hook, "kinds"):
            if not kinds_named(kind):
                hint = (
                    nearest(kind, known_patterns()) or "docs/events.md lists them; an area is such as chat.*"
                )
                yield Finding(path, f"'{kind[:60]}' is not a kind of event", hint)


def _hook_commands(data: dict[str, Value]) -> Findings:
    """Who sends a hook fills fields in, and must not choose the command; a server needs a console."""
    for name, line in block_at(data, "hooks", "commands").items():
        if isinstance(line, str) and line.strip().removeprefix("/").lstrip().startswith("{"):
            hint = "write the command itself: whoever sends the hook fills in the fields"
            yield Finding(("hooks", "commands", name), "begins with a field", hint)
    for rule in _hook_rules(data):
        path = (*rule, "command", "server")
        server = value_at(data, path)
        own = block_at(data, "servers").get(server) if isinstance(server, str) else None
        if isinstance(own, dict) and own.get("rcon") is None:
            yield Finding(path, f"'{server}' has no console", "give it rcon")


def _hook_works(data: dict[str, Value]) -> Findings:
    for rule in _hook_rules(data):
        block = block_at(data, *rule)
        if not any(block.get(what) for what in ("post", "say", "command")):
            yield Finding(rule, "does nothing", "give it post, say or command", advice=True)
    for hook, own in block_at(data, "hooks", "in").items():
        if isinstance(own, dict) and own.get("kind") == "nameless" and not own.get("allow"):
            hint = "write the site's address into allow: NamelessMC signs nothing"
            yield Finding(
                ("hooks", "in", hook), "takes what anybody sends who learns the address", hint, advice=True
            )
    if block_at(data, "hooks", "in") and is_off(data, "website", "enabled"):
        hint = "set website.enabled to true"
        yield Finding(("hooks", "in"), "needs the website, which is switched off", hint)


def _hook_secrets(data: dict[str, Value]) -> Findings:
    """Whoever knows one secret can send to, or speak for, everything else that it signs."""
    seen: dict[str, KeyPath] = {}
    for way in ("in", "out"):
        for hook, own in block_at(data, "hooks", way).items():
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
    for feed in block_at(data, "feeds"):
        yield from name_at(data, ("feeds", feed, "channel"), "discord", "channels")
        yield from names_at(data, ("feeds", feed, "servers"), "servers")
        own = block_at(data, "feeds", feed)
        if own and not own.get("channel") and not own.get("servers"):
            hint = "give it channel, or servers"
            yield Finding(("feeds", feed), "is read, but nobody is told", hint, advice=True)


def _feed_private(data: dict[str, Value]) -> Findings:
    for feed in block_at(data, "feeds"):
        url = value_at(data, ("feeds", feed, "url"))
        allowed = is_on(data, "feeds", feed, "allow-private")
        if isinstance(url, str) and not allowed and _host(url) in LOOPBACK:
            hint = "set allow-private to true if that is meant"
            message = "is on this machine and is not looked at"
            yield Finding(("feeds", feed, "url"), message, hint, advice=True)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # what is wrong with it is told where its form is checked
        return None


OUTSIDE_CHECKS: Final = (
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
