"""Keeps what was read from the game's own files about players; the module ``vanilla`` beside it tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.statistics.vanilla import DayFigures, day_figures, ranked
from bridge.store.statistics.accounts import EVERYWHERE
from bridge.store.times import to_ms_or_none

_COLUMNS: Final = ", ".join(DayFigures._fields)
_VALUES: Final = ", ".join(f":{column}" for column in DayFigures._fields)
_UPDATES: Final = ", ".join(f"{column} = excluded.{column}" for column in DayFigures._fields)


class FileState(NamedTuple):
    """A file about a player, in the state in which it was read; the kind is the number of it."""

    kind: int
    uuid: str
    modified_ms: int
    size: int


class FiguresRead(NamedTuple):
    """What a file of statistics held, as it is stored; made in a thread, as there is some work in it."""

    file: FileState
    day: int  # that it was written on
    body: str  # all figures, as JSON
    ranking: Mapping[str, int]
    main: DayFigures

    @classmethod
    def of(cls, file: FileState, day: int, figures: Mapping[str, int]) -> FiguresRead:
        """Return the figures of a file."""
        body = msgspec.json.encode(figures).decode()
        return cls(file, day, body, ranked(figures), day_figures(figures))


class AdvancementsRead(NamedTuple):
    """What a file of advancements held."""

    file: FileState
    done: Mapping[str, datetime | None]


async def files_read(conn: AsyncConnection, server: int, uuids: Collection[str]) -> set[FileState]:
    """Return the files of these players in the state in which they were read last."""
    rows = await conn.execute(
        text("""
            SELECT files.kind, players.uuid, files.modified_ms, files.size
            FROM vanilla_players AS players
            JOIN vanilla_files AS files ON files.player = players.number AND files.server = :server
            WHERE players.uuid IN :uuids
        """).bindparams(bindparam("uuids", expanding=True)),
        {"server": server, "uuids": list(uuids)},
    )
    return {FileState(int(kind), str(uuid), int(modified), int(size)) for kind, uuid, modified, size in rows}


async def note_reading(tx: AsyncConnection, server: int, day: int) -> None:
    """Note that all files of a server have been read, on that day for the first time."""
    await tx.execute(
        text("""
            INSERT INTO vanilla_servers (server, since_day) VALUES (:server, :day)
            ON CONFLICT (server) DO NOTHING
        """),
        {"server": server, "day": day},
    )


async def note_files(tx: AsyncConnection, server: int, files: Iterable[FileState]) -> None:
    """Note files as read which held nothing that makes sense, so that they are not read again and again."""
    known = list(files)
    numbers = await _numbers(tx, {file.uuid for file in known})
    await _note(tx, server, numbers, known)


async def keep_figures(tx: AsyncConnection, server: int, readings: Sequence[FiguresRead]) -> None:
    """Keep the figures of players in the place of what was known, and how they stood on that day."""
    if not readings:
        return
    numbers = await _numbers(tx, {reading.file.uuid for reading in readings})
    keys = await _keys(tx, {key for reading in readings for key in reading.ranking})
    await _note(tx, server, numbers, [reading.file for reading in readings])
    await tx.execute(
        text("""
            INSERT INTO vanilla_figures (player, server, at_ms, body)
            VALUES (:player, :server, :at_ms, :body)
            ON CONFLICT (player, server) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body
        """),
        [
            {
                "player": numbers[reading.file.uuid],
                "server": server,
                "at_ms": reading.file.modified_ms,
                "body": reading.body,
            }
            for reading in readings
        ],
    )
    for reading in readings:
        ranking = {keys[key]: value for key, value in reading.ranking.items()}
        await _rank(tx, server, numbers[reading.file.uuid], ranking)
    await _keep_days(tx, server, numbers, readings)


async def keep_advancements(tx: AsyncConnection, server: int, readings: Sequence[AdvancementsRead]) -> None:
    """Keep which advancements players have made; one that is not among them any more is forgotten."""
    if not readings:
        return
    numbers = await _numbers(tx, {reading.file.uuid for reading in readings})
    keys = await _keys(tx, {key for reading in readings for key in reading.done})
    await _note(tx, server, numbers, [reading.file for reading in readings])
    await tx.execute(
        text("DELETE FROM vanilla_advancements WHERE player = :player AND server = :server"),
        [{"player": numbers[reading.file.uuid], "server": server} for reading in readings],
    )
    rows = [
        {
            "player": numbers[reading.file.uuid],
            "server": server,
            "key": keys[key],
            "done_ms": to_ms_or_none(at),
        }
        for reading in readings
        for key, at in reading.done.items()
    ]
    if rows:
        await tx.execute(
            text("""
                INSERT INTO vanilla_advancements (player, server, key, done_ms)
                VALUES (:player, :server, :key, :done_ms)
            """),
            rows,
        )


async def name_players(tx: AsyncConnection, names: Mapping[str, str]) -> None:
    """Call the players of these UUIDs so, where there are figures of them."""
    if not names:
        return
    await tx.execute(
        text(
            "UPDATE vanilla_players SET name = :name WHERE uuid = :uuid AND (name IS NULL OR name <> :name)"
        ),
        [{"uuid": uuid, "name": name} for uuid, name in names.items()],
    )


async def _rank(tx: AsyncConnection, server: int, player: int, ranking: Mapping[int, int]) -> None:
    """Write the figures of a player that have changed, most have not, and their sums over all servers."""
    whose = {"player": player, "server": server, "everywhere": EVERYWHERE}
    if ranking:
        await tx.execute(
            text("""
                INSERT INTO vanilla_rankings (player, server, key, value)
                VALUES (:player, :server, :key, :value)
                ON CONFLICT (player, server, key) DO UPDATE SET value = excluded.value
                WHERE vanilla_rankings.value <> excluded.value
            """),
            [
                {"player": player, "server": server, "key": key, "value": value}
                for key, value in ranking.items()
            ],
        )
    held = await tx.execute(
        text("SELECT count(*) FROM vanilla_rankings WHERE player = :player AND server = :server"), whose
    )
    if held.scalar_one() > len(ranking):
        await _forget_others(tx, whose, ranking)
    await tx.execute(
        text("""
            INSERT INTO vanilla_rankings (player, server, key, value)
            SELECT player, :everywhere, key, CAST(sum(value) AS BIGINT) FROM vanilla_rankings
            WHERE player = :player AND server <> :everywhere GROUP BY player, key
            ON CONFLICT (player, server, key) DO UPDATE SET value = excluded.value
            WHERE vanilla_rankings.value <> excluded.value
        """),
        whose,
    )


async def _forget_others(tx: AsyncConnection, whose: Mapping[str, int], ranking: Mapping[int, int]) -> None:
    """Forget figures that a player has no more: the world began anew, or a backup was put back."""
    await tx.execute(
        text("""
            DELETE FROM vanilla_rankings WHERE player = :player AND server = :server AND key NOT IN :keys
        """).bindparams(bindparam("keys", expanding=True)),
        {**whose, "keys": list(ranking)},
    )
    await tx.execute(
        text("DELETE FROM vanilla_rankings WHERE player = :player AND server = :everywhere"), dict(whose)
    )


async def _keep_days(
    tx: AsyncConnection, server: int, numbers: Mapping[str, int], readings: Sequence[FiguresRead]
) -> None:
    await tx.execute(
        text(f"""
            INSERT INTO vanilla_days (player, server, day, {_COLUMNS})
            VALUES (:player, :server, :day, {_VALUES})
            ON CONFLICT (player, server, day) DO UPDATE SET {_UPDATES}
        """),  # noqa: S608 - our own names of columns
        [
            {
                "player": numbers[reading.file.uuid],
                "server": server,
                "day": reading.day,
                **reading.main._asdict(),
            }
            for reading in readings
        ],
    )


async def _note(
    tx: AsyncConnection, server: int, numbers: Mapping[str, int], files: Sequence[FileState]
) -> None:
    if files:
        await tx.execute(
            text("""
                INSERT INTO vanilla_files (server, player, kind, modified_ms, size)
                VALUES (:server, :player, :kind, :modified_ms, :size)
                ON CONFLICT (server, player, kind) DO UPDATE
                SET modified_ms = excluded.modified_ms, size = excluded.size
            """),
            [
                {
                    "server": server,
                    "player": numbers[file.uuid],
                    "kind": file.kind,
                    "modified_ms": file.modified_ms,
                    "size": file.size,
                }
                for file in files
            ],
        )


async def _numbers(tx: AsyncConnection, uuids: Collection[str]) -> dict[str, int]:
    """Return the numbers of players, giving one to those who have none."""
    return await _numbered(tx, "vanilla_players", "uuid", uuids)


async def _keys(tx: AsyncConnection, keys: Collection[str]) -> dict[str, int]:
    """Return the numbers of keys, giving one to those that have none."""
    return await _numbered(tx, "vanilla_keys", "key", keys)


async def _numbered(tx: AsyncConnection, table: str, column: str, wanted: Collection[str]) -> dict[str, int]:
    if not wanted:
        return {}
    known = text(f"SELECT {column}, number FROM {table} WHERE {column} IN :wanted").bindparams(  # noqa: S608 - constants
        bindparam("wanted", expanding=True)
    )
    rows = await tx.execute(known, {"wanted": list(wanted)})
    numbers = {str(value): int(number) for value, number in rows}
    missing = [value for value in wanted if value not in numbers]
    if missing:
        last = (await tx.execute(text(f"SELECT coalesce(max(number), 0) FROM {table}"))).scalar_one()  # noqa: S608 - same
        added = {value: int(last) + place for place, value in enumerate(sorted(missing), 1)}
        await tx.execute(
            text(f"INSERT INTO {table} (number, {column}) VALUES (:number, :value)"),  # noqa: S608 - same
            [{"number": number, "value": value} for value, number in added.items()],
        )
        numbers |= added
    return numbers
