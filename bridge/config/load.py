"""A settings file to frozen settings, or to everything that is wrong with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bridge.config.checks import findings
from bridge.config.document import Document, read_document
from bridge.config.fill import Filled, fill
from bridge.config.folders import folder_of_log
from bridge.config.problems import KeyPath, Problem, SettingsError
from bridge.config.settings import BridgeSettings, RoomSettings
from bridge.config.wording import worded


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings that can be used, where they came from, and what is worth a second look."""

    settings: BridgeSettings
    path: Path
    warnings: tuple[Problem, ...] = ()


def load(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read a settings file; variables come from *environ*, the process's own when None.

    Paths in the result are absolute; when no rooms are set there is one, see :func:`with_default_room`.

    Raises:
        SettingsError: With every problem found, in the order of the file.
    """
    file = str(path)
    document, problems = read_document(_text_of(path), file)
    filled = fill(document, os.environ if environ is None else environ, path.parent)
    settings, errors = _validated(filled)
    found = [*problems, *filled.problems, *worded(document, filled, errors)]
    warnings = [*filled.warnings, *_readable_by_all(document, filled, path)]
    for finding in findings(filled.data):
        if not any(finding.path[: len(spoiled)] == spoiled for spoiled in filled.spoiled):
            kind = warnings if finding.advice else found
            kind.append(document.problem(finding.path, finding.message, finding.hint))
    if found or settings is None:
        raise SettingsError(_in_order(found))
    settings = with_default_room(with_absolute_paths(settings, path.parent.absolute()))
    return Loaded(settings=settings, path=path, warnings=_in_order(warnings))


def with_default_room(settings: BridgeSettings) -> BridgeSettings:
    """Return settings that have a room: where none is set, ``main``, as most people need it.

    It has every server and one Discord channel: the one named ``main``, or else the first. Without Discord
    the website can read it, so that there is a second end.
    """
    if settings.rooms:
        return settings
    channels = list(settings.discord.channels) if settings.discord else []
    first = "main" if "main" in channels else next(iter(channels), None)
    room = RoomSettings(
        servers=tuple(settings.servers),
        channels=() if first is None else (first,),
        website="off" if channels else "read",
    )
    return settings.model_copy(update={"rooms": {"main": room}})


def with_absolute_paths(settings: BridgeSettings, folder: Path) -> BridgeSettings:
    """Return settings whose paths are absolute: relative ones start in *folder*, ``~`` at home.

    A server's folder is filled in where its log tells it.
    """
    servers = {}
    for name, server in settings.servers.items():
        update: dict[str, object] = {}
        if server.log is not None:
            path = _absolute(server.log.path, folder)
            update = {"log": server.log.model_copy(update={"path": path}), "folder": folder_of_log(path)}
        if server.folder is not None:
            update["folder"] = _absolute(server.folder, folder)
        if server.management is not None and (ca_file := server.management.ca_file) is not None:
            update["management"] = server.management.model_copy(
                update={"ca_file": _absolute(ca_file, folder)}
            )
        servers[name] = server.model_copy(update=update)
    return settings.model_copy(update={"servers": servers, "data": _absolute(settings.data, folder)})


def _absolute(path: Path, folder: Path) -> Path:
    try:
        return folder / path.expanduser()
    except RuntimeError:  # "~nobody" without a home is a folder of that name
        return folder / path


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message, line = "there is no such file", 0
        hint = "copy configs/minimal.yml and change it, or name another file"
    except UnicodeDecodeError as exc:
        message, line = "is not UTF-8", bytes(exc.object).count(b"\n", 0, exc.start) + 1
        hint = "save it as UTF-8 in your editor"
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        message, line, hint = f"cannot be read: {reason.lower()}", 0, "name a file that this user may read"
    raise SettingsError([Problem(file=str(path), line=line, key="", message=message, hint=hint)])


def _validated(filled: Filled) -> tuple[BridgeSettings | None, list[ErrorDetails]]:
    try:
        return BridgeSettings.model_validate(filled.data, by_alias=True, by_name=False), []
    except ValidationError as exc:
        return None, exc.errors(include_url=False, include_input=False)


def _readable_by_all(document: Document, filled: Filled, path: Path) -> list[Problem]:
    """Warn when secrets stand in a file that everybody on the machine can read."""
    secrets: list[KeyPath] = [("discord", "token"), ("mail", "password")]
    for name in _servers(filled):
        secrets += [("servers", name, "rcon", "password"), ("servers", name, "management", "secret")]
        secrets.append(("servers", name, "console", "password"))
    written = [at for at in secrets if at in document.lines and at not in filled.written]
    if not written or not path.stat().st_mode & stat.S_IROTH:
        return []
    hint = f"chmod 600 {path}, or use a variable or a file"
    return [document.problem(written[0], "everybody on this machine can read this secret", hint)]


def _servers(filled: Filled) -> list[str]:
    servers = filled.data.get("servers")
    return list(servers) if isinstance(servers, dict) else []


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line))
