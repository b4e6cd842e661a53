"""A database as the plugin Plan keeps it: the tables and columns that tell of sessions, in both layouts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

MIRA: Final = "11111111-2222-4333-8444-555555555555"
NOAH: Final = "11111111-2222-4333-8444-666666666666"
NAMES: Final = {MIRA: "Mira", NOAH: "Noah"}
PLAN: Final = "99999999-2222-4333-8444-999999999999"

_NEW: Final = """
    CREATE TABLE plan_servers (id INTEGER PRIMARY KEY, uuid TEXT, name TEXT);
    CREATE TABLE plan_users (id INTEGER PRIMARY KEY, uuid, registered, name, times_kicked INTEGER);
    CREATE TABLE plan_user_info (id INTEGER PRIMARY KEY, user_id INTEGER, server_id INTEGER, registered);
    CREATE TABLE plan_sessions (id INTEGER PRIMARY KEY, user_id INTEGER, server_id INTEGER, session_start,
        session_end, mob_kills INTEGER, deaths INTEGER, afk_time INTEGER, join_address_id INTEGER);
"""
_OLD: Final = """
    CREATE TABLE plan_servers (id INTEGER PRIMARY KEY, uuid TEXT, name TEXT);
    CREATE TABLE plan_users (id INTEGER PRIMARY KEY, uuid, registered, name, times_kicked INTEGER);
    CREATE TABLE plan_user_info (id INTEGER PRIMARY KEY, uuid TEXT, server_uuid TEXT, registered);
    CREATE TABLE plan_sessions (id INTEGER PRIMARY KEY, uuid TEXT, server_uuid TEXT, session_start,
        session_end, mob_kills INTEGER, deaths INTEGER, afk_time INTEGER);
"""


class Layout(StrEnum):
    """How sessions name their player and server."""

    BY_NUMBER = "by number"
    BY_UUID = "by uuid"


class Stay(NamedTuple):
    """A session."""

    uuid: str
    began: datetime
    ended: datetime


def ms(at: datetime) -> int:
    """Return a time as Plan writes it."""
    return int(at.timestamp() * 1000)


def write_plan(
    path: Path, stays: Iterable[Stay], *, layout: Layout = Layout.BY_NUMBER, servers: Iterable[str] = (PLAN,)
) -> None:
    """Write a database in which each of the servers has these sessions."""
    conn = sqlite3.connect(path)
    conn.executescript(_NEW if layout is Layout.BY_NUMBER else _OLD)
    users: dict[str, int] = {}
    for number, server in enumerate(servers, 1):
        conn.execute("INSERT INTO plan_servers VALUES (?, ?, ?)", (number, server, f"Server {number}"))
        for stay in stays:
            known = stay.uuid in users
            user = users.setdefault(stay.uuid, len(users) + 1)
            who = (user, number) if layout is Layout.BY_NUMBER else (stay.uuid, server)
            came = ms(stay.began)
            if not known:
                name = NAMES.get(stay.uuid, "Nobody")
                conn.execute("INSERT INTO plan_users VALUES (?, ?, ?, ?, 0)", (user, stay.uuid, came, name))
                conn.execute("INSERT INTO plan_user_info VALUES (NULL, ?, ?, ?)", (*who, came))
            more = ", 1" if layout is Layout.BY_NUMBER else ""
            conn.execute(
                f"INSERT INTO plan_sessions VALUES (NULL, ?, ?, ?, ?, 0, 0, 0{more})",  # noqa: S608 - constant
                (*who, came, ms(stay.ended)),
            )
    conn.commit()
    conn.close()
