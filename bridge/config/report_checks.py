"""Checks of reports and mail, like those of :mod:`bridge.config.checks`."""

from __future__ import annotations

from typing import Final

from bridge.config.document import Value, value_at
from bridge.config.findings import LOOPBACK, Finding, Findings, block_at, name_at
from bridge.config.problems import KeyPath

_KINDS: Final = ("weekly", "monthly")


def _reports(data: dict[str, Value]) -> Findings:
    """A report needs somebody to come to, and a way there."""
    for kind in _KINDS:
        path: KeyPath = ("reports", kind)
        if not isinstance(value_at(data, path), dict):
            continue
        channel, mail = value_at(data, (*path, "channel")), value_at(data, (*path, "mail"))
        yield from name_at(data, (*path, "channel"), "discord", "channels")
        if not channel and not mail:
            yield Finding(path, "needs channel or mail", "without them nobody gets it")
        if channel and not block_at(data, "discord"):
            yield Finding((*path, "channel"), "needs the block discord, where the channels are")
        if mail and not block_at(data, "mail"):
            yield Finding((*path, "mail"), "needs the block mail, with the mail server")


def _mail(data: dict[str, Value]) -> Findings:
    """A log-in is whole, and does not cross a network in the open."""
    mail = block_at(data, "mail")
    if bool(mail.get("user")) != bool(mail.get("password")):
        yield Finding(("mail",), "needs both user and password, or neither")
    if mail.get("tls") == "none" and mail.get("password") and mail.get("host") not in LOOPBACK:
        yield Finding(("mail", "tls"), "would send the password in the open", "write tls: starttls")


REPORT_CHECKS: Final = (_reports, _mail)
