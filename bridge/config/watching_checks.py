"""Checks of alerts and maintenance, like those of :mod:`bridge.config.checks`."""

from __future__ import annotations

import contextlib
from typing import Final

from bridge.config.document import Value, value_at
from bridge.config.findings import Finding, Findings, block_at, name_at, names_at
from bridge.config.problems import KeyPath
from bridge.config.watching import MEASURED, AlertKind, moment


def _items(data: dict[str, Value], key: str) -> list[tuple[KeyPath, dict[str, Value]]]:
    found = data.get(key)
    items = found if isinstance(found, list) else []
    return [((key, at), item) for at, item in enumerate(items) if isinstance(item, dict)]


def _alert_names(data: dict[str, Value]) -> Findings:
    for path, _ in _items(data, "alerts"):
        yield from names_at(data, (*path, "servers"), "servers")
        yield from name_at(data, (*path, "channel"), "discord", "channels")


def _alert_values(data: dict[str, Value]) -> Findings:
    """What is measured needs a limit, and needs a way to be measured."""
    for path, alert in _items(data, "alerts"):
        what = alert.get("what")
        if not isinstance(what, str) or what not in list(AlertKind):
            continue
        if what in MEASURED and alert.get("value") is None:
            yield Finding(path, f"needs a value: the limit of {what}", "such as value: 15")
        if what not in MEASURED and alert.get("value") is not None:
            yield Finding((*path, "value"), f"means nothing for {what}", "take it out")


def _maintenance(data: dict[str, Value]) -> Findings:
    for path, window in _items(data, "maintenance"):
        yield from names_at(data, (*path, "servers"), "servers")
        weekly, once = window.get("every") is not None, window.get("from") is not None
        if weekly == once:
            yield Finding(path, "needs one of every and from", "such as every: sunday 04:00")
        begins, ends = window.get("from"), window.get("to")
        if ends is not None and not once:
            yield Finding((*path, "to"), "needs from", "such as from: 2026-12-01 20:00")
        elif isinstance(begins, str) and isinstance(ends, str):
            with contextlib.suppress(ValueError):  # told where the value stands
                if moment(ends) <= moment(begins):
                    yield Finding((*path, "to"), "is not after from")


def _silent_alerts(data: dict[str, Value]) -> Findings:
    if _items(data, "alerts") and not block_at(data, "discord"):
        yield Finding(("alerts",), "needs the block discord, where the channels are")


def _unmeasured(data: dict[str, Value]) -> Findings:
    """What only the console tells is not known of servers without one."""
    for path, alert in _items(data, "alerts"):
        if alert.get("what") not in ("tps-below", "mspt-above"):
            continue
        named = value_at(data, (*path, "servers"))
        for name, server in block_at(data, "servers").items():
            if isinstance(named, list) and named and name not in named:
                continue
            if isinstance(server, dict) and server.get("rcon") is None:
                hint = "only the console tells how fast a server ticks: give it rcon"
                yield Finding(path, f"is never told of '{name}', which has no rcon", hint, advice=True)


WATCHING_CHECKS: Final = (_alert_names, _alert_values, _maintenance, _silent_alerts, _unmeasured)
