"""``server.properties``: what the server is called, and the ports it opens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from bridge.minecraft.files.reading import read_whole

FILE: Final = "server.properties"
_KEY: Final = re.compile(r"((?:\\.|[^\\=:\s])*)[ \t\f]*[=:]?[ \t\f]*(.*)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SPECIAL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class ServerProperties(NamedTuple):
    """What the bridge wants to know of a server's properties; None where they do not say."""

    level_name: str = "world"
    server_port: int | None = None
    rcon_port: int | None = None
    query_port: int | None = None
    rcon: bool = False  # switched on
    query: bool = False
    online_mode: bool = True


def read_properties(folder: Path) -> ServerProperties:
    """Return the properties of the server in *folder*; the password among them is not kept.

    Raises:
        FileUnreadable: They cannot be read.
    """
    values = read_whole(folder / FILE, parse_properties)
    port = _port(values.get("server-port"))
    return ServerProperties(
        level_name=values.get("level-name") or "world",
        server_port=port,
        rcon_port=_port(values.get("rcon.port")),
        query_port=_port(values.get("query.port")) or port,
        rcon=values.get("enable-rcon") == "true",
        query=values.get("enable-query") == "true",
        online_mode=values.get("online-mode") != "false",
    )


def parse_properties(data: bytes) -> dict[str, str]:
    """Return the pairs of a Java properties file, the last one where a key stands twice."""
    values: dict[str, str] = {}
    for line in _logical_lines(data.decode("utf-8", "replace")):
        found = _KEY.match(line)
        if found is not None and found[1]:
            values[_unescaped(found[1])] = _unescaped(found[2])
    return values


def _logical_lines(content: str) -> list[str]:
    """Return the lines without comments; one that ends with a backslash goes on in the next."""
    lines: list[str] = []
    going_on = ""
    for raw in re.split(r"\r\n|\r|\n", content):
        line = raw.lstrip(" \t\f")
        if not going_on and line[:1] in ("", "#", "!"):
            continue
        line = going_on + line
        backslashes = len(line) - len(line.rstrip("\\"))
        if backslashes % 2:
            going_on = line[:-1]
            continue
        going_on = ""
        lines.append(line)
    return [*lines, going_on] if going_on else lines


def _unescaped(value: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return _SPECIAL.get(found[2], found[2])

    text = _ESCAPE.sub(plain, value)
    # Characters beyond the first 65,536 are written as two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _port(value: str | None) -> int | None:
    if value is None or not re.fullmatch(r"[0-9]{1,5}", value):
        return None
    port = int(value)
    return port if 0 < port < 65536 else None
