"""Who a message would really notify, after Discord's ``allowed_mentions``.

Where Discord is lenient (code blocks, backslashes) this counts the mention all the same: a test that
sees nobody pinged here can rely on it there.
"""

from __future__ import annotations

import re
from typing import Final

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.errors import FormErrors
from bridge.simulator.discord.values import JsonObject, Pings

_USER: Final = re.compile(r"<@!?(\d+)>")
_ROLE: Final = re.compile(r"<@&(\d+)>")
_EVERYONE: Final = re.compile(r"@(?:everyone|here)", re.IGNORECASE)
_KINDS: Final = ("users", "roles", "everyone")


def check_allowed_mentions(allowed: JsonObject, errors: FormErrors) -> None:
    """Note what is wrong with an ``allowed_mentions`` object."""
    parse = allowed.get("parse") or []
    for index, kind in enumerate(parse):
        if kind not in _KINDS:
            errors.add(
                f"allowed_mentions.parse.{index}", "BASE_TYPE_CHOICES", f"Value must be one of {_KINDS}."
            )
    for kind in ("users", "roles"):
        named = allowed.get(kind) or []
        if named and kind in parse:
            errors.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )
        if len(named) > 100:
            errors.bad_length(f"allowed_mentions.{kind}", 0, 100)


def pings_of(
    content: str,
    allowed: JsonObject | None,
    *,
    users: frozenset[Snowflake],
    roles: frozenset[Snowflake],
    everyone: bool,
    answered: Snowflake | None = None,
) -> Pings:
    """Return who is notified.

    Args:
        content: The text of the message; embeds never notify.
        allowed: The ``allowed_mentions`` of the request; without it everything counts.
        users: The members that exist.
        roles: The roles that this author may mention.
        everyone: Whether this author may mention everyone.
        answered: The writer of the message that this one answers.
    """
    return Pings(
        everyone=everyone and _allows(allowed, "everyone") and _EVERYONE.search(content) is not None,
        users=_named(_USER, content, allowed, "users", users),
        roles=_named(_ROLE, content, allowed, "roles", roles),
        replied=answered if allowed is None or allowed.get("replied_user") else None,
    )


def _allows(allowed: JsonObject | None, kind: str) -> bool:
    return allowed is None or kind in (allowed.get("parse") or ())


def _named(
    pattern: re.Pattern[str],
    content: str,
    allowed: JsonObject | None,
    kind: str,
    known: frozenset[Snowflake],
) -> tuple[Snowflake, ...]:
    if "<@" not in content:
        return ()
    found = dict.fromkeys(Snowflake(one) for one in pattern.findall(content))
    if _allows(allowed, kind):
        return tuple(one for one in found if one in known)
    listed = {str(one) for one in (allowed or {}).get(kind) or ()}
    return tuple(one for one in found if one in known and one in listed)
